import { QueryNotRegisteredError, ServiceError, WorkflowNotFoundError, type Client } from '@temporalio/client';
import {
  historyQuery,
  whereaboutsQuery,
  caseKeysAttribute,
  caseProcessAttribute,
  type CaseRecord,
  type CaseStatus,
  type Step,
} from '../contract';
import { describeCase, toSummary } from './describe';
import { CodeFails, NoAnswer, NoSuchCase } from './errors';

/** How long a query may wait for a worker, in milliseconds. */
const queryDeadline = 10_000;

/**
 * Everything a case says of itself, running or ended.
 * @throws NoSuchCase; NoAnswer when no worker is there to ask.
 */
export async function getCase(client: Client, caseId: string): Promise<CaseRecord> {
  return ask(client, caseId, async () => {
    const query = () => client.workflow.getHandle(caseId).query<CaseRecord>(whereaboutsQuery);
    const record = await query();
    if (record.endedAt !== undefined) return record;
    const server = await describeCase(client, caseId);
    if (server.endedAt === undefined) return record;
    const last = await query();
    return last.endedAt !== undefined ? last : endedFromOutside(last, server.status, server.endedAt);
  });
}

/** Terminated or timed out, of which the case itself never learns. */
function endedFromOutside(record: CaseRecord, status: CaseStatus, endedAt: string): CaseRecord {
  const steps = record.steps.map((step): Step =>
    step.status === 'open' || step.status === 'parked' ? { ...step, status: 'cancelled', endedAt } : step,
  );
  return { ...record, status, steps, waitingFor: [], incidents: [], endedAt };
}

/**
 * All steps of a case in order.
 * @throws NoSuchCase, NoAnswer
 */
export function historyOf(client: Client, caseId: string): Promise<Step[]> {
  return ask(client, caseId, () => client.workflow.getHandle(caseId).query<Step[]>(historyQuery));
}

async function ask<T>(client: Client, caseId: string, query: () => Promise<T>): Promise<T> {
  try {
    return await client.withDeadline(Date.now() + queryDeadline, query);
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) throw new NoSuchCase(caseId);
    if (error instanceof QueryNotRegisteredError) throw error;
    if (error instanceof ServiceError) {
      const code = (error.cause as { code?: unknown } | undefined)?.code;
      if (code === 5) throw new NoSuchCase(caseId);
      if (code === 9 && /failed state/i.test(String(error.cause))) throw new CodeFails(caseId);
      if (code === 4 || code === 1 || code === 9) throw new NoAnswer(caseId);
    }
    throw error;
  }
}

export interface CaseFilter {
  process?: string;
  /** `open`: not ended, whatever it is at. */
  status?: CaseStatus | 'open';
  /** A business key, `kind:value`. */
  key?: string;
  /** Only cases started before this time. */
  startedBefore?: Date;
  /** At most so many, running ones first, newest first; then those that ended last. 1,000 unless told. */
  limit?: number;
}

/** A case as found: what it says of itself, or what the server knows when no worker answers. */
export type FoundCase = { answered: true; record: CaseRecord } | { answered: false; record: ServerRecord };

/** What the Temporal server knows of a case without asking it. */
export type ServerRecord = ReturnType<typeof toSummary>;

/** Finds cases by the server's own search and asks each where it is. */
export async function findCases(
  client: Client,
  { status, limit = 1_000, ...filter }: CaseFilter = {},
): Promise<FoundCase[]> {
  const found: FoundCase[] = [];
  const listed = listCases(client, filter, status);
  for await (const record of mapConcurrently(listed, (summary) => askOrSummarise(client, summary))) {
    if (status && status !== 'open' && record.record.status !== status) continue;
    found.push(record);
    if (found.length >= limit) break;
  }
  return found;
}

type Search = Omit<CaseFilter, 'status' | 'limit'>;

/** A case that was restarted or goes on in a new run is several executions; its latest is listed first. */
async function* listCases(client: Client, search: Search, status: CaseFilter['status']): AsyncGenerator<ServerRecord> {
  const { process, key } = search;
  const seen = new Set<string>();
  for await (const execution of client.workflow.list({ query: searchQuery(search, status) })) {
    const summary = toSummary(execution);
    if (seen.has(summary.caseId)) continue;
    if (process && summary.process !== process) continue;
    if (key && !summary.keys.includes(key)) continue;
    seen.add(summary.caseId);
    yield summary;
  }
}

async function askOrSummarise(client: Client, summary: ServerRecord): Promise<FoundCase> {
  try {
    return { answered: true, record: await getCase(client, summary.caseId) };
  } catch (error) {
    const unanswered = [NoAnswer, CodeFails, NoSuchCase, QueryNotRegisteredError, ServiceError];
    if (unanswered.some((kind) => error instanceof kind)) return { answered: false, record: summary };
    throw error;
  }
}

/** The visibility query for a filter, as far as the server can search; values are quoted. */
function searchQuery({ process, key, startedBefore }: Search, status: CaseFilter['status']): string {
  const terms = [`${caseProcessAttribute} IS NOT NULL`];
  if (process && isSearchable(process)) terms.push(`${caseProcessAttribute} = ${quoted(process)}`);
  if (key && isSearchable(key)) terms.push(`${caseKeysAttribute} = ${quoted(key)}`);
  if (startedBefore) terms.push(`StartTime < ${quoted(startedBefore.toISOString())}`);
  if (status) terms.push(`ExecutionStatus ${executionStatus(status)}`);
  return terms.join(' AND ');
}

/** However they are quoted, the server does not find a value with one of these characters, or fails. */
function isSearchable(value: string): boolean {
  return !['"', '\\', '\0'].some((character) => value.includes(character));
}

function executionStatus(status: CaseStatus | 'open'): string {
  switch (status) {
    case 'completed':
      return `= 'Completed'`;
    case 'failed':
      return `IN ('Failed', 'TimedOut')`;
    case 'cancelled':
      return `= 'Canceled'`;
    case 'terminated':
      return `= 'Terminated'`;
    default:
      return `= 'Running'`;
  }
}

function quoted(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
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

/**
 * Waits for the end of a case and gives its result.
 * @throws NoSuchCase; WorkflowFailedError when it failed, was cancelled or terminated.
 */
export async function resultOf<Result>(client: Client, caseId: string): Promise<Result> {
  try {
    return (await client.workflow.getHandle(caseId).result()) as Result;
  } catch (error) {
    throw error instanceof WorkflowNotFoundError ? new NoSuchCase(caseId) : error;
  }
}
