import { sql, type Kysely, type RawBuilder } from 'kysely';
import type { CaseStatus } from '../kit/client';
import type { ViewTables } from './database';
import { casesThatFit, fitsNothing, statuses, type Cases, type CaseSearch } from './fitting';
import type { Readable } from './readable';

/** How many cases there are. Several rows may be of the same; their sum counts. */
export interface CountTables {
  case_counts: {
    process: string;
    status: CaseStatus;
    /** Day in UTC on which they started, `2026-11-30`. */
    started_on: string;
    /** As in `cases`. */
    roles_asked: string[] | null;
    /** Fewer than none where there were more before. */
    cases: number;
  };
}

export interface Facet {
  process: string;
  status: CaseStatus;
  count: number;
}

/** How many of these cases there are by process and status, one by one. */
export function count(cases: Cases): Promise<Facet[]> {
  return cases
    .select(['cases.process', 'cases.status', (row) => row.fn.countAll<number>().as('count')])
    .groupBy(['cases.process', 'cases.status'])
    .orderBy('cases.process')
    .orderBy('cases.status')
    .execute();
}

/** How many cases there are by process and status. */
export function countAll(db: Kysely<ViewTables>): Promise<Facet[]> {
  return sumOf(db, [sql`SELECT process, status, cases FROM case_counts`]);
}

/**
 * As {@link count} of the cases that fit and may be told, for a search by process, status and start alone; undefined for any
 * other. Of the many that there may be it reads how many there were on each day.
 */
export function countByDay(
  db: Kysely<ViewTables>,
  search: CaseSearch,
  readable: Readable,
): Promise<Facet[]> | undefined {
  const { process, status, startedBefore, ...others } = search;
  if (Object.keys(others).length > 0 || fitsNothing(search)) return undefined;
  const fits = [sql<boolean>`true`];
  if (process !== undefined) fits.push(sql`process = ${process}`);
  if (status !== undefined) fits.push(sql`status = ANY(${statuses(status)}::text[])`);
  const byRight =
    readable === 'all'
      ? sql<boolean>`true`
      : sql<boolean>`(process = ANY(${readable.processes}::text[]) OR coalesce(roles_asked ?| ${readable.roles}::text[], false))`;
  const those = sql.join([...fits, byRight], sql` AND `);
  const parts: RawBuilder<unknown>[] = [];
  let days = sql`true`;
  if (readable !== 'all') {
    const ofPerson = casesThatFit(db, search, { ...readable, processes: [], roles: [] })
      .select(['process', 'status', sql<number>`1`.as('cases')])
      .where(sql<boolean>`NOT ${byRight}`);
    parts.push(sql`${ofPerson}`);
  }
  if (startedBefore !== undefined) {
    const before = sql`${startedBefore}::timestamptz`;
    const day = sql`(${before} AT TIME ZONE 'UTC')::date`;
    days = sql`started_on < ${day}`;
    parts.push(sql`
      SELECT process, status, 1 AS cases FROM cases
      WHERE ${those} AND started_at < ${before} AND started_at >= ${day}::timestamp AT TIME ZONE 'UTC'`);
  }
  // After `cases`, for which everybody waits first while a view that was built anew takes its place.
  parts.push(sql`SELECT process, status, cases FROM case_counts WHERE ${those} AND ${days}`);
  return sumOf(db, parts);
}

async function sumOf(db: Kysely<ViewTables>, parts: RawBuilder<unknown>[]): Promise<Facet[]> {
  const { rows } = await sql<Facet>`
    SELECT process, status, sum(cases)::bigint AS count
    FROM (${sql.join(parts, sql` UNION ALL `)}) AS parts
    GROUP BY process, status
    HAVING sum(cases) <> 0
    ORDER BY process, status`.execute(db);
  return rows;
}

/** Makes one row of those that are of the same. */
export async function foldCounts(db: Kysely<ViewTables>): Promise<void> {
  await sql`
    WITH folded AS (
      DELETE FROM case_counts AS counted USING (
        SELECT process, status, started_on, roles_asked FROM case_counts
        GROUP BY process, status, started_on, roles_asked HAVING count(*) > 1) AS several
      WHERE (counted.process, counted.status, counted.started_on) = (several.process, several.status, several.started_on)
        AND counted.roles_asked IS NOT DISTINCT FROM several.roles_asked
      RETURNING counted.*)
    INSERT INTO case_counts
    SELECT process, status, started_on, roles_asked, sum(cases)
    FROM folded GROUP BY process, status, started_on, roles_asked HAVING sum(cases) <> 0`.execute(db);
}
