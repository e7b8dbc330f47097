import type { Kysely, Selectable } from 'kysely';
import { Problem } from '../../service/problem';
import { isNoText } from '../../view/fitting';
import type { Person } from '../person';
import { mayOnBatch, readable } from '../rules';
import type { Batch, BatchItem } from './requests';
import { itemStates, type BatchTables, type ItemState } from './tables';

type Db = Kysely<BatchTables>;
type Row = Selectable<BatchTables['batches']>;
type Counts = Record<ItemState, number>;

/**
 * The batch of an id, for somebody who wants to do that to it.
 * @throws Problem 404 `unknown-batch` when there is none or they may not read it, 403 `not-allowed`
 */
export async function batchFor(db: Db, person: Person, action: 'read' | 'start' | 'stop', id: string): Promise<Batch> {
  const row = isNoText(id)
    ? undefined
    : await db.selectFrom('batches').selectAll().where('id', '=', id).executeTakeFirst();
  if (!row || !mayOnBatch(person, 'read', row.person)) {
    throw new Problem(404, 'unknown-batch', `There is no batch "${id}" that you may see.`);
  }
  if (!mayOnBatch(person, action, row.person)) {
    throw new Problem(403, 'not-allowed', `${person.id} may not ${action} the batch ${id} of ${row.person}.`);
  }
  return asBatch(row, (await countsOf(db, [id])).get(id));
}

export interface Page {
  cursor?: string | undefined;
  limit: number;
}

/** Batches that a person may read, newest first. */
export async function listBatches(db: Db, person: Person, { cursor, limit }: Page) {
  let query = db.selectFrom('batches').selectAll().orderBy('number', 'desc');
  if (readable(person) !== 'all') query = query.where('person', '=', person.id);
  if (cursor !== undefined) query = query.where('number', '<', Number(cursor));
  const { page, more } = pageOf(await query.limit(limit + 1).execute(), limit, ({ number }) => number);
  const counts = await countsOf(
    db,
    page.map(({ id }) => id),
  );
  return { batches: page.map((row) => asBatch(row, counts.get(row.id))), ...more };
}

/** What a batch acts on, in the order in which that is done; those in one state, when it is told. */
export async function listItems(
  db: Db,
  id: string,
  { state, cursor, limit }: Page & { state?: ItemState | undefined },
) {
  let query = db
    .selectFrom('batch_items')
    .select(['id', 'case_id', 'step', 'state', 'problem', 'ended_at'])
    .where('batch', '=', id)
    .orderBy('id');
  if (state !== undefined) query = query.where('state', '=', state);
  if (cursor !== undefined) query = query.where('id', '>', Number(cursor));
  const { page, more } = pageOf(await query.limit(limit + 1).execute(), limit, (row) => row.id);
  const items = page.map(({ case_id: caseId, step, state: now, problem, ended_at: endedAt }): BatchItem => ({
    caseId,
    ...(step !== null && { step }),
    state: now,
    ...(problem && { problem }),
    ...(endedAt !== null && { endedAt }),
  }));
  return { items, ...more };
}

function pageOf<One>(rows: One[], limit: number, place: (row: One) => number) {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return { page, more: rows.length > limit && last ? { cursor: String(place(last)) } : {} };
}

async function countsOf(db: Db, ids: string[]): Promise<Map<string, Counts>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom('batch_items')
    .select(['batch', 'state', (row) => row.fn.countAll<number>().as('count')])
    .where('batch', 'in', ids)
    .groupBy(['batch', 'state'])
    .execute();
  const counts = new Map<string, Counts>();
  for (const { batch, state, count } of rows) counts.set(batch, { ...(counts.get(batch) ?? none), [state]: count });
  return counts;
}

const none = Object.fromEntries(itemStates.map((state) => [state, 0])) as Counts;

function asBatch({ id, person, act, search, ...row }: Row, counts = none): Batch {
  const { started_at: startedAt, stopped_at: stoppedAt, stopped_by: stoppedBy } = row;
  const { data: _, result: __, ...asked } = { data: undefined, result: undefined, ...act };
  return {
    id,
    by: person,
    ...asked,
    search: { ...search },
    status: statusOf(row, counts),
    items: Object.values(counts).reduce((sum, count) => sum + count, 0),
    counts,
    madeAt: row.made_at,
    ...(startedAt !== null && { startedAt }),
    ...(stoppedAt !== null && { stoppedAt }),
    ...(stoppedBy !== null && { stoppedBy }),
  };
}

function statusOf({ started_at, stopped_at }: Pick<Row, 'started_at' | 'stopped_at'>, counts: Counts): Batch['status'] {
  if (stopped_at !== null) return counts['at work'] > 0 ? 'stopping' : 'stopped';
  if (started_at === null) return 'shown';
  return counts.waiting + counts['at work'] > 0 ? 'running' : 'ended';
}
