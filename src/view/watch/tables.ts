import type { Generated, JSONColumnType } from 'kysely';

/** What a workflow cannot report about itself. */
export type WatchKind = 'retrying' | 'failing code' | 'overdue' | 'no worker' | 'view behind';

/** What the administrator is told, kept until it has been, so that it is told once and the same. */
export interface Telling {
  what: 'raise' | 'clear';
  /** Idempotency key, made of the cause and when it was first seen. */
  key: string;
  cases: number;
  /** Which cases, and what went wrong last. */
  text: string;
}

/** Tables of the watch. */
export interface WatchTables {
  watch_incidents: {
    id: Generated<number>;
    /** What they are told apart by, in words; one of a cause is open at a time. */
    cause: string;
    kind: WatchKind;
    process: string | null;
    /** The operation, the step or the task queue. */
    about: string | null;
    error_type: string | null;
    last_error: string | null;
    attempts: number | null;
    /** How many cases have it now; of one that is over, had it last. */
    cases: number;
    first_seen: Generated<string>;
    last_seen: Generated<string>;
    cleared_at: string | null;
    telling: JSONColumnType<Telling> | null;
    /** How often it was told, of how many cases the last time, and when. */
    tellings: Generated<number>;
    told_cases: Generated<number>;
    told_at: string | null;
    all_clear_at: string | null;
    /** How often in a row telling failed, and why the last time. */
    tell_failures: Generated<number>;
    tell_error: string | null;
    tell_after: string | null;
  };
  /** Cases that have an incident about single cases now. */
  watch_cases: {
    incident_id: number;
    case_id: string;
    first_seen: Generated<string>;
    last_seen: Generated<string>;
  };
}
