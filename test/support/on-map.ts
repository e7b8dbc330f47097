import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CaseRecord } from '../../src/kit/client';
import type { ProcessMap } from '../../src/maps/process-map';
import { fits } from '../../src/maps/replay';
import { loadMaps } from '../../src/platform/process-maps';
import { fromSetup } from './from-setup';

/** A line for each run of a case, of which the reporter tells what paths of the maps they took. */
export const runsFile = 'runs.jsonl';

let maps: Promise<ProcessMap[]> | undefined;

/** Fails where a case did not run as the map of its process says. */
export async function mustBeOnMap(record: CaseRecord): Promise<void> {
  maps ??= loadMaps();
  const map = (await maps).find(({ process }) => process === record.process);
  if (!map) throw new Error(`there is no map of ${record.process}`);
  const fit = fits(map, record);
  if (fit.fits !== true) {
    const steps = record.steps.map(({ id, status }) => `${id} ${status}`).join(', ');
    throw new Error(
      `${record.caseId} is not on the map of its process: ${fit.message}; ${record.status} after ${steps}`,
    );
  }
  await appendFile(join(fromSetup('TEST_FOLDER'), runsFile), `${JSON.stringify(record)}\n`);
}
