import { sql, type RawBuilder } from 'kysely';

/**
 * The cases that may be told to somebody: all, or those with one of the keys, of one of the processes, or that ask, asked
 * or were decided by the person, by name or, where a task names nobody, by one of the roles.
 */
export type Readable = 'all' | { keys: string[]; processes: string[]; person: string; roles: string[] };

/** Whether a row of `cases` is among those that may be told. */
export function isReadable(readable: Readable): RawBuilder<boolean> {
  if (readable === 'all') return sql`true`;
  const { keys, processes, person, roles } = readable;
  return sql`(
    cases.process = ANY(${processes}::text[]) OR cases.people ? ${person} OR cases.roles_asked ?| ${roles}::text[]
    OR EXISTS (SELECT FROM keys WHERE keys.case_id = cases.case_id AND key = ANY(${keys}::text[])))`;
}

/** Whether the cases that may be told are few, for not all of any process are: they are gathered first. */
export function areFew(readable: Readable): readable is Exclude<Readable, 'all'> {
  return readable !== 'all' && readable.processes.length === 0;
}

/** Ids of the cases that may be told whatever their process. */
export function concerning({ keys, person, roles }: Exclude<Readable, 'all'>): RawBuilder<string> {
  return sql`
    SELECT case_id FROM keys WHERE key = ANY(${keys}::text[])
    UNION ALL
    SELECT case_id FROM cases AS concerning WHERE people ? ${person} OR roles_asked ?| ${roles}::text[]`;
}
