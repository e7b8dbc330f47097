import { sql, type Kysely, type Selectable, type Transaction } from 'kysely';
import { Problem } from '../../service/problem';
import { atOneMoment } from '../../view/changes';
import type { ViewTables } from '../../view/database';
import type { CaseSearch } from '../../view/fitting';
import { searchCases } from '../../view/search';
import type { Person } from '../person';
import { readable } from '../rules';
import { itemsOf } from './items';
import { mostItems, type Act } from './requests';
import type { BatchTables } from './tables';

type Db = Kysely<BatchTables>;
type NewItem = Pick<Selectable<BatchTables['batch_items']>, 'case_id' | 'step' | 'state'> & {
  shown: string;
  problem: string | null;
};

export interface NewBatch {
  id: string;
  person: Person;
  actedBy: string | undefined;
  act: Act;
  search: CaseSearch;
}

/** Cases that are read at a time, and items that are written. */
const atATime = 500;
/** What was shown and not started is forgotten after that. */
const longestShown = sql`interval '1 day'`;

/**
 * Keeps what an act on the cases of a search would be, as they are at this moment, and does nothing. One that is there
 * already under the id stays as it is.
 * @throws Problem 422 `too-many-items`
 */
export async function makeBatch(
  db: Db,
  view: Kysely<ViewTables>,
  { id, person, actedBy, act, search }: NewBatch,
): Promise<void> {
  const there = await db.selectFrom('batches').select('id').where('id', '=', id).executeTakeFirst();
  if (there) return;
  const items = await newItems(view, act, search, person);
  await db
    .deleteFrom('batches')
    .where('started_at', 'is', null)
    .where('made_at', '<', sql<never>`now() - ${longestShown}`)
    .execute();
  await db.transaction().execute(async (trx) => {
    const made = await trx
      .insertInto('batches')
      .values({
        id,
        person: person.id,
        acted_by: actedBy ?? null,
        act: JSON.stringify(act),
        search: JSON.stringify(search),
      })
      .onConflict((conflict) => conflict.doNothing())
      .returning('id')
      .executeTakeFirst();
    if (!made) return;
    for (let from = 0; from < items.length; from += atATime) {
      const rows = items.slice(from, from + atATime).map((item) => ({ batch: id, ...item }));
      await trx.insertInto('batch_items').values(rows).execute();
    }
  });
}

async function newItems(view: Kysely<ViewTables>, act: Act, search: CaseSearch, person: Person): Promise<NewItem[]> {
  return atOneMoment(view, async (moment) => {
    const items: NewItem[] = [];
    let next: { cursor?: string } = {};
    for (;;) {
      const { cases, cursor } = await searchCases(moment, search, { limit: atATime, ...next }, readable(person));
      for (const one of cases) {
        for (const { step, shown, problem } of itemsOf(act, search, one, person)) {
          items.push({
            case_id: one.record.caseId,
            step: step ?? null,
            shown: JSON.stringify(shown),
            state: problem ? 'left out' : 'shown',
            problem: problem ? JSON.stringify(problem.toDocument()) : null,
          });
        }
      }
      if (items.length > mostItems) throw tooMany();
      if (cursor === undefined) return items;
      next = { cursor };
    }
  });
}

function tooMany(): Problem {
  const message = `fits more than ${mostItems.toLocaleString('en')} cases, tasks or steps; narrow it`;
  return new Problem(422, 'too-many-items', `search: ${message}`, { errors: [{ field: 'search', message }] });
}

/** By what a batch was started, for the audit of what it does. */
export interface StartedBy {
  request_id: string;
  credential: string | null;
  address: string;
}

/**
 * Lets a batch be worked off, unless that was done before.
 * @throws Problem 409 `batch-stopped`
 */
export async function startBatch(db: Db, id: string, by: StartedBy): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const { started_at: startedAt, stopped_at: stoppedAt } = await lockedBatch(trx, id);
    if (startedAt !== null) return;
    if (stoppedAt !== null) {
      throw new Problem(409, 'batch-stopped', `Batch ${id} was stopped and is not started any more; make a new one.`);
    }
    await trx
      .updateTable('batches')
      .set({ started_at: sql`now()`, ...by })
      .where('id', '=', id)
      .execute();
    await trx
      .updateTable('batch_items')
      .set({ state: 'waiting' })
      .where('batch', '=', id)
      .where('state', '=', 'shown')
      .execute();
  });
}

/** Nothing more of a batch is begun; what was begun is finished. One that has ended stays as it is. */
export async function stopBatch(db: Db, id: string, by: string): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const { stopped_at: stoppedAt } = await lockedBatch(trx, id);
    if (stoppedAt !== null) return;
    const { numUpdatedRows } = await trx
      .updateTable('batch_items')
      .set({ state: 'stopped', ended_at: sql`now()` })
      .where('batch', '=', id)
      .where('state', 'in', ['shown', 'waiting'])
      .executeTakeFirst();
    const isOver = numUpdatedRows === 0n && !(await isAtWork(trx, id));
    if (isOver) return;
    await trx
      .updateTable('batches')
      .set({ stopped_at: sql`now()`, stopped_by: by })
      .where('id', '=', id)
      .execute();
  });
}

function lockedBatch(trx: Transaction<BatchTables>, id: string) {
  return trx.selectFrom('batches').selectAll().where('id', '=', id).forUpdate().executeTakeFirstOrThrow();
}

async function isAtWork(trx: Transaction<BatchTables>, id: string): Promise<boolean> {
  const one = await trx
    .selectFrom('batch_items')
    .select('id')
    .where('batch', '=', id)
    .where('state', '=', 'at work')
    .limit(1)
    .executeTakeFirst();
  return one !== undefined;
}
