import { sql, type Kysely, type Selectable } from 'kysely';
import type { StepError } from '../../kit/client';
import type { ViewTables } from '../database';
import type { WatchKind, WatchTables } from './tables';

/** What the watch found that lasts. */
export interface Found {
  kind: WatchKind;
  /** The operation, the step or the task queue; absent when it is about whole cases or the view. */
  about?: string;
  error?: StepError;
  /** How often it was tried by now, of the case that was tried most. */
  attempts?: number;
  /** When it was found, ISO 8601 in UTC. */
  since: string;
}

/** Of all cases that have it together, as the administrator is told. */
export interface FoundOfAll extends Found {
  /** In words. */
  cause: string;
  process?: string;
  /** How many cases have it. */
  cases: number;
  /** Those that have it for longest, at most ten; none when it is about no single cases. */
  caseIds: string[];
}

/** What the watch found that a case has now, by the ids of these cases; those that have nothing are left out. */
export async function foundOf(db: Kysely<ViewTables>, caseIds: string[]): Promise<Map<string, Found[]>> {
  const rows = await db
    .selectFrom('watch_cases')
    .innerJoin('watch_incidents', 'watch_incidents.id', 'watch_cases.incident_id')
    .select(['case_id', 'kind', 'about', 'error_type', 'last_error', 'attempts', 'watch_cases.first_seen'])
    .where('case_id', '=', sql<string>`any(${caseIds}::text[])`)
    .where('cleared_at', 'is', null)
    .orderBy('watch_cases.first_seen')
    .orderBy('id')
    .execute();
  const byCase = new Map<string, Found[]>();
  for (const { case_id: id, ...row } of rows) byCase.set(id, [...(byCase.get(id) ?? []), asFound(row)]);
  return byCase;
}

/** All that the watch found and that lasts, or that of a process or of calls to a system; what lasts longest first. */
export async function foundOfAll(
  db: Kysely<ViewTables>,
  { process: of, system }: { process?: string | undefined; system?: string | undefined } = {},
): Promise<FoundOfAll[]> {
  const rows = await db
    .selectFrom('watch_incidents')
    .selectAll()
    .select(
      sql<string[]>`ARRAY(
        SELECT case_id FROM watch_cases WHERE incident_id = watch_incidents.id ORDER BY first_seen, case_id LIMIT 10)`.as(
        'case_ids',
      ),
    )
    .where('cleared_at', 'is', null)
    .orderBy('first_seen')
    .orderBy('id')
    .execute();
  const wanted = rows.filter(
    ({ process, about }) =>
      (of === undefined || process === of) && (system === undefined || about?.startsWith(`${system}.`)),
  );
  return wanted.map(({ cause, process, cases, case_ids: caseIds, ...row }) => ({
    cause,
    ...(process !== null && { process }),
    ...asFound(row),
    cases,
    caseIds,
  }));
}

type Row = Pick<
  Selectable<WatchTables['watch_incidents']>,
  'kind' | 'about' | 'error_type' | 'last_error' | 'attempts' | 'first_seen'
>;

function asFound({ kind, about, error_type: type, last_error: message, attempts, first_seen: since }: Row): Found {
  return {
    kind,
    ...(about !== null && { about }),
    ...(type !== null && { error: { type, message: message ?? '' } }),
    ...(attempts !== null && { attempts }),
    since,
  };
}
