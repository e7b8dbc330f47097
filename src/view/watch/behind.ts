import { sql, type Kysely } from 'kysely';
import type { ViewTables } from '../database';
import type { Trouble } from './incidents';

/** How many cases are to be asked for too long, or were reported and have not confirmed it for too long. */
export async function viewBehind(db: Kysely<ViewTables>, behindMs: number): Promise<Trouble[]> {
  const before = sql<string>`now() - ${behindMs} * interval '1 millisecond'`;
  const { cases, since } = await db
    .selectFrom('cases')
    .select(({ fn }) => [fn.countAll<number>().as('cases'), fn.min('changed_at').as('since')])
    .where('confirm_at', 'is not', null)
    .where((either) =>
      either.or([
        either('confirm_at', '<', before),
        either.and([either('changed_at', '<', before), sql<boolean>`knowledge ? 'reported'`]),
      ]),
    )
    .executeTakeFirstOrThrow();
  if (cases === 0) return [];
  const message = `what is known of them is of ${since} and not confirmed; is a worker there, and the API?`;
  return [{ kind: 'view behind', error: { type: 'view behind', message }, cases }];
}
