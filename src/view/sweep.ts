import type { Client } from '@temporalio/client';
import { sql, type Kysely } from 'kysely';
import type { Logger } from 'pino';
import { listCases, type ServerRecord } from '../kit/client';
import { keepApart } from './apart';
import { foldCounts } from './counts';
import type { ViewTables } from './database';
import { askSoon } from './due';
import { isKeepable } from './ids';
import { keepListed } from './keep';

type Db = Kysely<ViewTables>;

/** The server's search is seconds behind; what ended so many milliseconds before it was read is read again. */
const overlap = 120_000;
/** For how long a sweep is left to the process that took it on, from page to page. */
const lease = 60_000;
const pageSize = 500;

/**
 * Reads from the server's search which cases run, and which have ended since the sweep before, and has those asked that
 * are not known, or not so; one that Postgres does not take is left out. Does nothing where that was done in the last so
 * many milliseconds, by whichever process.
 * @throws NoServer
 */
export async function sweep(db: Db, client: Client, log: Logger, every: number): Promise<void> {
  const taken = await db
    .updateTable('sweeps')
    .set({ next_at: inMilliseconds(lease) })
    .where('next_at', '<=', sql<string>`now()`)
    .returning(['swept_until', sql<string>`now()`.as('began')])
    .executeTakeFirst();
  if (!taken) return;
  const { swept_until: until, began } = taken;
  try {
    const since = until === null ? {} : { endedSince: new Date(Date.parse(until) - overlap) };
    await foldCounts(db);
    for await (const page of pages(listCases(client, since))) {
      const keepable = page.filter(({ caseId }) => isKeepable(caseId));
      await askUnknown(db, keepable, log);
      await db
        .updateTable('sweeps')
        .set({ next_at: inMilliseconds(lease) })
        .execute();
    }
  } catch (error) {
    await db
      .updateTable('sweeps')
      .set({ next_at: sql`now()` })
      .execute();
    throw error;
  }
  await db
    .updateTable('sweeps')
    .set({ swept_until: began, next_at: inMilliseconds(every) })
    .execute();
}

/** Has cases asked that are not known as they were listed. */
async function askUnknown(db: Db, listed: ServerRecord[], log: Logger): Promise<void> {
  const { rows } = await sql<{ caseId: string; isKnown: boolean }>`
    SELECT listed.case_id AS "caseId", cases.case_id IS NOT NULL AS "isKnown"
    FROM unnest(
      ${listed.map(({ caseId }) => caseId)}::text[],
      ${listed.map(({ runId }) => runId)}::text[],
      ${listed.map(({ endedAt }) => endedAt !== undefined)}::boolean[]
    ) AS listed (case_id, run_id, ended)
    LEFT JOIN cases USING (case_id)
    WHERE cases.case_id IS NULL OR cases.run_id <> listed.run_id OR (cases.ended_at IS NOT NULL) <> listed.ended
  `.execute(db);
  const unknown = new Set(rows.filter(({ isKnown }) => !isKnown).map(({ caseId }) => caseId));
  await keepApart(
    listed.filter(({ caseId }) => unknown.has(caseId)),
    (some) => keepListed(db, some),
    ({ caseId }, error) => log.warn({ caseId, err: error }, 'A case cannot be kept; it is left out'),
  );
  await askSoon(
    db,
    rows.filter(({ isKnown }) => isKnown).map(({ caseId }) => caseId),
  );
}

async function* pages<T>(items: AsyncIterable<T>): AsyncGenerator<T[]> {
  let page: T[] = [];
  for await (const item of items) {
    page.push(item);
    if (page.length < pageSize) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}

function inMilliseconds(milliseconds: number) {
  return sql<string>`now() + ${milliseconds} * interval '1 millisecond'`;
}
