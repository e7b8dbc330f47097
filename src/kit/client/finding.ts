import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import { caseKeysAttribute, caseProcessAttribute, type CaseRecord, type CaseStatus } from '../contract';
import { askServer } from './deadline';
import { describeCase, toSummary } from './describe';
import { lacksAttributes, NoAnswer, NoSuchCase, silenceOf, type Silence } from './errors';
import { getCaseUntil, queryDeadline } from './queries';

export interface CaseFilter {
  /** The process of the cases; of one that was started without search attributes it is the workflow type. */
  process?: string;
  /** `open`: not ended, whatever it is at. An open case that does not answer may be at any status but an end. */
  status?: CaseStatus | 'open';
  /** A business key, `kind:value`. */
  key?: string;
  /** Only cases started before this time. */
  startedBefore?: Date;
  /** At most so many, running ones first, newest first; then those that ended last. 1,000 unless told. */
  limit?: number;
}

/** A case as found: what it says of itself, or what the server knows and why the case does not say it. */
export type FoundCase =
  { answered: true; record: CaseRecord } | { answered: false; why: Silence; record: ServerRecord };

/** What the Temporal server knows of a case without asking it. */
export type ServerRecord = ReturnType<typeof toSummary>;

/**
 * Finds cases by the server's own search and asks each where it is. Every workflow of the namespace is a case, whoever
 * started it.
 * @throws NoServer
 */
export async function findCases(client: Client, { limit = 1_000, ...filter }: CaseFilter = {}): Promise<FoundCase[]> {
  const found: FoundCase[] = [];
  for await (const one of mapConcurrently(latestRuns(client, filter), asking(client))) {
    if (!one || !isStillMeant(one, filter)) continue;
    found.push(one);
    if (found.length >= limit) break;
  }
  return found;
}

/**
 * All cases as the server knows them, without asking them: running ones first, newest first. Of those that have ended
 * only the ones since `endedSince`, when that is told. The server's search may be some seconds behind.
 * @throws NoServer
 */
export function listCases(client: Client, { endedSince }: { endedSince?: Date } = {}): AsyncIterable<ServerRecord> {
  return latestRuns(client, endedSince ? { endedSince } : {});
}

/**
 * What a case says of itself, or what the server knows when it does not say it.
 * @throws NoSuchCase, NoServer
 */
export function findCase(client: Client, caseId: string): Promise<FoundCase> {
  return findCaseUntil(client, caseId, Date.now() + queryDeadline);
}

async function findCaseUntil(client: Client, caseId: string, until: number): Promise<FoundCase> {
  try {
    if (until <= Date.now()) throw new NoAnswer(caseId);
    return { answered: true, record: await getCaseUntil(client, caseId, until) };
  } catch (error) {
    const why = silenceOf(error);
    if (why === undefined) throw error;
    const { retrying: _, ...record } = await describeCase(client, caseId);
    return { answered: false, why, record };
  }
}

interface Search extends Omit<CaseFilter, 'limit'> {
  endedSince?: Date;
}

/** A case that was restarted or goes on in a new run is several executions; its latest is listed first. */
async function* latestRuns(client: Client, search: Search): AsyncGenerator<ServerRecord> {
  const { process, key } = search;
  const seen = new Set<string>();
  for await (const execution of executions(client, search)) {
    const summary = toSummary(execution);
    if (seen.has(summary.caseId)) continue;
    if (process && summary.process !== process) continue;
    if (key && !summary.keys.includes(key)) continue;
    seen.add(summary.caseId);
    yield summary;
  }
}

/** Where the server lacks the search attributes no case has keys, and its process is its workflow type. */
async function* executions(client: Client, search: Search): AsyncGenerator<WorkflowExecutionInfo> {
  try {
    yield* pages(client, searchQuery(search, [caseProcessAttribute, 'WorkflowType']));
  } catch (error) {
    if (!lacksAttributes(error)) throw error;
    if (search.key === undefined) yield* pages(client, searchQuery(search, ['WorkflowType']));
  }
}

async function* pages(client: Client, query: string): AsyncGenerator<WorkflowExecutionInfo> {
  const listed = client.workflow.list({ query })[Symbol.asyncIterator]();
  for (;;) {
    const next = await askServer(client, () => listed.next());
    if (next.done) return;
    yield next.value;
  }
}

/** The visibility query for a filter, as far as the server can search; values are quoted. */
function searchQuery({ process, key, startedBefore, endedSince, status }: Search, namesOfProcess: string[]): string {
  const terms = [`ExecutionStatus ${executionStatus(status, startedBefore !== undefined)}`];
  if (process && isSearchable(process)) {
    terms.push(`(${namesOfProcess.map((name) => `${name} = ${quoted(process)}`).join(' OR ')})`);
  }
  if (key && isSearchable(key)) terms.push(`${caseKeysAttribute} = ${quoted(key)}`);
  if (endedSince) terms.push(`(ExecutionStatus = 'Running' OR CloseTime >= ${quoted(endedSince.toISOString())})`);
  if (startedBefore) terms.push(`StartTime < ${quoted(startedBefore.toISOString())}`);
  return terms.join(' AND ');
}

/** However they are quoted, the server does not find a value with one of these characters, or fails. */
function isSearchable(value: string): boolean {
  return !['"', '\\', '\0'].some((character) => value.includes(character));
}

/** Earlier runs of a case that goes on in a new one say when it started, and nothing else. */
function executionStatus(status: CaseFilter['status'], withEarlierRuns: boolean): string {
  if (status === undefined) return withEarlierRuns ? 'IS NOT NULL' : `!= 'ContinuedAsNew'`;
  const names = [...executionStatuses(status), ...(withEarlierRuns ? ['ContinuedAsNew'] : [])];
  return `IN (${names.map(quoted).join(', ')})`;
}

function executionStatuses(status: CaseStatus | 'open'): string[] {
  switch (status) {
    case 'completed':
      return ['Completed'];
    case 'failed':
      return ['Failed', 'TimedOut'];
    case 'cancelled':
      return ['Canceled'];
    case 'terminated':
      return ['Terminated'];
    default:
      return ['Running'];
  }
}

function quoted(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

/** Asks cases where they are; those of a task queue on which nobody has answered yet share one deadline. */
function asking(client: Client): (summary: ServerRecord) => Promise<FoundCase | undefined> {
  const queues = new Map<string, { answered: boolean; until: Promise<number> }>();
  return async ({ caseId, taskQueue }) => {
    const queue = queues.get(taskQueue) ?? { answered: false, until: deadlineOf(client, taskQueue) };
    queues.set(taskQueue, queue);
    const until = queue.answered ? Date.now() + queryDeadline : await queue.until;
    try {
      const found = await findCaseUntil(client, caseId, until);
      queue.answered ||= found.answered || found.why !== 'no answer';
      return found;
    } catch (error) {
      if (error instanceof NoSuchCase) return undefined;
      throw error;
    }
  };
}

/** How long a task queue is waited for that no worker has polled for minutes, in milliseconds. */
const unattendedDeadline = 1_000;

async function deadlineOf(client: Client, taskQueue: string): Promise<number> {
  const { namespace } = client.options;
  const { pollers } = await askServer(client, () =>
    client.workflowService.describeTaskQueue({
      namespace,
      taskQueue: { name: taskQueue },
      taskQueueType: ofWorkflows,
    }),
  );
  return Date.now() + (pollers.length > 0 ? queryDeadline : unattendedDeadline);
}

/** Value of `TaskQueueType` in Temporal's API. */
const ofWorkflows = 1;

/** Whether a case, which may have gone on since it was listed, is what the filter asks for. */
function isStillMeant(one: FoundCase, { status, startedBefore }: Search): boolean {
  const { record } = one;
  // What the server knows of a case that goes on in a new run is that run's start.
  if (startedBefore && one.answered && record.startedAt >= startedBefore.toISOString()) return false;
  if (status === undefined || status === record.status) return true;
  if (status === 'open') return record.endedAt === undefined;
  const mayBeAtIt = executionStatuses(status).includes('Running') && record.endedAt === undefined;
  return mayBeAtIt && !one.answered && one.why !== 'not recorded';
}

const atOnce = 10;

/** Maps in order, so many at once. */
async function* mapConcurrently<In, Out>(
  items: AsyncIterable<In>,
  map: (item: In) => Promise<Out>,
): AsyncGenerator<Out> {
  const running: Promise<Out>[] = [];
  for await (const item of items) {
    const mapped = map(item);
    mapped.catch(() => undefined);
    running.push(mapped);
    if (running.length >= atOnce) yield await (running.shift() as Promise<Out>);
  }
  for (const last of running) yield await last;
}
