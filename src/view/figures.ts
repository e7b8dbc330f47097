import { sql, type Kysely } from 'kysely';
import type { ViewTables } from './database';
import { countAll, type Facet } from './counts';

/** What the view knows of all cases together. Times are ISO 8601 in UTC. */
export interface Figures {
  cases: Facet[];
  openTasks: number;
  /** Since when the oldest open task waits. */
  oldestTaskSince: string | null;
  openIncidents: number;
  /** When the oldest of what workers reported was told that the case has not confirmed yet. */
  unconfirmedSince: string | null;
  /** How often the answer of a case differed from what was reported of the same moment. */
  corrections: number;
}

export async function viewFigures(db: Kysely<ViewTables>): Promise<Figures> {
  const cases = await countAll(db);
  const open = await db
    .selectFrom('open_steps')
    .select((row) => [
      row.fn.countAll<number>().filterWhere('kind', '=', 'task').as('openTasks'),
      row.fn.min('started_at').filterWhere('kind', '=', 'task').as('oldestTaskSince'),
      row.fn.countAll<number>().filterWhere('status', '=', 'parked').as('openIncidents'),
    ])
    .executeTakeFirstOrThrow();
  const { unconfirmedSince } = await db
    .selectFrom('cases')
    .select(sql<string | null>`min(reported_at)`.as('unconfirmedSince'))
    .where('confirm_at', 'is not', null)
    .executeTakeFirstOrThrow();
  const { corrections } = await db
    .selectFrom('cases')
    .select((row) => row.fn.coalesce(row.fn.sum<number>('corrections'), sql<number>`0`).as('corrections'))
    .where('corrections', '>', 0)
    .executeTakeFirstOrThrow();
  return { cases, ...open, unconfirmedSince, corrections };
}
