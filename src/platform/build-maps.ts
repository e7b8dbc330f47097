import { writeFile } from 'node:fs/promises';
import { extractMaps, mapsPath } from './process-maps';

/** Part of the build: read the maps of all processes, which what is installed has no source to be read from. */
async function main(): Promise<void> {
  await writeFile(mapsPath, `${JSON.stringify(extractMaps())}\n`);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
