import { sql, type Kysely, type QueryCreator, type RawBuilder, type SelectQueryBuilder } from 'kysely';
import type { CaseStatus } from '../kit/client';
import type { ViewTables } from './database';
import { among, withKey } from './ids';
import { areFew, concerning, isReadable, type Readable } from './readable';

/**
 * What cases are searched by. All that is given has to fit, and what is said of open steps has to fit one of them. Times
 * are ISO 8601.
 */
export interface CaseSearch {
  caseId?: string;
  process?: string;
  /** `open`: not ended, whatever it is at. */
  status?: CaseStatus | 'open';
  /** A business key, `employee:E-1001`, or its value alone, `E-1001`. */
  key?: string;
  /** How the id begins, or part of the value of a key or of the title of an open step; fewer than three characters: how it begins. */
  text?: string;
  /** Name of a step open now. */
  step?: string;
  /** System that a step open now calls. */
  system?: string;
  /** One of these it calls. */
  systems?: string[];
  /** Role that a task open now waits for. */
  role?: string;
  /** Person who is asked by a task open now. */
  person?: string;
  outcome?: string;
  startedBefore?: string;
}

export type Cases = SelectQueryBuilder<ViewTables, 'cases', object>;

/** The cases that fit and may be told, and whether their text is a common one, so that they are not to be counted. */
export async function casesOfSearch(
  db: Kysely<ViewTables>,
  search: CaseSearch,
  readable: Readable,
): Promise<{ cases: Cases; areMany: boolean }> {
  const { text, ...others } = search;
  const askEach = text === undefined || isNoText(text) || (areFew(readable) && (await fewConcern(db, readable)));
  if (askEach) return { cases: casesThatFit(db, search, readable), areMany: false };
  const mentioning = await idsMentioning(db, text);
  if (!mentioning) return { cases: casesThatFit(db, search, readable), areMany: true };
  return { cases: casesThatFit(db, others, readable, [mentioning]), areMany: false };
}

/**
 * The cases that fit and may be told, of those that are in each of the sets of ids. Of a text each is asked in turn
 * whether it mentions it, which is for few cases.
 */
export function casesThatFit(
  db: QueryCreator<ViewTables>,
  search: CaseSearch,
  readable: Readable,
  within: RawBuilder<string>[] = [],
): Cases {
  let cases: Cases = db.selectFrom('cases');
  if (fitsNothing(search)) return cases.where(sql<boolean>`false`);
  const { caseId, process, status, outcome, startedBefore, text } = search;
  if (caseId !== undefined) cases = cases.where('cases.case_id', '=', caseId);
  if (process !== undefined) cases = cases.where('cases.process', '=', process);
  if (status !== undefined) cases = cases.where('cases.status', 'in', statuses(status));
  if (outcome !== undefined) cases = cases.where('cases.outcome', '=', outcome);
  if (startedBefore !== undefined) cases = cases.where('cases.started_at', '<', startedBefore);
  if (text !== undefined) cases = cases.where(mentions(text));

  const sets = [...within, ...idsElsewhere(search)];
  if (areFew(readable)) sets.push(concerning(readable));
  else cases = cases.where(isReadable(readable));
  return sets.length === 0 ? cases : cases.where('cases.case_id', '=', among(...sets));
}

export function statuses(status: CaseStatus | 'open'): CaseStatus[] {
  return status === 'open' ? ['running', 'waiting', 'incident'] : [status];
}

/** Ids of the cases that fit by what other tables hold, for each of these. */
function idsElsewhere({ key, step, system, systems, role, person }: CaseSearch): RawBuilder<string>[] {
  const sets: RawBuilder<string>[] = [];
  if (key !== undefined) sets.push(withKey(key));
  const ofStep: RawBuilder<boolean>[] = [];
  if (step !== undefined) ofStep.push(sql`name = ${step}`);
  if (system !== undefined) ofStep.push(sql`system = ${system}`);
  if (systems !== undefined) ofStep.push(sql`system = ANY(${systems}::text[])`);
  if (role !== undefined) ofStep.push(sql`role = ${role}`);
  if (person !== undefined) ofStep.push(asks(person));
  const fits = sql.join(ofStep, sql` AND `);
  if (ofStep.length > 0) sets.push(sql`SELECT case_id FROM open_steps WHERE ${fits}`);
  return sets;
}

/** Whether a row of `open_steps` asks a person by name. */
export function asks(person: string): RawBuilder<boolean> {
  return sql<boolean>`open_steps.candidates @> array[${person}]::text[]`;
}

/** Whether something is searched for that nothing has. */
export function fitsNothing(search: object): boolean {
  const values = Object.values(search) as (string | string[])[];
  return values.flat().some(isNoText);
}

/** Postgres keeps no NUL, so nothing has one. */
export function isNoText(value: string): boolean {
  return value.includes('\0');
}

/** Cases so few can each be asked for a text. */
const fewIds = 1_000;

async function fewConcern(db: Kysely<ViewTables>, readable: Exclude<Readable, 'all'>): Promise<boolean> {
  const { rows } = await sql`SELECT FROM (${concerning(readable)}) AS ids LIMIT ${fewIds + 1}`.execute(db);
  return rows.length <= fewIds;
}

/** More values than this, or ids, take longer to gather than it takes to find the cases of a page without them. */
const manyValues = 1_000;
const manyIds = 10_000;

/** Ids of the cases that mention a text; undefined when they are too many to be gathered. */
async function idsMentioning(db: Kysely<ViewTables>, text: string): Promise<RawBuilder<string> | undefined> {
  const found = await sql<{ value: string }>`
    SELECT value FROM key_values WHERE value ILIKE ${patternOf(text)} LIMIT ${manyValues + 1}`.execute(db);
  if (found.rows.length > manyValues) return undefined;
  const values = found.rows.map(({ value }) => value);
  const ids = sql<string>`(
    SELECT case_id FROM keys WHERE value = ANY(${values}::text[])
    UNION ALL
    SELECT case_id FROM cases AS named WHERE case_id LIKE ${`${literally(text)}%`}
    UNION ALL
    SELECT case_id FROM open_steps WHERE title ILIKE ${patternOf(text)})`;
  const { rows } = await sql<{ count: number; ids: string | null }>`
    SELECT count(*), array_agg(case_id)::text AS ids
    FROM (SELECT case_id FROM ${ids} AS ids LIMIT ${manyIds + 1}) AS found`.execute(db);
  const [{ count, ids: array } = { count: 0, ids: null }] = rows;
  return count > manyIds ? undefined : sql`SELECT unnest(${array ?? '{}'}::text[])`;
}

/** Whether a row of `cases` mentions a text, each asked in turn. */
function mentions(text: string): RawBuilder<boolean> {
  const pattern = patternOf(text);
  return sql`(
    cases.case_id LIKE ${`${literally(text)}%`}
    OR (SELECT true FROM keys WHERE keys.case_id = cases.case_id AND value ILIKE ${pattern} LIMIT 1)
    OR (SELECT true FROM open_steps WHERE open_steps.case_id = cases.case_id AND title ILIKE ${pattern} LIMIT 1))`;
}

function patternOf(text: string): string {
  return text.length < 3 ? `${literally(text)}%` : `%${literally(text)}%`;
}

function literally(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&');
}
