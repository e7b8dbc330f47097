import type { StepBlock } from '../process-map';
import { isIdle } from './idle';
import { keyOfThreads } from './outcomes';
import { inEitherWay, type Marks } from './paths-of-map';
import type { InForEach, Term } from './term';
import type { Terms } from './terms';

/** Where a case may be. */
export interface Position {
  /** What is left of the body. */
  main: Term;
  /** What goes on beside it: background work, branches no longer awaited, handlers of messages. */
  threads: readonly Term[];
  /** Work beside it may have failed, which may come up anywhere in the body. */
  mayThrow: boolean;
  /** The paths taken, however it came here. */
  marks: Marks;
  /** How it came here, where there are several ways one of them. */
  way?: Begun;
}

/** The last step begun and the block that began it, where the source tells. */
export interface Begun {
  block: StepBlock | undefined;
  before: Begun | undefined;
}

/** What is no matter is left out, and work for the same list is put together, since in a list anything may begin. */
export function tidied(terms: Terms, threads: readonly Term[]): Term[] {
  const lists = new Map<unknown, InForEach>();
  const others: Term[] = [];
  for (const thread of threads) {
    if (isIdle(thread)) continue;
    if (thread.kind === 'forEach') {
      const { active } = lists.get(thread.block) ?? { active: [] };
      const together = terms.forEach(thread.block, [...active, ...thread.active]);
      lists.set(thread.block, together as InForEach);
    } else if (thread.kind !== 'source' || !others.includes(thread)) others.push(thread);
  }
  return [...lists.values(), ...others].toSorted((one, other) => one.id - other.id);
}

/** Each position once; one that can do no more than another of the same body is left out. */
export function distinctPositions(positions: readonly Position[]): Position[] {
  if (positions.length < 2) return [...positions];
  const byKey = new Map<string, Position>();
  for (const position of positions) {
    const key = `${position.main.id} ${position.mayThrow} ${keyOfThreads(position.threads)}`;
    const before = byKey.get(key);
    byKey.set(key, before ? { ...before, marks: inEitherWay(before.marks, position.marks) } : position);
  }
  return withoutLesser([...byKey.values()]);
}

function withoutLesser(positions: readonly Position[]): Position[] {
  const byMain = new Map<Term, Position[]>();
  for (const position of positions.toSorted((one, other) => other.threads.length - one.threads.length)) {
    const kept = byMain.get(position.main) ?? [];
    byMain.set(position.main, kept);
    const index = kept.findIndex((other) => isCovered(position, other));
    const more = kept[index];
    if (more) kept[index] = { ...more, marks: inEitherWay(more.marks, position.marks) };
    else kept.push(position);
  }
  return [...byMain.values()].flat();
}

function isCovered(position: Position, by: Position): boolean {
  return (by.mayThrow || !position.mayThrow) && isWithin(position.threads, by.threads);
}

/** Both are sorted by id. */
function isWithin(threads: readonly Term[], others: readonly Term[]): boolean {
  let index = 0;
  for (const other of others) if (threads[index] === other) index += 1;
  return index === threads.length;
}
