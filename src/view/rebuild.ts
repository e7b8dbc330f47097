import type { Client } from '@temporalio/client';
import { sql, type Kysely, type Transaction } from 'kysely';
import type { Logger } from 'pino';
import { listCases } from '../kit/client';
import { databaseTrouble } from '../service/database';
import { eachAtOnce } from './at-once';
import { askedAtOnce, confirm, isLoss } from './confirm';
import { openView, viewSchema, type ViewTables } from './database';
import { isKeepable } from './ids';
import { confirmCase } from './keep';
import type { Knowledge } from './knowledge';
import { silentQueues } from './silent-queues';

type Db = Kysely<ViewTables>;

/** Schemas of the view that is built, and of the one that it takes the place of. */
const nextSchema = 'view_next';
const lastSchema = 'view_last';

/** Tables that do not follow from cases; those that refer to others come first. */
const kept = ['watch_cases', 'watch_incidents', 'process_maps'];

/** How often the place is tried to be taken while others are at work with the view. */
const attempts = 20;

/** Another process builds the view anew already. */
export class RebuildAtWork extends Error {
  override name = 'RebuildAtWork';

  constructor() {
    super('the view is being rebuilt already; wait until that is done');
  }
}

/**
 * Builds the view anew from the server and the cases, beside the one there is, whose place it then takes at one stroke;
 * answers with how many cases it has. Carried over are cases that the server knows no more, those that did not answer,
 * and those of which something was reported or answered meanwhile; the latter are asked right after. Other processes go on
 * working with the view, and need no restart. When it fails, the view is as it was.
 * @throws RebuildAtWork; NoServer
 */
export async function rebuildView(url: string, client: Client, log: Logger): Promise<{ cases: number }> {
  const view = await openView(url, log);
  try {
    return await view.db.connection().execute((one) =>
      alone(one, async () => {
        await dropSchema(one, nextSchema);
        const next = await openView(url, log, nextSchema);
        try {
          const began = await now(view.db);
          await askAll(view.db, next.db, client, log);
          await carryOver(next.db, began);
          await keepPlaces(next.db);
          await takePlace(next.db, began);
          return await next.db
            .withSchema(viewSchema)
            .selectFrom('cases')
            .select(({ fn }) => fn.countAll<number>().as('cases'))
            .executeTakeFirstOrThrow();
        } finally {
          await next.close();
          await dropSchema(one, nextSchema);
        }
      }),
    );
  } finally {
    await view.close();
  }
}

async function alone<T>(one: Db, work: () => Promise<T>): Promise<T> {
  const key = sql`hashtextextended('whereabouts view rebuild', 0)`;
  const { rows } = await sql<{ free: boolean }>`SELECT pg_try_advisory_lock(${key}) AS free`.execute(one);
  if (!rows[0]?.free) throw new RebuildAtWork();
  try {
    return await work();
  } finally {
    await sql`SELECT pg_advisory_unlock(${key})`.execute(one);
  }
}

/** Of a case that does not answer, the steps that the view knows are kept. */
async function askAll(db: Db, next: Db, client: Client, log: Logger): Promise<void> {
  const queues = silentQueues();
  await eachAtOnce(listCases(client), askedAtOnce, async ({ caseId }) => {
    if (!isKeepable(caseId)) return;
    const askedAt = await now(db);
    const row = await db.selectFrom('cases').select('knowledge').where('case_id', '=', caseId).executeTakeFirst();
    const known: Knowledge = row?.knowledge ?? {};
    const due = { caseId, known, askedAt, anew: true };
    await confirm(next, client, due, queues, (answer) => confirmCase(next, answer)).catch((error: unknown) => {
      if (isLoss(error)) throw error;
      log.warn({ caseId, err: error }, 'A case could not be asked; what was known of it is kept');
    });
  });
}

/** Copies the cases that were not built anew, or about which something was told since. */
async function carryOver(next: Db, began: string): Promise<void> {
  await next.transaction().execute((trx) => copyCases(trx, began));
}

/** A case that is as it was keeps the place of its change, so that whoever is told of changes does not hear of it again. */
async function keepPlaces(next: Db): Promise<void> {
  const said = (cases: string) => {
    const knowledge = sql.ref(`${cases}.knowledge`);
    const record = sql`(coalesce(${knowledge}->'reported', ${knowledge}->'confirmed')->'record') - 'historyLength' - 'build'`;
    return sql`(${record}, ${sql.ref(`${cases}.ended_at`)} IS NOT NULL AND NOT ${knowledge} ? 'reported')`;
  };
  await sql`
    UPDATE ${sql.id(nextSchema, 'changes')} AS anew SET (changed_in, number) = (
      SELECT last.changed_in, coalesce(last.number, anew.number)
      FROM ${sql.id(nextSchema, 'cases')} AS built
        LEFT JOIN ${sql.id(viewSchema, 'cases')} AS known ON known.case_id = built.case_id AND ${said('known')} = ${said('built')}
        LEFT JOIN ${sql.id(viewSchema, 'changes')} AS last ON last.case_id = known.case_id
      WHERE built.case_id = anew.case_id)`.execute(next);
}

/** Nobody reads or writes the view while what came in the end is copied and the schemas are renamed. */
async function takePlace(next: Db, began: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await next.transaction().execute(async (trx) => {
        const tables = (await tablesOfCases(trx)).map(({ table }) => sql.id(viewSchema, table));
        await sql`LOCK TABLE ${sql.join(tables)} IN ACCESS EXCLUSIVE MODE`.execute(trx);
        await copyCases(trx, began);
        await sql`UPDATE changes SET changed_in = DEFAULT WHERE changed_in IS NULL`.execute(trx);
        for (const table of kept) {
          await sql`DROP TABLE ${sql.id(nextSchema, table)}`.execute(trx);
          await sql`ALTER TABLE ${sql.id(viewSchema, table)} SET SCHEMA ${sql.id(nextSchema)}`.execute(trx);
        }
        await sql`UPDATE sweeps SET swept_until = ${began}`.execute(trx);
        await sql`ALTER SCHEMA ${sql.id(viewSchema)} RENAME TO ${sql.id(lastSchema)}`.execute(trx);
        await sql`ALTER SCHEMA ${sql.id(nextSchema)} RENAME TO ${sql.id(viewSchema)}`.execute(trx);
        await dropSchema(trx, lastSchema);
      });
    } catch (error) {
      if (databaseTrouble(error) !== 'contended' || attempt === attempts) throw error;
    }
  }
}

async function copyCases(trx: Transaction<ViewTables>, began: string): Promise<void> {
  await sql`
    CREATE TEMPORARY TABLE carried ON COMMIT DROP AS
    SELECT case_id, known.changed_at >= ${began} AS changed
    FROM ${sql.id(viewSchema, 'cases')} AS known LEFT JOIN ${sql.id(nextSchema, 'cases')} AS built USING (case_id)
    WHERE built.case_id IS NULL OR known.changed_at >= ${began}`.execute(trx);
  await sql`DELETE FROM ${sql.id(nextSchema, 'cases')} WHERE case_id IN (SELECT case_id FROM carried)`.execute(trx);
  for (const { table, columns } of await tablesOfCases(trx)) {
    const names = sql.join(columns.map((column) => sql.id(column)));
    await sql`
      INSERT INTO ${sql.id(nextSchema, table)} (${names})
      SELECT ${names} FROM ${sql.id(viewSchema, table)} WHERE case_id IN (SELECT case_id FROM carried)`.execute(trx);
  }
  await sql`
    UPDATE ${sql.id(nextSchema, 'cases')} SET confirm_at = now()
    WHERE confirm_at IS NOT NULL AND case_id IN (SELECT case_id FROM carried WHERE changed)`.execute(trx);
}

/** Tables with rows of a case, `cases` first, since the others refer to it; without columns that follow from others. */
async function tablesOfCases(trx: Transaction<ViewTables>): Promise<{ table: string; columns: string[] }[]> {
  const { rows } = await sql<{ table: string; columns: string[] }>`
    SELECT table_name AS table, array_agg(column_name::text) FILTER (WHERE is_generated = 'NEVER') AS columns
    FROM information_schema.columns
    WHERE table_schema = ${nextSchema} AND table_name <> ALL (${kept})
    GROUP BY table_name
    HAVING bool_or(column_name = 'case_id')
    ORDER BY table_name <> 'cases', table_name`.execute(trx);
  return rows;
}

async function dropSchema(db: Db, schema: string): Promise<void> {
  await sql`DROP SCHEMA IF EXISTS ${sql.id(schema)} CASCADE`.execute(db);
}

async function now(db: Db): Promise<string> {
  const { rows } = await sql<{ now: string }>`SELECT now()`.execute(db);
  return rows[0]?.now ?? '';
}
