import type { CaseRecord, Step } from '../../kit/contract';
import type { ProcessMap } from '../process-map';
import { coarse } from './coarse';
import { isRecorded } from './observed';
import { inEitherWay, pathsOf, type PathsOfMap } from './paths-of-map';
import type { Position } from './position';
import { Replay, type Replayed } from './replay';

/** Whether a case can have run as the map says. `unknown`: it cannot be told, and the message says why. */
export type Fit =
  | { fits: true; positions: readonly Position[]; replay: Replay }
  /** `at`: the step that may not begin there; absent where the case ended too early. `expected`: names of what may. */
  | { fits: false; at?: Step; expected: string[]; message: string }
  | { fits: 'unknown'; message: string };

/** Replays the case on its map: first as written, then as code that may throw anywhere; where that is too much, coarsely. */
export function fits(map: ProcessMap, record: CaseRecord): Fit {
  if (record.stepsNotRecorded) {
    const message = `${record.stepsNotRecorded} steps of ${record.caseId} are not on its record, so that it cannot be replayed`;
    return { fits: 'unknown', message };
  }
  const paths = pathsOf(map);
  const fit = fitsOn(map, paths, record);
  return fit.fits === 'unknown' ? fitsOn(coarse(map), paths, record) : fit;
}

function fitsOn(map: ProcessMap, paths: PathsOfMap, record: CaseRecord): Fit {
  const isCancelled = record.cancellation !== undefined || record.status === 'cancelled';
  const asWritten = isCancelled ? undefined : fitOf(new Replay(map, paths, false), record);
  return asWritten && asWritten.fits !== false ? asWritten : fitOf(new Replay(map, paths, true), record);
}

function fitOf(replay: Replay, record: CaseRecord): Fit {
  const replayed = replay.run(record);
  if (replayed.result !== 'replayed') return refusal(replay, replayed);
  const positions = replayed.positions.flatMap((position) => ended(replay, position, record));
  if (positions.length > 0) return { fits: true, positions, replay };
  const expected = namesOf(replay, replayed.positions);
  return { fits: false, expected, message: `${record.caseId} is ${record.status}, but ${toCome(expected)}` };
}

function refusal(replay: Replay, replayed: Exclude<Replayed, { result: 'replayed' }>): Fit {
  const { at } = replayed;
  if (replayed.result === 'too many positions') {
    return { fits: 'unknown', message: `at ${at.id} there are too many possible positions` };
  }
  const expected = namesOf(replay, replayed.positions);
  return { fits: false, at, expected, message: `${at.id} (${at.kind}) may not begin here: ${toCome(expected)}` };
}

function toCome(expected: readonly string[]): string {
  return expected.length === 0 ? 'nothing is left on its map' : `on its map comes ${expected.join(' or ')}`;
}

function namesOf(replay: Replay, positions: readonly Position[]): string[] {
  return [
    ...new Set(
      replay
        .expected(positions)
        .filter(isRecorded)
        .map(({ name, type }) => name ?? type),
    ),
  ];
}

/** The position with the paths taken up to its end; nothing where the case cannot have ended there as it did. */
function ended(replay: Replay, position: Position, { status }: CaseRecord): Position[] {
  if (status !== 'completed' && status !== 'failed') return [position];
  const leavings = status === 'failed' ? ['throw'] : ['normal', 'return'];
  const ways = replay.behaviourAt(position).ways(position.main);
  const marks = ways.filter(({ leaving }) => leavings.includes(leaving)).map((way) => way.marks);
  const [first, ...others] = marks;
  if (first === undefined) return [];
  return [{ ...position, marks: position.marks | others.reduce(inEitherWay, first) }];
}
