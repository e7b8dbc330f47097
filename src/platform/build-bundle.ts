import { writeFile } from 'node:fs/promises';
import { bundlePath, bundleWorkflows } from './workflow-bundle';

/** Last part of the build: bundle the workflow code once, so that no worker has to when it starts. */
async function main(): Promise<void> {
  const { code } = await bundleWorkflows();
  await writeFile(bundlePath, code);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
