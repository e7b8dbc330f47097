import type { Generated, JSONColumnType } from 'kysely';
import type { ProblemDocument } from '../../service/problem';
import type { CaseSearch } from '../../view/fitting';
import type { Act } from './requests';

/**
 * `shown`: would be acted on once the batch is started; `waiting`: its turn comes; `at work`: begun; `refused`: by the rules
 * or the case; `left out`: does not fit, or no longer; `stopped`: never begun.
 */
export const itemStates = ['shown', 'waiting', 'at work', 'done', 'refused', 'left out', 'stopped'] as const;
export type ItemState = (typeof itemStates)[number];

/** What of the case was shown, by which it is told that there is now something else. */
export interface Shown {
  restart: number;
  /** Of a task whose decision rests on data. */
  shownHash?: string;
  /** How often the parked step had been tried again. */
  retries?: number;
}

export interface BatchTables {
  batches: {
    id: string;
    number: Generated<number>;
    /** Who made it and is the one that acts. */
    person: string;
    /** Whose token acted for the person. */
    acted_by: string | null;
    act: JSONColumnType<Act>;
    search: JSONColumnType<CaseSearch>;
    made_at: Generated<string>;
    started_at: string | null;
    stopped_at: string | null;
    stopped_by: string | null;
    /** Of the request that started it, for the audit. */
    request_id: string | null;
    credential: string | null;
    address: string | null;
  };
  /** Each thing that is acted on: an open task, a parked step, or a case. */
  batch_items: {
    id: Generated<number>;
    batch: string;
    case_id: string;
    /** Id of the task or parked step. */
    step: string | null;
    shown: JSONColumnType<Shown>;
    state: ItemState;
    problem: JSONColumnType<ProblemDocument> | null;
    /** How often it was begun. */
    tries: Generated<number>;
    begun_at: string | null;
    ended_at: string | null;
  };
}
