import { isDeepStrictEqual } from 'node:util';
import { sql, type Kysely } from 'kysely';
import { said } from './changes';
import type { ViewTables } from './database';
import { asJson } from './json';
import { isNothing, newest, type Confirmed, type Knowledge, type Reported } from './knowledge';
import { isOpen, openNow } from './open-now';

/** A case as it was read before it is changed. */
export interface Before {
  knowledge: Knowledge;
  confirmAt: string | null;
  /** As text, to the microsecond; absent: there is none yet. */
  changedAt?: string;
}

export interface CaseChange {
  caseId: string;
  before: Before;
  known: Knowledge;
  corrects: boolean;
  confirmAt: string | null;
}

/**
 * Writes cases with the rows that follow from what is known of them, in one statement: whoever reports has one round trip
 * for it. A case that was changed since it was read is left as it is. Writers take cases in one order, so that no two wait
 * for each other. Gives the ids of the cases that were written.
 */
export async function writeCases(db: Kysely<ViewTables>, changes: CaseChange[]): Promise<Set<string>> {
  if (changes.length === 0) return new Set();
  const rowsOfCases = changes.map((change) => ({
    change,
    keys: rowsIfNew(change, keyRows),
    steps: rowsIfNew(change, openStepRows),
  }));
  const changed = rowsOfCases.map(({ change, keys, steps }) => ({
    ...caseRow(change),
    keys: keys?.map(({ key }) => key),
    open_steps: steps?.map(({ step_id: id }) => id),
    is_news: rowsIfNew(change, said) !== undefined,
  }));
  const { rows } = await sql<{ caseId: string }>`
    WITH changed AS (
      SELECT * FROM jsonb_to_recordset(${asJson(changed)}::jsonb) AS row (
        case_id text, run_id text, knowledge jsonb, process text, status text, outcome text, started_at timestamptz,
        ended_at timestamptz, waiting_since timestamptz, confirm_at timestamptz, corrections integer,
        changed_at timestamptz, keys text[], open_steps text[], is_news boolean)),
    written AS (
      INSERT INTO cases (case_id, run_id, knowledge, process, status, outcome, started_at, ended_at, waiting_since,
        confirm_at, corrections, changed_at)
      SELECT case_id, run_id, knowledge, process, status, outcome, started_at, ended_at, waiting_since,
        confirm_at, corrections, coalesce(changed_at, now())
      FROM changed ORDER BY case_id
      ON CONFLICT (case_id) DO UPDATE SET
        run_id = excluded.run_id, knowledge = excluded.knowledge, process = excluded.process, status = excluded.status,
        outcome = excluded.outcome, started_at = excluded.started_at, ended_at = excluded.ended_at,
        waiting_since = excluded.waiting_since, confirm_at = excluded.confirm_at,
        corrections = cases.corrections + excluded.corrections, unanswered = 0, changed_at = now()
      WHERE cases.changed_at = excluded.changed_at
      RETURNING case_id),
    those AS MATERIALIZED (SELECT case_id, keys, open_steps, is_news FROM written JOIN changed USING (case_id)),
    lost_keys AS (
      DELETE FROM keys USING those WHERE keys.case_id = those.case_id AND key <> ALL (those.keys)),
    new_keys AS (
      INSERT INTO keys SELECT row.* FROM jsonb_populate_recordset(null::keys, ${asJson(rowsOfCases.flatMap(({ keys = [] }) => keys))}::jsonb) AS row
        JOIN those USING (case_id)
      ON CONFLICT (case_id, key) DO NOTHING),
    closed_steps AS (
      DELETE FROM open_steps USING those
      WHERE open_steps.case_id = those.case_id AND step_id <> ALL (those.open_steps)),
    opened_steps AS (
      INSERT INTO open_steps
      SELECT row.* FROM jsonb_populate_recordset(null::open_steps, ${asJson(rowsOfCases.flatMap(({ steps = [] }) => steps))}::jsonb) AS row
        JOIN those USING (case_id)
      ON CONFLICT (case_id, step_id) DO UPDATE SET
        name = excluded.name, title = excluded.title, kind = excluded.kind, status = excluded.status,
        system = excluded.system, role = excluded.role, candidates = excluded.candidates,
        started_at = excluded.started_at, due_at = excluded.due_at),
    news AS (
      INSERT INTO changes (case_id) SELECT case_id FROM those WHERE is_news
      ON CONFLICT (case_id) DO UPDATE SET changed_in = excluded.changed_in, number = excluded.number)
    SELECT case_id AS "caseId" FROM those`.execute(db);
  return new Set(rows.map(({ caseId }) => caseId));
}

function caseRow({ caseId, before, known, corrects, confirmAt }: CaseChange): object {
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
