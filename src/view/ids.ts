import { sql, type RawBuilder } from 'kysely';

/** Whether the view can keep a case of this id: Postgres has no text with a NUL in it. */
export function isKeepable(caseId: string): boolean {
  return !caseId.includes('\0');
}

/** Ids of cases with a key, or with a key of that value. */
export function withKey(key: string): RawBuilder<string> {
  return sql`SELECT case_id FROM keys WHERE key = ${key} OR value = ${key}`;
}

/** One of the ids that are in each set; an array, for the planner believes that a join finds cases all through time. */
export function among(...sets: RawBuilder<string>[]): RawBuilder<string> {
  const apart = sets.map((set) => sql`(${set})`);
  return sql`ANY(ARRAY(${sql.join(apart, sql` INTERSECT `)}))`;
}
