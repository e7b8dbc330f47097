import type { AtEnd } from '../scope';
import type { Findings } from '../table';
import type { Variants } from '../variants';

/** What each part of the bench is given. */
export interface Given {
  /** Path of the Temporal server. */
  program: string;
  /** Folder for everything that is written. */
  dir: string;
  variant: Variants;
  /** How many rounds are measured. */
  rounds: number;
  /** Shorter windows, fewer waiting cases: to see that all works, not to quote. */
  quick: boolean;
  atEnd: AtEnd;
  say(line: string): void;
}

/** One part of the bench: measures and says what it found. */
export type Part = (given: Given) => Promise<Findings[]>;
