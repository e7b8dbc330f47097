import { sql, type Kysely } from 'kysely';
import type { CaseRecord } from '../kit/client';
import type { ViewTables } from './database';
import { among, withKey } from './ids';
import { newest, type Confirmed, type Knowledge, type Reported } from './knowledge';
import { isReadable, type Readable } from './readable';

/** How old is what the view knows of a case. */
export interface Age {
  /** Whether the case itself said so, and not only its worker. */
  confirmed: boolean;
  /** As of when that was so, ISO 8601 in UTC. */
  asOf: string;
  /** There may be steps that are not known, or known as they were: reports were missed, or nobody can ask the case. */
  partial: boolean;
  /** When the case was last set back to an earlier point, from which its run goes on; ISO 8601 in UTC. */
  resetAt?: string;
}

/** A case as the view knows it. */
export interface KnownCase extends Age {
  record: CaseRecord;
}

/** The case of an id, when it is among those that may be told. */
export async function readCase(
  db: Kysely<ViewTables>,
  caseId: string,
  readable: Readable = 'all',
): Promise<KnownCase | undefined> {
  if (caseId.includes('\0')) return undefined;
  const found = await db
    .selectFrom('cases')
    .select('knowledge')
    .where('case_id', '=', caseId)
    .where(isReadable(readable))
    .executeTakeFirst();
  return found && asKnown(found.knowledge);
}

/** At most so many cases are read by one key; {@link searchCases} gives all, page by page. */
const mostByKey = 100;

/**
 * Cases by id, by key (`employee:E-1001`) or by its value alone (`E-1001`): the one of that id, else those with that key,
 * newest first, as far as they may be told.
 */
export async function readCases(
  db: Kysely<ViewTables>,
  idOrKey: string,
  readable: Readable = 'all',
): Promise<KnownCase[]> {
  if (idOrKey.includes('\0')) return [];
  const byId = await readCase(db, idOrKey, readable);
  if (byId) return [byId];
  const byKey = await db
    .selectFrom('cases')
    .select('knowledge')
    .where('case_id', '=', among(withKey(idOrKey)))
    .where(isReadable(readable))
    .orderBy('started_at', 'desc')
    .orderBy('case_id', 'desc')
    .limit(mostByKey)
    .execute();
  return byKey.map(({ knowledge }) => asKnown(knowledge));
}

/** What is known of those of these cases that have not ended, by their ids. */
export async function readOpen(db: Kysely<ViewTables>, caseIds: readonly string[]): Promise<Map<string, CaseRecord>> {
  if (caseIds.length === 0) return new Map();
  const found = await db
    .selectFrom('cases')
    .select('knowledge')
    .where('case_id', 'in', caseIds)
    .where('ended_at', 'is', null)
    .execute();
  return new Map(found.map(({ knowledge }) => newest(knowledge).record).map((record) => [record.caseId, record]));
}

/** What {@link newest} gives, of a row of `cases`. */
export const newestKnown = sql<
  Confirmed | Reported
>`coalesce(cases.knowledge->'reported', cases.knowledge->'confirmed')`;

/** How old what is known is. */
export function ageOf(known: Omit<Confirmed, 'record'> | Omit<Reported, 'record'>): Age {
  const { resetAt } = known;
  return {
    ...('reportedAt' in known
      ? { confirmed: false, asOf: known.reportedAt, partial: known.gaps ?? false }
      : { confirmed: true, asOf: known.confirmedAt, partial: known.partial ?? false }),
    ...(resetAt !== undefined && { resetAt }),
  };
}

function asKnown(knowledge: Knowledge): KnownCase {
  const known = newest(knowledge);
  return { record: known.record, ...ageOf(known) };
}

/** Ids and keys of the newest cases, at most 2,000, which somebody may have meant. */
export async function recentNames(db: Kysely<ViewTables>): Promise<Set<string>> {
  const { rows } = await sql<{ name: string }>`
    WITH newest AS (SELECT case_id FROM cases ORDER BY started_at DESC, case_id DESC LIMIT 2000)
    SELECT case_id AS name FROM newest
    UNION SELECT unnest(ARRAY[key, value]) FROM keys WHERE case_id IN (SELECT case_id FROM newest)`.execute(db);
  return new Set(rows.map(({ name }) => name));
}
