import { isDeepStrictEqual } from 'node:util';
import { sql, type Kysely, type Transaction } from 'kysely';
import type { CaseRecord, CaseReport, Step } from '../kit/client';
import type { ViewTables } from './database';
import { newest, withAnswer, withReport, type Confirmed, type Knowledge } from './knowledge';

type Db = Kysely<ViewTables>;

/** How long a case that was reported rests before it is asked, so that a busy one is not asked after each step. */
const rest = 2_000;
/** After how long an open case is asked again of which nothing was heard. */
const sweep = 300_000;
/** For how long a case is left to whoever took it on to ask it. */
const lease = 30_000;

/** Keeps what workers told of cases, as far as it is news: in whatever order and however often it is told. */
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

/** Cases that are to be asked now, the longest due first; nobody else is given them for half a minute. */
export async function casesToConfirm(db: Db, limit: number): Promise<string[]> {
  const rows = await db
    .with('due', (with_) =>
      with_
        .selectFrom('cases')
        .select('case_id')
        .where('confirm_at', '<=', sql<string>`now()`)
        .orderBy('confirm_at')
        .limit(limit)
        .forUpdate()
        .skipLocked(),
    )
    .updateTable('cases')
    .from('due')
    .set({ confirm_at: sql`now() + ${lease} * interval '1 millisecond'` })
    .whereRef('cases.case_id', '=', 'due.case_id')
    .returning('cases.case_id as caseId')
    .execute();
  return rows.map(({ caseId }) => caseId);
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
  await db.transaction().execute(async (trx) => {
    const rows = await lock(trx, caseIds);
    const now = new Date();
    const changes = caseIds.flatMap((caseId) => {
      const before = rows.get(caseId) ?? { knowledge: {}, confirmAt: null };
      const { known, corrects } = changed(caseId, before.knowledge, now.toISOString());
      if (known === before.knowledge) return [];
      return [
        { caseId, before: before.knowledge, known, corrects, confirmAt: confirmAt(known, before.confirmAt, now) },
      ];
    });
    if (changes.length > 0) await write(trx, changes);
  });
}

/** What is known of these cases, new ones among them. Writers take them in one order, so that no two wait for each other. */
async function lock(trx: Transaction<ViewTables>, caseIds: string[]): Promise<Map<string, Row>> {
  await sql`
    SELECT pg_advisory_xact_lock(hashtextextended(id, 0))
    FROM (SELECT id FROM unnest(${caseIds}::text[]) AS id ORDER BY id) AS ordered`.execute(trx);
  const rows = await trx
    .selectFrom('cases')
    .select(['case_id', 'knowledge', 'confirm_at'])
    .where('case_id', '=', sql<string>`any(${caseIds}::text[])`)
    .execute();
  return new Map(rows.map(({ case_id: id, knowledge, confirm_at: at }) => [id, { knowledge, confirmAt: at }]));
}

function confirmAt({ reported, confirmed }: Knowledge, before: string | null, now: Date): string | null {
  const later = (milliseconds: number) => new Date(now.getTime() + milliseconds).toISOString();
  if (!reported) return confirmed?.record.endedAt === undefined ? later(sweep) : null;
  if (reported.gaps || reported.record.endedAt !== undefined) return now.toISOString();
  const rested = later(rest);
  return before !== null && before < rested ? before : rested;
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
    INSERT INTO cases (case_id, knowledge, process, status, outcome, started_at, ended_at, waiting_since, confirm_at, corrections)
    SELECT case_id, knowledge, process, status, outcome, started_at, ended_at, waiting_since, confirm_at, corrections
    FROM jsonb_to_recordset(${asJson(changes.map(caseRow))}::jsonb) AS changed (
      case_id text, knowledge jsonb, process text, status text, outcome text, started_at timestamptz,
      ended_at timestamptz, waiting_since timestamptz, confirm_at timestamptz, corrections integer)
    ON CONFLICT (case_id) DO UPDATE SET
      knowledge = excluded.knowledge, process = excluded.process, status = excluded.status, outcome = excluded.outcome,
      started_at = excluded.started_at, ended_at = excluded.ended_at, waiting_since = excluded.waiting_since,
      confirm_at = excluded.confirm_at, corrections = cases.corrections + excluded.corrections, changed_at = now()
  `.execute(trx);
  await replace(trx, 'keys', changes.filter(differs(keyRows)), keyRows);
  await replace(trx, 'open_steps', changes.filter(differs(openStepRows)), openStepRows);
}

/** Puts rows that follow from the knowledge of cases in place of those there are. */
async function replace(
  trx: Transaction<ViewTables>,
  table: 'keys' | 'open_steps',
  changes: CaseChange[],
  rowsOf: (record: CaseRecord) => object[],
): Promise<void> {
  if (changes.length === 0) return;
  const caseIds = changes.map(({ caseId }) => caseId);
  await trx
    .deleteFrom(table)
    .where('case_id', '=', sql<string>`any(${caseIds}::text[])`)
    .execute();
  const rows = changes.flatMap(({ known }) => rowsOf(newest(known).record));
  await sql`
    INSERT INTO ${sql.table(table)}
    SELECT * FROM jsonb_populate_recordset(null::${sql.table(table)}, ${asJson(rows)}::jsonb)`.execute(trx);
}

function differs(rowsOf: (record: CaseRecord) => object[]) {
  return ({ before, known }: CaseChange) => {
    const rowsBefore = before.confirmed || before.reported ? rowsOf(newest(before).record) : [];
    return !isDeepStrictEqual(rowsBefore, rowsOf(newest(known).record));
  };
}

function caseRow({ caseId, known, corrects, confirmAt }: CaseChange): object {
  const { process, status, outcome, startedAt, endedAt, waitingFor } = newest(known).record;
  return {
    case_id: caseId,
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

function keyRows({ caseId, keys }: CaseRecord): object[] {
  return [...new Set(keys)].map((key) => ({ case_id: caseId, key, value: key.slice(key.indexOf(':') + 1) }));
}

function openStepRows({ caseId, steps }: CaseRecord): object[] {
  return steps.filter(isOpen).map((step) => ({
    case_id: caseId,
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

function isOpen({ status }: Step): boolean {
  return status === 'open' || status === 'parked';
}

/** JSON that Postgres takes: it has no NUL and no half of a surrogate pair, which stand in it as escapes only. */
function asJson(value: unknown): string {
  return JSON.stringify(value).replace(/(?<=(?:^|[^\\])(?:\\\\)*)\\u(?:0000|d[89a-f][0-9a-f]{2})/g, '\\ufffd');
}
