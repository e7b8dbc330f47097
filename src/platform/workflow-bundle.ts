import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { bundleWorkflowCode, type WorkflowBundleOption } from '@temporalio/worker';
import { whereabouts } from '../kit/worker';
import { packageRoot } from './package';

/** Where the build keeps the workflow code of all processes, bundled for the worker's sandbox. */
export const bundlePath = join(packageRoot, 'dist', 'workflow-bundle.js');

/** Bundle the workflow code of all processes, with what records their steps. */
export async function bundleWorkflows(): Promise<{ code: string }> {
  const { code } = await bundleWorkflowCode({
    workflowsPath: require.resolve('../processes/workflows'),
    plugins: [whereabouts()],
    logger: { trace() {}, debug() {}, info() {}, log() {}, warn: console.warn, error: console.error },
  });
  return { code };
}

/** The bundle of the build when this is built code, else one made now. */
export async function loadWorkflows(): Promise<WorkflowBundleOption> {
  const built = __dirname === join(packageRoot, 'dist', 'platform');
  return built && existsSync(bundlePath) ? { codePath: bundlePath } : bundleWorkflows();
}
