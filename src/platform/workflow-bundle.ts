import { join } from 'node:path';
import { bundleWorkflowCode, type WorkflowBundleOption } from '@temporalio/worker';
import { whereabouts } from '../kit/worker';
import { isNewerThan } from './built';
import { packageRoot } from './package';

/** Where the build keeps the workflow code of all processes, bundled for the worker's sandbox. */
export const bundlePath = join(packageRoot, 'dist', 'workflow-bundle.js');

/** Bundle the workflow code of all processes, with what records their steps and tells of them. */
export async function bundleWorkflows(): Promise<{ code: string }> {
  const { code } = await bundleWorkflowCode({
    workflowsPath: require.resolve('../processes/workflows'),
    plugins: [whereabouts({ report: () => Promise.resolve() })],
    logger: { trace() {}, debug() {}, info() {}, log() {}, warn: console.warn, error: console.error },
  });
  return { code };
}

/** The bundle of the build, unless sources that go into it were changed since: then one made now. */
export async function loadWorkflows(): Promise<WorkflowBundleOption> {
  return isNewerThan(bundlePath, ['kit', 'processes']) ? { codePath: bundlePath } : bundleWorkflows();
}
