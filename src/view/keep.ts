import { isDeepStrictEqual } from 'node:util';
import { sql, type Kysely, type Transaction } from 'kysely';
import type { CaseReport, ServerRecord } from '../kit/client';
import { numberChanges, said } from './changes';
import type { ViewTables } from './database';
import { dueAt } from './due';
import { keepDurations } from './durations';
import { isKeepable } from './ids';
import { asJson } from './json';
import {
  newest,
  withAnswer,
  withoutServer,
  withReport,
  type Confirmed,
  type Knowledge,
  type Reported,
} from './knowledge';
import { isOpen, openNow } from './open-now';

type Db = Kysely<ViewTables>;

/**
 * Keeps what workers told of cases, as far as it is news: in whatever order and however often it is told. Left out, here and
 * wherever else cases are kept, are those whose id Postgres cannot keep.
 */
export async function applyReports(db: Db, reports: CaseReport[]): Promise<void> {
  const byCase = new Map<string, CaseReport[]>();
  for (const report of reports) byCase.set(report.caseId, [...(byCase.get(report.caseId) ?? []), report]);
  await change(db, [...byCase.keys()], (caseId, before, now) => ({
    known: (byCase.get(caseId) ?? []).reduce((known, report) => withReport(known, report, now), before),
    corrects: false,
  }));
}

/** Keeps what the case itself answered, or what the server knows of it. */
export async function confirmCase(db: Db, answer: Confirmed): Promise<void> {
  await change(db, [answer.record.caseId], (_, before) => withAnswer(before, answer));
}

/** Keeps what the server's search told of cases of which nothing is known; they are then asked. */
export async function keepListed(db: Db, listed: ServerRecord[]): Promise<void> {
  const byCase = new Map(listed.map((record) => [record.caseId, record]));
  await change(db, [...byCase.keys()], (caseId, before, now) => {
    const record = byCase.get(caseId);
    const known = isNothing(before) && record ? { confirmed: asListed(record, now) } : before;
    return { known, corrects: false };
  });
}

function asListed({ taskQueue: _, ...record }: ServerRecord, now: string): Confirmed {
  return {
    record: { ...record, steps: [], waitingFor: [], incidents: [], historyLength: 0 },
    runStartedAt: record.startedAt,
    confirmedAt: now,
    partial: true,
  };
}

/** Keeps what is known of a case that the server knows no more. */
export async function keepWithoutServer(db: Db, caseId: string): Promise<void> {
  await change(db, [caseId], (_, before, now) => ({
    known: isNothing(before) ? before : withoutServer(before, now),
    corrects: false,
  }));
}

interface Row {
  knowledge: Knowledge;
  confirmAt: string | null;
}

async function change(
  db: Db,
  caseIds: string[],
  changed: (caseId: string, before: Knowledge, now: string) => { known: Knowledge; corrects: boolean },
): Promise<void> {
  const keepable = caseIds.filter(isKeepable);
  await db.transaction().execute(async (trx) => {
    const { rows, now } = await lock(trx, keepable);
    const changes = keepable.flatMap((caseId) => {
      const before = rows.get(caseId) ?? { knowledge: {}, confirmAt: null };
      const { known, corrects } = changed(caseId, before.knowledge, now);
      if (known === before.knowledge) return [];
      return [{ caseId, before: before.knowledge, known, corrects, confirmAt: dueAt(known, before, now) }];
    });
    if (changes.length > 0) await write(trx, changes);
  });
}

/**
 * What is known of these cases, new ones among them, and the time of the database when this began. Writers take them in
 * one order, so that no two wait for each other.
 */
async function lock(trx: Transaction<ViewTables>, caseIds: string[]): Promise<{ rows: Map<string, Row>; now: string }> {
  const locks = await sql<{ now: string }>`
    SELECT pg_advisory_xact_lock(hashtextextended(id, 0)), now()
    FROM (SELECT id FROM unnest(${caseIds}::text[]) AS id ORDER BY id) AS ordered`.execute(trx);
  const rows = await trx
    .selectFrom('cases')
    .select(['case_id', 'knowledge', 'confirm_at'])
    .where('case_id', '=', sql<string>`any(${caseIds}::text[])`)
    .execute();
  return {
    rows: new Map(rows.map(({ case_id: id, knowledge, confirm_at: at }) => [id, { knowledge, confirmAt: at }])),
    now: locks.rows[0]?.now ?? '',
  };
}

interface CaseChange {
  caseId: string;
  before: Knowledge;
  known: Knowledge;
  corrects: boolean;
  confirmAt: string | null;
}

async function write(trx: Transaction<ViewTables>, changes: CaseChange[]): Promise<void> {
  await sql`
    INSERT INTO cases (case_id, run_id, knowledge, process, status, outcome, started_at, ended_at, waiting_since, confirm_at, corrections)
    SELECT case_id, run_id, knowledge, process, status, outcome, started_at, ended_at, waiting_since, confirm_at, corrections
    FROM jsonb_to_recordset(${asJson(changes.map(caseRow))}::jsonb) AS changed (
      case_id text, run_id text, knowledge jsonb, process text, status text, outcome text, started_at timestamptz,
      ended_at timestamptz, waiting_since timestamptz, confirm_at timestamptz, corrections integer)
    ON CONFLICT (case_id) DO UPDATE SET
      run_id = excluded.run_id, knowledge = excluded.knowledge, process = excluded.process, status = excluded.status, outcome = excluded.outcome,
      started_at = excluded.started_at, ended_at = excluded.ended_at, waiting_since = excluded.waiting_since,
      confirm_at = excluded.confirm_at, corrections = cases.corrections + excluded.corrections,
      unanswered = 0, changed_at = now()
  `.execute(trx);
  await replace(trx, 'keys', changes.filter(differs(keyRows)), keyRows);
  await replace(trx, 'open_steps', changes.filter(differs(openStepRows)), openStepRows);
  await numberChanges(
    trx,
    changes.filter(differs(said)).map(({ caseId }) => caseId),
  );
  await keepDurations(
    trx,
    changes.flatMap(({ known }) => (known.reported || !known.confirmed ? [] : [known.confirmed.record])),
  );
}

/** Puts rows that follow from the knowledge of cases in place of those there are. */
async function replace(
  trx: Transaction<ViewTables>,
  table: 'keys' | 'open_steps',
  changes: CaseChange[],
  rowsOf: (newestKnown: Confirmed | Reported) => object[],
): Promise<void> {
  if (changes.length === 0) return;
  const caseIds = changes.map(({ caseId }) => caseId);
  await trx
    .deleteFrom(table)
    .where('case_id', '=', sql<string>`any(${caseIds}::text[])`)
    .execute();
  const rows = changes.flatMap(({ known }) => rowsOf(newest(known)));
  await sql`
    INSERT INTO ${sql.table(table)}
    SELECT * FROM jsonb_populate_recordset(null::${sql.table(table)}, ${asJson(rows)}::jsonb)`.execute(trx);
}

function isNothing({ confirmed, reported }: Knowledge): boolean {
  return !confirmed && !reported;
}

function differs(rowsOf: (newestKnown: Confirmed | Reported) => object[]) {
  return ({ before, known }: CaseChange) => {
    const rowsBefore = isNothing(before) ? [] : rowsOf(newest(before));
    return !isDeepStrictEqual(rowsBefore, rowsOf(newest(known)));
  };
}

function caseRow({ caseId, known, corrects, confirmAt }: CaseChange): object {
  const { runId, process, status, outcome, startedAt, endedAt, waitingFor } = newest(known).record;
  return {
    case_id: caseId,
    run_id: runId,
    knowledge: known,
    process,
    status,
    outcome,
    started_at: startedAt,
    ended_at: endedAt,
    waiting_since: waitingFor.map(({ since }) => since).sort()[0],
    confirm_at: confirmAt,
    corrections: corrects ? 1 : 0,
  };
}

function keyRows({ record: { caseId, keys } }: Confirmed | Reported): object[] {
  return [...new Set(keys)].map((key) => ({ case_id: caseId, key, value: key.slice(key.indexOf(':') + 1) }));
}

function openStepRows({ record: { steps, ...record } }: Confirmed | Reported): object[] {
  return openNow(steps.filter(isOpen), record).map((step) => ({
    case_id: record.caseId,
    step_id: step.id,
    name: step.name,
    title: step.title,
    kind: step.kind,
    status: step.status,
    system: step.system,
    role: step.role,
    candidates: step.candidates,
    started_at: step.startedAt,
    due_at: step.dueAt,
  }));
}
