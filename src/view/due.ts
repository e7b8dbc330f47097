import { sql, type Kysely } from 'kysely';
import type { ViewTables } from './database';
import type { Knowledge } from './knowledge';

type Db = Kysely<ViewTables>;

/** How long a case that was reported rests before it is asked, so that a busy one is not asked after each step. */
export const rest = 2_000;
/**
 * After how long at most an open case is asked again of which nothing was heard; one of which nothing was ever reported
 * is asked after as long as nothing has changed in it, and not before `unheard`.
 */
const quiet = 300_000;
const unheard = 10_000;
/** After how long at most a case is asked again that has ended and did not answer. */
const longQuiet = 86_400_000;
/** For how long a case is left to whoever took it on to ask it. */
const lease = 60_000;

/** A case that is to be asked. */
export interface DueCase {
  caseId: string;
  known: Knowledge;
  /** As of when it is asked, by the clock of the database, ISO 8601. What was reported before is in its answer. */
  askedAt: string;
  /** Whether it is to be asked even if nothing has happened in it: it did not answer the last time. */
  anew: boolean;
}

/** Cases that are to be asked now, the longest due first; nobody else is given them for a minute. */
export async function casesToConfirm(db: Db, limit: number): Promise<DueCase[]> {
  return db
    .with('due', (with_) =>
      with_
        .selectFrom('cases')
        .select('case_id')
        .where('confirm_at', '<=', sql<string>`now()`)
        .orderBy('confirm_at')
        .limit(limit)
        .forUpdate()
        .skipLocked(),
    )
    .updateTable('cases')
    .from('due')
    .set({ confirm_at: inMilliseconds(sql`${lease}`) })
    .whereRef('cases.case_id', '=', 'due.case_id')
    .returning([
      'cases.case_id as caseId',
      'cases.knowledge as known',
      sql<string>`now()`.as('askedAt'),
      sql<boolean>`cases.unanswered > 0`.as('anew'),
    ])
    .execute();
}

/**
 * In how many milliseconds a case is to be asked of which this is known now; null: no more. One of which the newest was
 * reported is asked earlier if it was to be before.
 */
export function askedIn({ reported, confirmed }: Knowledge, before: { knowledge: Knowledge }): number | null {
  if (reported) return reported.gaps || reported.record.endedAt !== undefined ? 0 : rest;
  if (confirmed?.events === undefined) return 0;
  if (confirmed.record.endedAt !== undefined) return null;
  return before.knowledge.reported ? quiet : unheard;
}

/** Nothing has happened in the case since it was asked before; one that has ended is asked no more. */
export async function stillSo(db: Db, { caseId, askedAt }: DueCase): Promise<void> {
  const unchanged = sql`extract(epoch FROM now() - changed_at) * 1000`;
  await db
    .updateTable('cases')
    .set({
      knowledge: sql`jsonb_set(knowledge, '{confirmed,confirmedAt}', to_jsonb(${askedAt}::text))`,
      confirm_at: sql`CASE WHEN ended_at IS NULL THEN ${inMilliseconds(sql`least(${quiet}, greatest(${unheard}, ${unchanged}))`)} END`,
      unanswered: 0,
    })
    .where('case_id', '=', caseId)
    .where(sql<boolean>`NOT knowledge ? 'reported'`)
    .execute();
}

/** The case did not answer, and is to be asked again: after seconds, and twice that each time. */
export async function postpone(db: Db, caseId: string): Promise<void> {
  const most = sql`CASE WHEN ended_at IS NULL THEN ${quiet}::float ELSE ${longQuiet}::float END`;
  await db
    .updateTable('cases')
    .set({
      unanswered: sql`unanswered + 1`,
      confirm_at: inMilliseconds(sql`least(${most}, ${rest} * 2 ^ least(unanswered, 20))`),
    })
    .where('case_id', '=', caseId)
    .execute();
}

/** A case in which something happens is to be asked once it has rested, if it was to be later. */
export async function askAfterRest(db: Db, caseId: string): Promise<void> {
  await db
    .updateTable('cases')
    .set({ confirm_at: sql`least(confirm_at, ${inMilliseconds(sql`${rest}`)})` })
    .where('case_id', '=', caseId)
    .execute();
}

/** Cases are to be asked at once in which, as the server's history is longer, something happened that nobody told. */
export async function askWhereMoreHappened(db: Db, seen: { caseId: string; historyLength: number }[]): Promise<void> {
  await sql`
    UPDATE cases SET confirm_at = now()
    FROM unnest(
      ${seen.map(({ caseId }) => caseId)}::text[], ${seen.map(({ historyLength }) => historyLength)}::int[]
    ) AS seen (case_id, length)
    WHERE cases.case_id = seen.case_id AND confirm_at > now() AND unanswered = 0
      AND NOT knowledge ? 'reported' AND (knowledge #>> '{confirmed,events}')::int <> seen.length`.execute(db);
}

/** These cases are to be asked at once. */
export async function askSoon(db: Db, caseIds: string[]): Promise<void> {
  await db
    .updateTable('cases')
    .set({ confirm_at: sql`now()` })
    .where('case_id', '=', sql<string>`any(${caseIds}::text[])`)
    .execute();
}

/** All cases that did not answer are to be asked at once. */
export async function askSilentSoon(db: Db): Promise<void> {
  await db
    .updateTable('cases')
    .set({ confirm_at: sql`now()` })
    .where('unanswered', '>', 0)
    .where('confirm_at', 'is not', null)
    .execute();
}

function inMilliseconds(milliseconds: ReturnType<typeof sql>) {
  return sql<string>`now() + ${milliseconds} * interval '1 millisecond'`;
}
