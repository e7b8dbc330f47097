import type { Attempt, Block, ForEach, Helper, Loop, Parallel, Sequence } from '../process-map';
import type { Leaving } from './exits';
import type { Ending, Fate } from './observed';

interface Common {
  /** Terms that are alike are one object, with one id. */
  id: number;
  /** When the first of the steps that run in it will have ended, in milliseconds since 1970; Infinity when none will. */
  due: number;
}

/** A block not begun. */
export interface Fresh extends Common {
  kind: 'fresh';
  block: Block;
}

export interface Running extends Common {
  kind: 'running';
  fate: Fate;
  /** The workflow has gone on at its start. */
  goesOn: boolean;
}

export interface Ended extends Common {
  kind: 'ended';
  ending: Ending;
}

/** The rest of a sequence from the block at `at`, of which `current` is left. */
export interface InSequence extends Common {
  kind: 'sequence';
  block: Sequence;
  at: number;
  current: Term;
}

export interface InParallel extends Common {
  kind: 'parallel';
  block: Parallel;
  branches: readonly Term[];
}

/** Those of the list that have begun and are not over; more may begin. */
export interface InForEach extends Common {
  kind: 'forEach';
  block: ForEach;
  active: readonly Term[];
}

/** A round of a loop. */
export interface InLoop extends Common {
  kind: 'loop';
  block: Loop;
  current: Term;
}

/** Before a round of a loop, which may not come; `isFirst` where no round was. */
export interface BetweenRounds extends Common {
  kind: 'between rounds';
  block: Loop;
  isFirst: boolean;
}

export interface InAttempt extends Common {
  kind: 'attempt';
  block: Attempt;
  part: 'body' | 'handler' | 'finalizer';
  current: Term;
  /** What comes after the finalizer. */
  saved: Leaving;
}

export interface InHelper extends Common {
  kind: 'helper';
  block: Helper;
  current: Term;
}

/** In a block that a `break` names. */
export interface InLabelled extends Common {
  kind: 'labelled';
  block: Block;
  current: Term;
}

/** Work beside the rest whose failure may come up in the body: of a background that is awaited, or of a message. */
export interface Awaited extends Common {
  kind: 'awaited';
  work: Term;
}

/** Work beside the rest that may begin any number of times, while the step of `during` runs where there is one. */
export interface Source extends Common {
  kind: 'source';
  work: Term;
  during?: Fate;
}

/** What is left of a block. */
export type Term =
  | Fresh
  | Running
  | Ended
  | InSequence
  | InParallel
  | InForEach
  | InLoop
  | BetweenRounds
  | InAttempt
  | InHelper
  | InLabelled
  | Awaited
  | Source;

/** Terms of which one part goes on, and what comes after is told by how that part is left. */
export type Stage = InSequence | InLoop | InAttempt | InHelper | InLabelled;
