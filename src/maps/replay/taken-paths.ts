import type { CaseRecord } from '../../kit/contract';
import type { ProcessMap } from '../process-map';
import { fits } from './fits';
import { pathsOf, type Path } from './paths-of-map';

export interface TakenPaths {
  taken: number;
  all: number;
  notTaken: Path[];
}

/**
 * Which paths of the map cases took: steps, branches of choices, handlers of failures, loops gone round or passed by,
 * handlers of messages. A branch without a step is told by what followed; a path counts only where every explanation of the
 * case takes it. Cases that do not fit the map took none.
 */
export function takenPaths(map: ProcessMap, records: readonly CaseRecord[]): TakenPaths {
  const paths = pathsOf(map);
  const taken = records.reduce((marks, record) => marks | takenBy(map, record), 0n);
  const notTaken = paths.paths.filter(({ id }) => (taken & paths.mark(id)) === 0n);
  return { taken: paths.paths.length - notTaken.length, all: paths.paths.length, notTaken };
}

function takenBy(map: ProcessMap, record: CaseRecord): bigint {
  const fit = fits(map, record);
  if (fit.fits !== true) return 0n;
  const [first, ...others] = fit.positions;
  return others.reduce((marks, position) => marks & position.marks, first?.marks ?? 0n);
}
