import { sql, type RawBuilder } from 'kysely';

/** Ids of cases with a key, or with a key of that value. */
export function withKey(key: string): RawBuilder<string> {
  return sql`SELECT case_id FROM keys WHERE key = ${key} OR value = ${key}`;
}

/** One of the ids that are in each set; an array, for the planner believes that a join finds cases all through time. */
export function among(...sets: RawBuilder<string>[]): RawBuilder<string> {
  const apart = sets.map((set) => sql`(${set})`);
  return sql`ANY(ARRAY(${sql.join(apart, sql` INTERSECT `)}))`;
}
