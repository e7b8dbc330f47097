import { sql, type ExpressionBuilder, type Kysely, type SelectQueryBuilder } from 'kysely';
import type { CaseStatus } from '../kit/client';
import type { ViewTables } from './database';
import { asKnown, type KnownCase } from './read';

/** What cases are searched by. All that is given has to fit. Times are ISO 8601. */
export interface CaseSearch {
  process?: string;
  /** `open`: not ended, whatever it is at. */
  status?: CaseStatus | 'open';
  /** A business key, `employee:E-1001`, or its value alone, `E-1001`. */
  key?: string;
  /** Part of a key, of the process or of the title of an open step; at least three characters find parts, fewer beginnings. */
  text?: string;
  /** Name of a step open now. */
  step?: string;
  /** System that a step open now calls. */
  system?: string;
  /** Role that a task open now waits for. */
  role?: string;
  /** Person who is asked by a task open now. */
  person?: string;
  outcome?: string;
  startedBefore?: string;
}

export interface CasePage {
  cases: KnownCase[];
  /** Where the next page begins; absent on the last one. */
  cursor?: string;
}

export interface Facet {
  process: string;
  status: CaseStatus;
  count: number;
}

/** `newest` first, or those first that `waiting` people have had to wait for longest, which are all that wait. */
export type CaseOrder = 'newest' | 'waiting';

/** A cursor that no page has given. */
export class InvalidCursor extends Error {
  override name = 'InvalidCursor';

  constructor(cursor: string) {
    super(`cursor: "${cursor}" was not given by a page of this search; begin without one`);
  }
}

const orders = {
  newest: { column: 'started_at', direction: 'desc', beyond: '<' },
  waiting: { column: 'waiting_since', direction: 'asc', beyond: '>' },
} as const;

/**
 * Cases that fit, page by page; a case that is there throughout is on one page.
 * @throws InvalidCursor
 */
export async function searchCases(
  db: Kysely<ViewTables>,
  search: CaseSearch,
  { order = 'newest', cursor, limit = 50 }: { order?: CaseOrder; cursor?: string; limit?: number } = {},
): Promise<CasePage> {
  const { column, direction, beyond } = orders[order];
  let query = fitting(db, search)
    .select(['cases.case_id', 'cases.knowledge', `cases.${column} as place`])
    .where(`cases.${column}`, 'is not', null)
    .orderBy(`cases.${column}`, direction)
    .orderBy('cases.case_id', direction)
    .limit(limit + 1);
  if (cursor !== undefined) {
    const { place, caseId } = readCursor(cursor, order);
    query = query.where((row) =>
      row(row.refTuple(`cases.${column}`, 'cases.case_id'), beyond, row.tuple(place, caseId)),
    );
  }
  const rows = await query.execute();
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return {
    cases: page.map(({ knowledge }) => asKnown(knowledge)),
    ...(rows.length > limit && last && { cursor: writeCursor(order, last.place, last.case_id) }),
  };
}

/** How many cases fit, by process and status. */
export async function countCases(db: Kysely<ViewTables>, search: CaseSearch): Promise<Facet[]> {
  return fitting(db, search)
    .select(['cases.process', 'cases.status', (row) => row.fn.countAll<number>().as('count')])
    .groupBy(['cases.process', 'cases.status'])
    .orderBy('cases.process')
    .orderBy('cases.status')
    .execute();
}

type Cases = SelectQueryBuilder<ViewTables, 'cases', object>;

function fitting(db: Kysely<ViewTables>, search: CaseSearch): Cases {
  const { process, status, outcome, startedBefore, key, text, step, system, role, person } = search;
  let query: Cases = db.selectFrom('cases');
  if (Object.values(search).some(isNoText)) return query.where(sql<boolean>`false`);
  if (process !== undefined) query = query.where('cases.process', '=', process);
  if (status === 'open') query = query.where('cases.ended_at', 'is', null);
  else if (status !== undefined) query = query.where('cases.status', '=', status);
  if (outcome !== undefined) query = query.where('cases.outcome', '=', outcome);
  if (startedBefore !== undefined) query = query.where('cases.started_at', '<', startedBefore);
  if (key !== undefined) query = query.where((row) => hasKey(row, key));
  if (step !== undefined) query = query.where((row) => hasOpenStep(row, (open) => open.where('name', '=', step)));
  if (system !== undefined) query = query.where((row) => hasOpenStep(row, (open) => open.where('system', '=', system)));
  if (role !== undefined) query = query.where((row) => hasOpenStep(row, (open) => open.where('role', '=', role)));
  if (person !== undefined) {
    query = query.where((row) =>
      hasOpenStep(row, (open) => open.where('candidates', '@>', sql<string[]>`array[${person}]::text[]`)),
    );
  }
  if (text !== undefined) query = query.where((row) => mentions(row, text));
  return query;
}

/** Postgres keeps no NUL, so nothing has one. */
function isNoText(value: string): boolean {
  return value.includes('\0');
}

type Row = ExpressionBuilder<ViewTables, 'cases'>;
type OpenSteps = SelectQueryBuilder<ViewTables, 'open_steps', object>;

function hasKey(row: Row, key: string) {
  const withKey = row
    .selectFrom('keys')
    .select('keys.case_id')
    .where((either) => either.or([either('key', '=', key), either('value', '=', key)]));
  return row('cases.case_id', 'in', withKey);
}

function hasOpenStep(row: Row, meant: (open: OpenSteps) => OpenSteps) {
  return row('cases.case_id', 'in', meant(row.selectFrom('open_steps')).select('open_steps.case_id'));
}

function mentions(row: Row, text: string) {
  const literal = text.replace(/[\\%_]/g, '\\$&');
  const pattern = text.length < 3 ? `${literal}%` : `%${literal}%`;
  return row.or([
    row('cases.process', 'ilike', pattern),
    row('cases.case_id', 'in', row.selectFrom('keys').select('keys.case_id').where('value', 'ilike', pattern)),
    hasOpenStep(row, (open) => open.where('title', 'ilike', pattern)),
  ]);
}

function writeCursor(order: CaseOrder, place: string | null, caseId: string): string {
  return Buffer.from(JSON.stringify([order, place, caseId])).toString('base64url');
}

function readCursor(cursor: string, order: CaseOrder): { place: string; caseId: string } {
  try {
    const [of, place, caseId] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown[];
    if (of === order && typeof place === 'string' && !Number.isNaN(Date.parse(place)) && typeof caseId === 'string') {
      return { place, caseId };
    }
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof TypeError)) throw error;
  }
  throw new InvalidCursor(cursor);
}
