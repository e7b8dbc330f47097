import type { Join } from '../process-map';
import type { Leaving } from './exits';
import { distinctWays, noTraces, then, type Way } from './outcomes';
import type { Term } from './term';

interface Part {
  ways: readonly Way[];
  /** The other parts, which go on. */
  others(): readonly Term[];
}

/** Which leavings of all parts together are an end, and of which kind. */
const byAll: Record<Join, { leavings: readonly Leaving[]; end: Leaving } | undefined> = {
  all: { leavings: ['normal'], end: 'normal' },
  allSettled: { leavings: ['normal', 'throw'], end: 'normal' },
  race: undefined,
  any: { leavings: ['throw'], end: 'throw' },
};

/** Which leavings of a single part end it all; whatever is neither a result nor a failure does in any case. */
const byOne: Record<Join, readonly Leaving[]> = {
  all: ['throw'],
  allSettled: [],
  race: ['normal', 'throw'],
  any: ['normal'],
};

/** The ways in which parts beside each other are left together. */
export function joined(join: Join, parts: readonly Part[]): Way[] {
  const together = byAll[join];
  const ends = parts.flatMap(({ ways, others }) =>
    ways.filter(({ leaving }) => endsByOne(join, leaving)).map((way) => then({ threads: others(), marks: 0n }, way)),
  );
  return [...(together ? allOf(parts, together) : []), ...ends];
}

function endsByOne(join: Join, leaving: Leaving): boolean {
  return leaving === 'normal' || leaving === 'throw' ? byOne[join].includes(leaving) : true;
}

function allOf(parts: readonly Part[], { leavings, end }: { leavings: readonly Leaving[]; end: Leaving }): Way[] {
  let soFar: Way[] = [{ ...noTraces, leaving: end }];
  for (const { ways } of parts) {
    const ending = ways.filter(({ leaving }) => leavings.includes(leaving)).map((way) => ({ ...way, leaving: end }));
    soFar = distinctWays(soFar.flatMap((before) => ending.map((way) => then(before, way))));
  }
  return soFar;
}
