import type { StepBlock } from '../process-map';
import type { Leaving } from './exits';
import { inEitherWay, type Marks } from './paths-of-map';
import type { Term } from './term';

/** What came of a term besides what is left of it: what goes on beside the rest, and the paths taken. */
export interface Traces {
  threads: readonly Term[];
  marks: Marks;
}

/** A way in which a term may be left without another step. */
export interface Way extends Traces {
  leaving: Leaving;
}

/** What is left of a term once it has begun a step. */
export interface Start extends Traces {
  term: Term;
  /** The block that began the step; absent where the source does not tell. */
  block?: StepBlock;
}

export const noTraces: Traces = { threads: [], marks: 0n };

/** First the one, then the other. */
export function then<T extends Traces>(before: Traces, after: T): T {
  if (before.threads.length === 0 && before.marks === 0n) return after;
  return { ...after, threads: [...before.threads, ...after.threads], marks: before.marks | after.marks };
}

/** Each way once, with the paths that are taken however it is explained. */
export function distinctWays(ways: readonly Way[]): Way[] {
  return distinct(ways, ({ leaving }) => leaving);
}

export function distinctStarts(starts: readonly Start[]): Start[] {
  return distinct(starts, ({ term }) => String(term.id));
}

function distinct<T extends Traces>(all: readonly T[], keyOf: (one: T) => string): T[] {
  if (all.length < 2) return [...all];
  const byKey = new Map<string, T>();
  for (const one of all) {
    const key = `${keyOf(one)} ${keyOfThreads(one.threads)}`;
    const before = byKey.get(key);
    byKey.set(key, before ? { ...before, marks: inEitherWay(before.marks, one.marks) } : one);
  }
  return [...byKey.values()];
}

export function keyOfThreads(threads: readonly Term[]): string {
  return threads
    .map(({ id }) => id)
    .toSorted((one, other) => one - other)
    .join(' ');
}
