import { sql, type Kysely } from 'kysely';
import type { CaseRecord, Step } from '../kit/client';
import { count, countByDay, type Facet } from './counts';
import { readCursor, writeCursor } from './cursor';
import type { ViewTables } from './database';
import { casesOfSearch, type Cases, type CaseSearch } from './fitting';
import type { Confirmed, Reported } from './knowledge';
import { openNow } from './open-now';
import { ageOf, newestKnown, type Age } from './read';
import type { Readable } from './readable';

/** A case in a list: what it says of itself, of its steps only those open now. */
export interface ListedCase extends Age {
  record: Omit<CaseRecord, 'steps'>;
  /** In order; those of status `open` and `parked`, with tasks and incidents beyond the steps that are recorded. */
  currentSteps: Step[];
  /** How many of the recorded steps have ended well. */
  stepsDone: number;
  stepsRecorded: number;
}

export interface CasePage {
  cases: ListedCase[];
  /** Where the next page begins; absent on the last one. */
  cursor?: string;
}

/** `newest` first, or those first that `waiting` people have had to wait for longest, which are all that wait. */
export type CaseOrder = 'newest' | 'waiting';

/** Which part of a list is wanted, at most 50 unless told. */
export interface PageWanted {
  cursor?: string;
  limit?: number;
}

type WithoutSteps = Pick<ListedCase, 'record'> & (Omit<Confirmed, 'record'> | Omit<Reported, 'record'>);

const orders = {
  newest: { column: 'started_at', direction: 'desc', beyond: '<' },
  waiting: { column: 'waiting_since', direction: 'asc', beyond: '>' },
} as const;

const openAmongSteps = sql<
  Step[]
>`jsonb_path_query_array(${newestKnown}, '$.record.steps[*] ? (@.status == "open" || @.status == "parked")')`;

const endedWell = sql`jsonb_path_query_array(${newestKnown}, '$.record.steps[*] ? (
  @.status == "done" || @.status == "skipped" || @.status == "replaced" || @.status == "compensated")')`;

/** Of a row of `cases`, what {@link asListed} makes a listed case of. */
export const listed = [
  openAmongSteps.as('currentSteps'),
  sql<number>`jsonb_array_length(${endedWell})`.as('stepsDone'),
  sql<number>`jsonb_array_length(${newestKnown} #> '{record,steps}')`.as('stepsRecorded'),
  sql<WithoutSteps>`${newestKnown} #- '{record,steps}'`.as('known'),
] as const;

type ListedRow = Pick<ListedCase, 'currentSteps' | 'stepsDone' | 'stepsRecorded'> & { known: WithoutSteps };

export function asListed({ known, currentSteps, stepsDone, stepsRecorded }: ListedRow): ListedCase {
  return {
    record: known.record,
    currentSteps: openNow(currentSteps, known.record),
    stepsDone,
    stepsRecorded,
    ...ageOf(known),
  };
}

type CasePageWanted = PageWanted & { order?: CaseOrder };

/**
 * Cases that fit and may be told, page by page; a case that is there throughout is on one page.
 * @throws InvalidCursor
 */
export async function searchCases(
  db: Kysely<ViewTables>,
  search: CaseSearch,
  wanted: CasePageWanted = {},
  readable: Readable = 'all',
): Promise<CasePage> {
  const { cases } = await casesOfSearch(db, search, readable);
  return pageOf(db, cases, wanted);
}

/**
 * As {@link searchCases}, with how many cases fit and may be told; without when very many mention the text.
 * @throws InvalidCursor
 */
export async function searchAndCount(
  db: Kysely<ViewTables>,
  search: CaseSearch,
  wanted: CasePageWanted = {},
  readable: Readable = 'all',
): Promise<CasePage & { facets?: Facet[] }> {
  const { cases, areMany } = await casesOfSearch(db, search, readable);
  const [page, facets] = await Promise.all([
    pageOf(db, cases, wanted),
    areMany ? undefined : (countByDay(db, search, readable) ?? count(cases)),
  ]);
  return { ...page, ...(facets && { facets }) };
}

async function pageOf(
  db: Kysely<ViewTables>,
  cases: Cases,
  { order = 'newest', cursor, limit = 50 }: CasePageWanted,
): Promise<CasePage> {
  const { column, direction, beyond } = orders[order];
  let place = cases
    .select(['cases.case_id', `cases.${column} as place`])
    .where(`cases.${column}`, 'is not', null)
    .orderBy(`cases.${column}`, direction)
    .orderBy('cases.case_id', direction)
    .limit(limit + 1);
  if (cursor !== undefined) {
    const [at, caseId] = readCursor(cursor, order, 1) as [string, string];
    place = place.where((row) => row(row.refTuple(`cases.${column}`, 'cases.case_id'), beyond, row.tuple(at, caseId)));
  }
  const rows = await db
    .with('page', () => place)
    .selectFrom('page')
    .innerJoin('cases', 'cases.case_id', 'page.case_id')
    .select(['page.case_id', 'page.place', ...listed])
    .orderBy('page.place', direction)
    .orderBy('page.case_id', direction)
    .execute();
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return {
    cases: page.map(asListed),
    ...(rows.length > limit && last?.place && { cursor: writeCursor(order, [last.place, last.case_id]) }),
  };
}
