import type { JSONColumnType } from 'kysely';
import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import { migrate, openDatabase } from '../service/database';
import type { CaseStatus, StepKind, StepStatus } from '../kit/client';
import type { ChangeTables } from './changes';
import type { CountTables } from './counts';
import type { DurationTables } from './durations';
import type { Knowledge } from './knowledge';
import type { MapTables } from './maps';
import { migrations } from './migrations';
import type { WatchTables } from './watch/tables';

/** Tables of the central view. Columns beside `knowledge` are what cases are searched by; they follow from it. */
export interface ViewTables extends WatchTables, DurationTables, ChangeTables, CountTables, MapTables {
  cases: {
    case_id: string;
    /** The newest run that is known. */
    run_id: string;
    knowledge: JSONColumnType<Knowledge>;
    process: string;
    status: CaseStatus;
    outcome: string | null;
    started_at: string;
    ended_at: string | null;
    /** Since when the oldest of its open tasks waits. */
    waiting_since: string | null;
    /** When the case is to be asked; null when nothing new is to be learned. */
    confirm_at: string | null;
    /** How often it was asked since it answered. */
    unanswered: number;
    /** How often an answer of the case differed from what was reported of the same moment. */
    corrections: number;
    changed_at: string;
  };
  keys: {
    case_id: string;
    /** `kind:value` */
    key: string;
    value: string;
  };
  open_steps: {
    case_id: string;
    step_id: string;
    name: string;
    title: string;
    kind: StepKind;
    status: StepStatus;
    system: string | null;
    role: string | null;
    candidates: string[] | null;
    started_at: string;
    due_at: string | null;
  };
  /** One row: how far the server's search was read, by whichever process. */
  sweeps: {
    /** What ended before was looked at; null when nothing was. */
    swept_until: string | null;
    next_at: string;
  };
}

/** The central view's database. */
export interface View {
  db: Kysely<ViewTables>;
  close(): Promise<void>;
}

/** The schema in which the view is; its connections find the tables by name, so that another may take its place. */
export const viewSchema = 'view';

/** Brings the view, or one that is to take its place, up to date and opens it; `longest` as in {@link openDatabase}. */
export async function openView(url: string, log: Logger, schema = viewSchema, longest?: number): Promise<View> {
  await migrate(url, migrations, schema);
  const { db, close } = openDatabase(url, log, schema, longest);
  return { db: db as unknown as Kysely<ViewTables>, close };
}
