import { sql, type Kysely, type Transaction } from 'kysely';
import type { StepError } from '../../kit/client';
import type { ViewTables } from '../database';
import type { Symptom } from './symptoms';
import type { WatchKind } from './tables';

/** One thing that is wrong, with the number of cases that have it. */
export interface Trouble {
  kind: WatchKind;
  process?: string;
  about?: string;
  error?: StepError;
  attempts?: number;
  cases: number;
}

type Trx = Transaction<ViewTables>;

/**
 * Keeps what is wrong with these cases. What was wrong with one of them and is not among the symptoms any more is over for
 * it; an incident that no case has any more is cleared.
 */
export async function keepSymptoms(db: Kysely<ViewTables>, lookedAt: string[], symptoms: Symptom[]): Promise<void> {
  if (lookedAt.length === 0) return;
  const byCause = new Map<string, Symptom[]>();
  for (const symptom of symptoms) byCause.set(causeOf(symptom), [...(byCause.get(causeOf(symptom)) ?? []), symptom]);
  await db.transaction().execute(async (trx) => {
    const ids = await keep(trx, [...byCause.values()].map(together));
    const cases = [...byCause].flatMap(([cause, having]) =>
      [...new Set(having.map(({ caseId }) => caseId))].map((caseId) => ({
        incident_id: ids.get(cause),
        case_id: caseId,
      })),
    );
    await sql`
      WITH ill AS (SELECT * FROM jsonb_to_recordset(${asJson(cases)}::jsonb) AS one (incident_id bigint, case_id text)),
      over AS (
        DELETE FROM watch_cases WHERE case_id = any(${lookedAt}::text[])
          AND (incident_id, case_id) NOT IN (SELECT incident_id, case_id FROM ill))
      INSERT INTO watch_cases (incident_id, case_id) SELECT incident_id, case_id FROM ill
      ON CONFLICT (incident_id, case_id) DO UPDATE SET last_seen = now()`.execute(trx);
    await sql`
      WITH counted AS (
        SELECT id, (SELECT count(*) FROM watch_cases WHERE incident_id = id) AS cases FROM watch_incidents
        WHERE cleared_at IS NULL AND kind IN ('retrying', 'failing code', 'overdue'))
      UPDATE watch_incidents SET
        cases = CASE WHEN counted.cases = 0 THEN watch_incidents.cases ELSE counted.cases END,
        cleared_at = CASE WHEN counted.cases = 0 THEN now() END
      FROM counted
      WHERE counted.id = watch_incidents.id AND counted.cases <> watch_incidents.cases`.execute(trx);
  });
}

/** Keeps what is wrong of a kind that is not about single cases; what is not among it any more is cleared. */
export async function keepTroubles(db: Kysely<ViewTables>, kind: WatchKind, troubles: Trouble[]): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await keep(trx, troubles);
    await trx
      .updateTable('watch_incidents')
      .set({ cleared_at: sql`now()` })
      .where('kind', '=', kind)
      .where('cleared_at', 'is', null)
      .where('cause', '<>', sql<string>`all(${troubles.map(causeOf)}::text[])`)
      .execute();
  });
}

/** Ids of the incidents by their causes. */
async function keep(trx: Trx, troubles: Trouble[]): Promise<Map<string, number>> {
  const rows = troubles.map((trouble) => {
    const { kind, process, about, error, attempts, cases } = trouble;
    const type = error && { error_type: error.type, last_error: error.message.slice(0, longestMessage) };
    return { cause: causeOf(trouble), kind, process, about, ...type, attempts, cases };
  });
  const kept = await sql<{ id: number; cause: string }>`
    INSERT INTO watch_incidents (cause, kind, process, about, error_type, last_error, attempts, cases)
    SELECT * FROM jsonb_to_recordset(${asJson(rows)}::jsonb) AS seen (
      cause text, kind text, process text, about text, error_type text, last_error text, attempts integer, cases integer)
    ON CONFLICT (cause) WHERE cleared_at IS NULL DO UPDATE SET
      last_seen = now(), last_error = excluded.last_error, attempts = excluded.attempts,
      cases = CASE WHEN excluded.kind IN ('no worker', 'view behind') THEN excluded.cases ELSE watch_incidents.cases END
    RETURNING id, cause`.execute(trx);
  return new Map(kept.rows.map(({ id, cause }) => [cause, id]));
}

function together(symptoms: Symptom[]): Trouble {
  const [worst] = symptoms.toSorted((a, b) => (b.attempts ?? 0) - (a.attempts ?? 0)) as [Symptom];
  const { caseId: _, ...trouble } = worst;
  return { ...trouble, cases: new Set(symptoms.map(({ caseId }) => caseId)).size };
}

/** In characters; notifications take a cause of no more than 500. */
const longestName = 100;

function causeOf({ kind, process, about, error }: Omit<Trouble, 'cases'>): string {
  const [of = '', what = '', type = ''] = [process, about, error?.type].map((name) =>
    plain((name ?? '').slice(0, longestName)),
  );
  switch (kind) {
    case 'retrying':
      return type === 'not taken' ? `${of}: no worker takes ${what}` : `${of}: ${what} keeps failing (${type})`;
    case 'failing code':
      return `${of}: its code fails (${type})`;
    case 'overdue':
      return what ? `${of}: ${what} is due, and no worker goes on` : `${of}: no worker goes on`;
    case 'no worker':
      return `no worker on task queue ${what}`;
    case 'view behind':
      return 'the view is behind';
  }
}

const longestMessage = 500;

/** Postgres takes no NUL and no half of a surrogate pair. */
function plain(text: string): string {
  return Buffer.from(text).toString().replaceAll('\0', '\ufffd');
}

function asJson(rows: object[]): string {
  return JSON.stringify(rows, (_, value: unknown) => (typeof value === 'string' ? plain(value) : value));
}
