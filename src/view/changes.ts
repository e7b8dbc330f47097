import { sql, type Kysely, type QueryCreator, type Transaction } from 'kysely';
import type { ViewTables } from './database';
import { casesThatFit, type CaseSearch } from './fitting';
import type { Confirmed, Reported } from './knowledge';
import type { Readable } from './readable';
import { asListed, listed, type ListedCase } from './search';

/** When each case last changed. */
export interface ChangeTables {
  changes: {
    case_id: string;
    /** The transaction that the change was made in, an `xid8`; null only in a view that is being built. */
    changed_in: string | null;
    /** Tells changes of one transaction apart. */
    number: number;
  };
}

/** A place in the order of changes: those before and at it were told. */
export interface Place {
  transaction: string;
  number: number;
}

/** A case that changed, as it is now. */
export interface Change {
  place: Place;
  changed: ListedCase;
}

type Moment = Transaction<ViewTables>;

/**
 * What of the newest that is known of a case is news, which numbers its change anew: that it has ended for sure, but else not
 * that it was confirmed, nor what moves with each task of its worker.
 */
export function said(known: Confirmed | Reported): object[] {
  const { historyLength: _, build: __, ...rest } = known.record;
  return [{ ...rest, hasEndedForSure: rest.endedAt !== undefined && 'confirmedAt' in known }];
}

/**
 * Reads the view as it is at one moment. The tables are taken before that moment: else, while a view that was built anew
 * takes its place, that of before it would be read in the new one.
 */
export function atOneMoment<T>(db: Kysely<ViewTables>, read: (moment: Moment) => Promise<T>): Promise<T> {
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute(async (moment) => {
      await sql`LOCK TABLE cases, changes, keys, open_steps IN ACCESS SHARE MODE`.execute(moment);
      return read(moment);
    });
}

/**
 * Up to where changes can be told: before every transaction that is still at work, whose changes come in the order of its
 * number, and not of its end. One that stays open, in any database of the server, holds all later changes up.
 */
export async function endOfChanges(moment: Moment): Promise<Place> {
  const { rows } = await sql<{ transaction: string }>`
    SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS transaction`.execute(moment);
  return { transaction: rows[0]?.transaction ?? '0', number: 0 };
}

/** Cases that changed after a place and before the end, in order: each once, as it is now, however often it changed. */
export async function changesAfter(moment: Moment, place: Place, end: Place, limit: number): Promise<Change[]> {
  const rows = await moment
    .selectFrom('changes')
    .innerJoin('cases', 'cases.case_id', 'changes.case_id')
    .select([sql<string>`changes.changed_in::text`.as('transaction'), 'changes.number', ...listed])
    .where(sql<boolean>`(changed_in, number) > (${place.transaction}::xid8, ${place.number}::bigint)`)
    .where(sql<boolean>`changed_in < ${end.transaction}::xid8`)
    .orderBy('changes.changed_in')
    .orderBy('changes.number')
    .limit(limit)
    .execute();
  return rows.map(({ transaction, number, ...row }) => ({ place: { transaction, number }, changed: asListed(row) }));
}

/**
 * Of some cases those that may be told, and whether each fits. Left out are also those that do not fit by what a case
 * keeps, its id, its process and its keys: they never fitted.
 */
export async function fittingAmong(
  moment: Moment,
  caseIds: string[],
  search: CaseSearch,
  readable: Readable,
): Promise<Map<string, boolean>> {
  const { caseId, process, key } = search;
  const lasting = {
    ...(caseId !== undefined && { caseId }),
    ...(process !== undefined && { process }),
    ...(key !== undefined && { key }),
  };
  const rows = await casesThatFit(among(moment, caseIds), lasting, readable)
    .select('cases.case_id')
    .select((row) => row('cases.case_id', 'in', casesThatFit(moment, search, 'all').select('cases.case_id')).as('fits'))
    .execute();
  return new Map(rows.map(({ case_id: caseId, fits }) => [caseId, Boolean(fits)]));
}

/** Queries, with all that is nested in them, for which there are only these cases: they take the names of the tables. */
function among(moment: Moment, caseIds: string[]): QueryCreator<ViewTables> {
  const these = sql<string>`any(${caseIds}::text[])`;
  const queries = moment
    .with('keys', (all) => all.selectFrom('keys').selectAll().where('case_id', '=', these))
    .with('open_steps', (all) => all.selectFrom('open_steps').selectAll().where('case_id', '=', these))
    .with('cases', (all) => all.selectFrom('cases').selectAll().where('case_id', '=', these));
  return queries;
}

/** As text, of digits and a hyphen. */
export function writePlace({ transaction, number }: Place): string {
  return `${transaction}-${number}`;
}

/** The place that {@link writePlace} wrote; undefined for any other text. */
export function readPlace(text: string): Place | undefined {
  const [, transaction, number] = /^(\d{1,19})-(\d{1,15})$/.exec(text) ?? [];
  return transaction === undefined || number === undefined ? undefined : { transaction, number: Number(number) };
}

/** Whether a place comes after another; one that comes after the end is of another database server. */
export function isAfter(place: Place, other: Place): boolean {
  const [one, two] = [BigInt(place.transaction), BigInt(other.transaction)];
  return one === two ? place.number > other.number : one > two;
}
