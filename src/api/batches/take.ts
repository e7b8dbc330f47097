import { sql, type Kysely, type RawBuilder, type Selectable, type Transaction } from 'kysely';
import type { Problem } from '../../service/problem';
import { kept, type AuditTables } from '../audit';
import type { BatchTables } from './tables';

/** The API's own database, as far as batches are worked off in it. */
export type Own = BatchTables & AuditTables;

/** An item with what its batch says. */
export type Taken = Pick<
  Selectable<BatchTables['batch_items']>,
  'id' | 'batch' | 'case_id' | 'step' | 'shown' | 'state' | 'tries'
> &
  Pick<
    Selectable<BatchTables['batches']>,
    'person' | 'acted_by' | 'act' | 'search' | 'request_id' | 'credential' | 'address'
  >;

/** Of the advisory locks that say who works on an item; with its number. */
const lockClass = 5_011;
const lockOf = (id: RawBuilder<unknown>) => sql`(${id} & 2147483647)::int`;

/**
 * What is to be done: items whose turn it is, and those that were begun by a process that has ended since, or could not be
 * finished. One that was begun a moment ago is not free yet, though nobody holds it; the more often it was, the longer.
 */
const isToDo = sql<boolean>`(
  batch_items.state = 'waiting'
  OR batch_items.state = 'at work' AND batch_items.begun_at < now() - interval '5 seconds' * 2 ^ (batch_items.tries - 1)
    AND ${lockOf(sql`batch_items.id`)} NOT IN (
      SELECT objid::bigint::int FROM pg_locks
      WHERE locktype = 'advisory' AND classid = ${sql.lit(lockClass)}
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())))`;

export async function isSomethingToDo(db: Kysely<Own>): Promise<boolean> {
  const one = await db.selectFrom('batch_items').select('id').where(isToDo).limit(1).executeTakeFirst();
  return one !== undefined;
}

/** The next item that is to be done and that nobody else holds, held until the transaction ends. */
export function takeNext(trx: Transaction<Own>): Promise<Taken | undefined> {
  return itemsWith(trx, isToDo)
    .orderBy('batch_items.id')
    .limit(1)
    .forUpdate('batch_items')
    .skipLocked()
    .executeTakeFirst();
}

/**
 * Works on an item that was begun, held until the work or this process ends; nothing when somebody else holds it or it is
 * done. That takes a connection, and no transaction: one that is open so long would hold up whoever follows changes.
 */
export async function holding(
  db: Kysely<Own>,
  id: number,
  work: (session: Kysely<Own>, item: Taken) => Promise<void>,
): Promise<void> {
  await db.connection().execute(async (session) => {
    const lock = sql`${sql.lit(lockClass)}, ${lockOf(sql`${id}::bigint`)}`;
    const { rows } = await sql<{ held: boolean }>`SELECT pg_try_advisory_lock(${lock}) AS held`.execute(session);
    if (!rows[0]?.held) return;
    try {
      const item = await itemsWith(session, isBegun(id)).executeTakeFirst();
      if (item) await work(session, item);
    } finally {
      await sql`SELECT pg_advisory_unlock(${lock})`.execute(session);
    }
  });
}

const isBegun = (id: number) => sql<boolean>`batch_items.id = ${id} AND batch_items.state = 'at work'`;

function itemsWith(db: Kysely<Own>, which: RawBuilder<boolean>) {
  return db
    .selectFrom('batch_items')
    .innerJoin('batches', 'batches.id', 'batch_items.batch')
    .select(['batch_items.id', 'batch', 'case_id', 'step', 'shown', 'state', 'tries'])
    .select(['person', 'acted_by', 'act', 'search', 'request_id', 'credential', 'address'])
    .where(which);
}

/** From here on it may have been done. */
export async function markBegun(trx: Transaction<Own>, { id }: Taken): Promise<void> {
  await trx
    .updateTable('batch_items')
    .set({ state: 'at work', begun_at: sql`now()`, tries: sql`tries + 1` })
    .where('id', '=', id)
    .execute();
}

/** How an item ended. */
export interface Ended {
  state: 'done' | 'refused' | 'left out';
  problem?: Problem;
}

/** Keeps how an item ended, and that in the audit, unless it was only left out. */
export async function endItem(trx: Transaction<Own>, item: Taken, { state, problem }: Ended): Promise<void> {
  await trx
    .updateTable('batch_items')
    .set({ state, problem: problem ? JSON.stringify(problem.toDocument()) : null, ended_at: sql`now()` })
    .where('id', '=', item.id)
    .execute();
  if (state === 'left out') return;
  const { act } = item;
  await trx
    .insertInto('audit')
    .values({
      request_id: item.request_id ?? '',
      person: item.person,
      acted_by: item.acted_by,
      credential: item.credential,
      address: item.address ?? '',
      action: act.action,
      route: 'POST /api/batches/:id/start',
      about: kept(item.case_id),
      step: kept(item.step ?? undefined),
      decision: kept(act.action === 'decide' ? act.decision : act.action === 'resolve' ? act.resolution : undefined),
      reason: kept(act.action === 'decide' ? act.comment : act.reason),
      status: problem?.status ?? (act.action === 'cancel' ? 202 : 200),
    })
    .execute();
}
