import { sql, type Kysely, type RawBuilder } from 'kysely';
import type { Incident, OpenTask } from '../kit/client';
import { readCursor, writeCursor } from './cursor';
import type { ViewTables } from './database';
import { asks, fitsNothing } from './fitting';
import type { Confirmed, Reported } from './knowledge';
import { ageOf, newestKnown, type Age } from './read';
import { among } from './ids';
import { areFew, concerning, isReadable, type Readable } from './readable';
import type { PageWanted } from './search';

/** The case that an open task or incident is of. */
interface OfCase extends Age {
  caseId: string;
  process: string;
  /** Each `kind:value`. */
  keys: string[];
}

export type KnownTask = OfCase & OpenTask;
export type KnownIncident = OfCase & Incident;

/** What open tasks are looked for by; all that is given has to fit. */
export interface TaskSearch {
  process?: string;
  role?: string;
  /** Person who is asked by name. */
  person?: string;
}

export interface TaskPage {
  tasks: KnownTask[];
  /** Where the next page begins; absent on the last one. */
  cursor?: string;
}

/**
 * The tasks open now, of cases that may be told, page by page; those that wait longest come first.
 * @throws InvalidCursor
 */
export async function openTasks(
  db: Kysely<ViewTables>,
  search: TaskSearch,
  wanted: PageWanted,
  readable: Readable = 'all',
): Promise<TaskPage> {
  if (fitsNothing(search)) return { tasks: [] };
  const { process, role, person } = search;
  let query = ofOpenSteps(db, process, readable).where('open_steps.kind', '=', 'task');
  if (role !== undefined) query = query.where('open_steps.role', '=', role);
  if (person !== undefined) query = query.where(asks(person));
  const { rows, ...page } = await paged<OpenTask>(
    db,
    query,
    'tasks',
    wanted,
    sql`
    jsonb_path_query_first(${newestKnown}, '$.record.waitingFor[*] ? (@.id == $id)', ${vars})`,
  );
  return { tasks: rows, ...page };
}

export interface IncidentSearch {
  process?: string;
  /** System that the parked step calls. */
  system?: string;
}

export interface IncidentPage {
  incidents: KnownIncident[];
  /** Where the next page begins; absent on the last one. */
  cursor?: string;
}

/**
 * The parked steps, of cases that may be told, page by page; those come first whose step began first.
 * @throws InvalidCursor
 */
export async function openIncidents(
  db: Kysely<ViewTables>,
  search: IncidentSearch,
  wanted: PageWanted,
  readable: Readable = 'all',
): Promise<IncidentPage> {
  if (fitsNothing(search)) return { incidents: [] };
  const { process, system } = search;
  let query = ofOpenSteps(db, process, readable).where('open_steps.status', '=', 'parked');
  if (system !== undefined) query = query.where('open_steps.system', '=', system);
  const { rows, ...page } = await paged<Incident>(
    db,
    query,
    'incidents',
    wanted,
    sql`
    jsonb_path_query_first(${newestKnown}, '$.record.incidents[*] ? (@.step == $id)', ${vars})`,
  );
  return { incidents: rows, ...page };
}

const vars = sql`jsonb_build_object('id', page.step_id)`;

type OpenSteps = ReturnType<typeof ofOpenSteps>;

function ofOpenSteps(db: Kysely<ViewTables>, process: string | undefined, readable: Readable) {
  let query = db.selectFrom('open_steps').innerJoin('cases', 'cases.case_id', 'open_steps.case_id');
  if (process !== undefined) query = query.where('cases.process', '=', process);
  return query.where(
    areFew(readable) ? sql<boolean>`cases.case_id = ${among(concerning(readable))}` : isReadable(readable),
  );
}

async function paged<Open extends object>(
  db: Kysely<ViewTables>,
  query: OpenSteps,
  list: string,
  { cursor, limit = 50 }: PageWanted,
  open: RawBuilder<unknown>,
): Promise<{ rows: (OfCase & Open)[]; cursor?: string }> {
  let places = query
    .select(['open_steps.case_id', 'open_steps.step_id', 'open_steps.started_at'])
    .orderBy('open_steps.started_at')
    .orderBy('open_steps.case_id')
    .orderBy('open_steps.step_id')
    .limit(limit + 1);
  if (cursor !== undefined) {
    const [at, caseId, stepId] = readCursor(cursor, list, 2) as [string, string, string];
    places = places.where((row) =>
      row(
        row.refTuple('open_steps.started_at', 'open_steps.case_id', 'open_steps.step_id'),
        '>',
        row.tuple(at, caseId, stepId),
      ),
    );
  }
  const found = await db
    .with('page', () => places)
    .selectFrom('page')
    .innerJoin('cases', 'cases.case_id', 'page.case_id')
    .select(['page.case_id as caseId', 'page.step_id', 'page.started_at', 'cases.process'])
    .select(sql<string[]>`${newestKnown} #> '{record,keys}'`.as('keys'))
    .select(sql<Omit<Confirmed, 'record'> | Omit<Reported, 'record'>>`${newestKnown} - 'record'`.as('known'))
    .select(open.as('open'))
    .orderBy('page.started_at')
    .orderBy('page.case_id')
    .orderBy('page.step_id')
    .execute();
  const page = found.slice(0, limit);
  const last = page.at(-1);
  return {
    rows: page.flatMap(({ caseId, process, keys, known, open: one }) =>
      one ? [{ caseId, process, keys, ...(one as Open), ...ageOf(known) }] : [],
    ),
    ...(found.length > limit && last && { cursor: writeCursor(list, [last.started_at, last.caseId, last.step_id]) }),
  };
}
