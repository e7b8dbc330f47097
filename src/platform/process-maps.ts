import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProcessMap } from '../maps/process-map';
import { systems } from '../systems/catalogue';
import { isNewerThan } from './built';
import { packageRoot } from './package';

/** Where the build keeps the maps of all processes. */
export const mapsPath = join(packageRoot, 'dist', 'process-maps.json');

/** Reads the maps of all processes from their source. */
export function extractMaps(): ProcessMap[] {
  // The compiler is loaded only where something is to be read.
  const { mapOf, openProject, workflowsIn } = require('../maps/extract') as typeof import('../maps/extract');
  const file = join(packageRoot, 'src', 'processes', 'workflows.ts');
  const teams = Object.fromEntries(systems.map(({ name, definition }) => [name, definition?.team ?? '']));
  const project = openProject([file], { teams });
  return workflowsIn(project, file).map((workflow) => mapOf(project, workflow));
}

/** The maps of the build, unless sources that go into them were changed since: then made now. */
export async function loadMaps(): Promise<ProcessMap[]> {
  if (!isNewerThan(mapsPath, ['kit', 'maps', 'processes', 'systems'])) return extractMaps();
  return JSON.parse(await readFile(mapsPath, 'utf8')) as ProcessMap[];
}
