import {
  bundleWorkflowCode,
  DefaultLogger,
  type BundlerPlugin,
  type WorkflowBundleWithSourceMap,
} from '@temporalio/worker';

/** The workflows of a project that has never heard of Whereabouts. */
export const workflowsPath = require.resolve('./project/src/workflows');

/** Bundles them ahead, as projects do that start many workers. */
export function bundleAhead(plugins: BundlerPlugin[]): Promise<WorkflowBundleWithSourceMap> {
  return bundleWorkflowCode({ workflowsPath, plugins, logger: new DefaultLogger('ERROR', () => undefined) });
}
