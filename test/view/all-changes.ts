import { sql } from 'kysely';
import { atOneMoment, endOfChanges, type Place } from '../../src/view/changes';
import type { View } from '../../src/view/database';
import { until } from '../kit/fixtures/until';

/** The end of changes, once what is at work elsewhere on the server, as other tests are, holds none of them up. */
export async function endOfAllChanges(db: View['db']): Promise<Place> {
  const { end } = await until(
    async () => ({
      end: await atOneMoment(db, endOfChanges),
      last: await db
        .selectFrom('changes')
        .select(sql<string>`changed_in::text`.as('transaction'))
        .orderBy('changed_in', 'desc')
        .limit(1)
        .executeTakeFirst(),
    }),
    (now) => BigInt(now.end.transaction) > BigInt(now.last?.transaction ?? 0),
  );
  return end;
}
