import type { CaseRecord } from '../../kit/contract';
import type { ProcessMap } from '../process-map';
import { fits } from './fits';
import { inEitherWay, pathsOf, type Marks, type Path } from './paths-of-map';

export interface TakenPaths {
  /** How many paths were surely taken. */
  taken: number;
  all: number;
  /** What was taken in one of the ways in which a case can have run: no step tells which. */
  mayBeTaken: Path[];
  notTaken: Path[];
}

/**
 * Which paths of the map cases took: steps, branches of choices, handlers of failures, loops gone round or passed by,
 * handlers of messages. A branch without a step is told by what followed. Cases that do not fit the map took none.
 */
export function takenPaths(map: ProcessMap, records: readonly CaseRecord[]): TakenPaths {
  const paths = pathsOf(map);
  const marks = records.reduce((all, record) => all | takenBy(map, record), 0n);
  const notSure = paths.paths.filter((path) => !paths.isSurelyIn(marks, path));
  return {
    taken: paths.paths.length - notSure.length,
    all: paths.paths.length,
    mayBeTaken: notSure.filter((path) => paths.mayBeIn(marks, path)),
    notTaken: notSure.filter((path) => !paths.mayBeIn(marks, path)),
  };
}

function takenBy(map: ProcessMap, record: CaseRecord): Marks {
  const fit = fits(map, record);
  if (fit.fits !== true) return 0n;
  const [first, ...others] = fit.positions;
  return others.reduce((marks, position) => inEitherWay(marks, position.marks), first?.marks ?? 0n);
}
