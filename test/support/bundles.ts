import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundleWorkflowCode, DefaultLogger, type BundlerPlugin } from '@temporalio/worker';
import { fromSetup } from './from-setup';

/**
 * The workflows of a file as one bundle. The first to ask in a run of the tests makes it for all that ask with the same
 * plugins; options of plugins are not told apart.
 */
export async function bundleOnce(workflowsPath: string, plugins: BundlerPlugin[]): Promise<{ codePath: string }> {
  const what = JSON.stringify([workflowsPath, ...plugins.map(({ name }) => name)]);
  const codePath = join(fromSetup('TEST_FOLDER'), `workflows-${createHash('sha256').update(what).digest('hex')}.js`);
  if (existsSync(codePath)) return { codePath };

  const logger = new DefaultLogger('ERROR', () => undefined);
  const { code } = await bundleWorkflowCode({ workflowsPath, plugins, logger });
  const unfinished = `${codePath}.${process.pid}`;
  await writeFile(unfinished, code);
  await rename(unfinished, codePath);
  return { codePath };
}
