import { isDeepStrictEqual } from 'node:util';
import { sql, type Kysely } from 'kysely';
import { prepared } from '../service/database';
import { said } from './changes';
import type { ViewTables } from './database';
import { asJson } from './json';
import { isNothing, newest, type Confirmed, type Knowledge, type Reported } from './knowledge';
import { isOpen, openNow } from './open-now';

/** A case as it is in the view before it is changed. */
export interface Before {
  knowledge: Knowledge;
  /** As text, to the microsecond; absent: there is none yet. */
  changedAt?: string;
}

export interface CaseChange {
  caseId: string;
  before: Before;
  known: Knowledge;
  corrects: boolean;
  /** In how many milliseconds it is to be asked; null: no more. */
  askedIn: number | null;
}

/** In place of when something was reported: the database's time when it is written. */
export const timeOfWriting = 'now';

/**
 * Writes cases with the rows that follow from what is known of them, in one statement: whoever reports has one round trip
 * for it. A case that is not as it was before is left as it is. Writers take cases in one order, so that no two wait for
 * each other. Gives the cases that were written as they are then.
 */
export async function writeCases(db: Kysely<ViewTables>, changes: CaseChange[]): Promise<Map<string, Before>> {
  if (changes.length === 0) return new Map();
  const rowsOfCases = changes.map((change) => ({
    change,
    keys: rowsIfNew(change, keyRows),
    steps: rowsIfNew(change, openStepRows),
    isNews: rowsIfNew(change, said) !== undefined,
  }));
  const changed = rowsOfCases.map(({ change, keys, steps, isNews }) => ({
    ...caseRow(change),
    keys: keys?.map(({ key }) => key),
    open_steps: steps?.map(({ step_id: id }) => id),
    is_news: isNews,
  }));
  const had = rowsOfCases.filter(({ change }) => !isNothing(change.before.knowledge));
  const lostKeys = had.filter(({ keys }) => keys);
  const closedSteps = had.filter(({ steps }) => steps);
  const newKeys = rowsOfCases.flatMap(({ keys = [] }) => keys);
  const openedSteps = rowsOfCases.flatMap(({ steps = [] }) => steps);
  // Only what there is to be done is said: Postgres looks at all of it each time.
  const parts = [
    lostKeys.length > 0 &&
      sql`lost_keys AS (
        DELETE FROM keys USING those
        WHERE keys.case_id = any(${idsOf(lostKeys)}::text[]) AND keys.case_id = those.case_id AND key <> ALL (those.keys))`,
    newKeys.length > 0 &&
      sql`new_keys AS (
        INSERT INTO keys SELECT row.* FROM jsonb_populate_recordset(null::keys, ${asJson(newKeys)}::jsonb) AS row
        WHERE row.case_id IN (SELECT case_id FROM those)
        ON CONFLICT (case_id, key) DO NOTHING)`,
    closedSteps.length > 0 &&
      sql`closed_steps AS (
        DELETE FROM open_steps USING those
        WHERE open_steps.case_id = any(${idsOf(closedSteps)}::text[]) AND open_steps.case_id = those.case_id
          AND step_id <> ALL (those.open_steps))`,
    openedSteps.length > 0 &&
      sql`opened_steps AS (
        INSERT INTO open_steps
        SELECT row.* FROM jsonb_populate_recordset(null::open_steps, ${asJson(openedSteps)}::jsonb) AS row
        WHERE row.case_id IN (SELECT case_id FROM those)
        ON CONFLICT (case_id, step_id) DO UPDATE SET
          name = excluded.name, title = excluded.title, kind = excluded.kind, status = excluded.status,
          system = excluded.system, role = excluded.role, candidates = excluded.candidates,
          started_at = excluded.started_at, due_at = excluded.due_at)`,
    rowsOfCases.some(({ isNews }) => isNews) &&
      sql`news AS (
        INSERT INTO changes (case_id) SELECT case_id FROM those WHERE is_news
        ON CONFLICT (case_id) DO UPDATE SET changed_in = excluded.changed_in, number = excluded.number)`,
  ].filter((part) => part !== false);
  const { rows } = await sql<{ now: string; caseId: string; changedAt: string }>`${prepared}
    WITH changed AS (
      SELECT * FROM jsonb_to_recordset(${asJson(changed)}::jsonb) AS row (
        case_id text, run_id text, knowledge jsonb, process text, status text, outcome text, started_at timestamptz,
        ended_at timestamptz, waiting_since timestamptz, asked_in integer, corrections integer,
        changed_at timestamptz, keys text[], open_steps text[], is_news boolean)),
    written AS (
      INSERT INTO cases (case_id, run_id, knowledge, process, status, outcome, started_at, ended_at, waiting_since,
        confirm_at, corrections, changed_at)
      SELECT case_id, run_id,
        CASE WHEN knowledge #>> '{reported,reportedAt}' = ${timeOfWriting}
          THEN jsonb_set(knowledge, '{reported,reportedAt}', to_jsonb(${nowInIso})) ELSE knowledge END,
        process, status, outcome, started_at, ended_at, waiting_since,
        now() + asked_in * interval '1 millisecond', corrections, coalesce(changed_at, now())
      FROM changed
      WHERE changed_at IS NULL OR (SELECT true FROM cases WHERE cases.case_id = changed.case_id LIMIT 1)
      ORDER BY case_id
      ON CONFLICT (case_id) DO UPDATE SET
        run_id = excluded.run_id, knowledge = excluded.knowledge, process = excluded.process, status = excluded.status,
        outcome = excluded.outcome, started_at = excluded.started_at, ended_at = excluded.ended_at,
        waiting_since = excluded.waiting_since,
        confirm_at = CASE WHEN excluded.knowledge ? 'reported'
          THEN least(cases.confirm_at, excluded.confirm_at) ELSE excluded.confirm_at END,
        corrections = cases.corrections + excluded.corrections, unanswered = 0, changed_at = now()
      WHERE cases.changed_at = excluded.changed_at
      RETURNING case_id),
    ${sql.join([sql`those AS MATERIALIZED (SELECT case_id, keys, open_steps, is_news FROM written JOIN changed USING (case_id))`, ...parts])}
    SELECT case_id AS "caseId", ${nowInIso} AS now, now()::text AS "changedAt" FROM those`.execute(db);
  const knownOf = new Map(changes.map(({ caseId, known }) => [caseId, known]));
  return new Map(
    rows.map(({ caseId, now, changedAt }) => [
      caseId,
      { knowledge: asWritten(knownOf.get(caseId) ?? {}, now), changedAt },
    ]),
  );
}

function idsOf(rows: { change: CaseChange }[]): string[] {
  return rows.map(({ change }) => change.caseId);
}

/** As `Date` has it: ISO 8601 in UTC, to the millisecond. */
const nowInIso = sql<string>`to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

function asWritten(known: Knowledge, now: string): Knowledge {
  const { reported } = known;
  return reported?.reportedAt === timeOfWriting ? { ...known, reported: { ...reported, reportedAt: now } } : known;
}

function caseRow({ caseId, before, known, corrects, askedIn }: CaseChange): object {
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
    asked_in: askedIn,
    corrections: corrects ? 1 : 0,
    changed_at: before.changedAt,
  };
}

/** Rows that follow from what is known; undefined where they are as they were. */
function rowsIfNew<Row>({ before, known }: CaseChange, rowsOf: (newestKnown: Confirmed | Reported) => Row[]) {
  const rowsBefore = isNothing(before.knowledge) ? [] : rowsOf(newest(before.knowledge));
  const rows = rowsOf(newest(known));
  return isDeepStrictEqual(rowsBefore, rows) ? undefined : rows;
}

function keyRows({ record: { caseId, keys } }: Confirmed | Reported) {
  return [...new Set(keys)].map((key) => ({ case_id: caseId, key, value: key.slice(key.indexOf(':') + 1) }));
}

function openStepRows({ record: { steps, ...record } }: Confirmed | Reported) {
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
