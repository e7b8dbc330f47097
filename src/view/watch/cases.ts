import type { Client } from '@temporalio/client';
import { sql, type Kysely } from 'kysely';
import { askServer } from '../../kit/client/deadline';
import { lacksAttributes } from '../../kit/client/errors';
import type { ViewTables } from '../database';
import { askWhereMoreHappened } from '../due';
import { describeOpen } from './describe';
import { keepSymptoms } from './incidents';
import type { WatchSettings } from './settings';
import { symptomsOf, type Described, type OpenStep } from './symptoms';

type Db = Kysely<ViewTables>;

/**
 * Looks at the open cases that could be in trouble, so many at a time: those with a call that is open for long, with a step
 * whose time has passed, those whose code the server says fails, those that were in trouble before, and all others in turn.
 */
export function lookAtCases(db: Db, client: Client, settings: WatchSettings): () => Promise<void> {
  const limit = settings.casesPerLook;
  const withOldCall = inTurn(limit, (after) => casesWithOldCall(db, settings, after));
  const withStepDue = inTurn(limit, (after) => casesWithStepDue(db, settings, after));
  const anyOpen = inTurn(limit, (after) => openCases(db, limit, after));
  return async () => {
    const reasons = [
      casesInTrouble(db, limit),
      withOldCall(),
      withStepDue(),
      casesWithProblemsReported(client, limit),
      anyOpen(),
    ];
    const found = await Promise.allSettled(reasons);
    const caseIds = found.flatMap((one) => (one.status === 'fulfilled' ? one.value : []));
    await look(db, client, settings, [...new Set(caseIds)]);
    throwFirst(found);
  };
}

/** How many cases are asked about at once. */
const atOnce = 10;

/**
 * What the server says of a case is kept, and one has to say itself where it is of which the view knows less; nothing is kept
 * of a case of which the server does not answer; then it throws.
 */
async function look(db: Db, client: Client, settings: WatchSettings, caseIds: string[]): Promise<void> {
  for (let from = 0; from < caseIds.length; from += atOnce) {
    const some = caseIds.slice(from, from + atOnce);
    const answers = await Promise.allSettled(some.map((caseId) => describeOpen(client, caseId)));
    const answered = some.filter((_, index) => answers[index]?.status === 'fulfilled');
    const open = answers.flatMap((answer) => (answer.status === 'fulfilled' && answer.value ? [answer.value] : []));
    await askWhereMoreHappened(db, open);
    await keepSymptoms(db, answered, await findSymptoms(db, open, settings));
    throwFirst(answers);
  }
}

function throwFirst(settled: PromiseSettledResult<unknown>[]): void {
  for (const one of settled) if (one.status === 'rejected') throw one.reason;
}

async function findSymptoms(db: Db, open: Described[], settings: WatchSettings) {
  const caseIds = open.map(({ caseId }) => caseId);
  const steps = await db
    .selectFrom('open_steps')
    .select(['case_id', 'name', 'started_at as startedAt', 'due_at as dueAt'])
    .where('case_id', '=', sql<string>`any(${caseIds}::text[])`)
    .where('status', '=', 'open')
    .execute();
  const byCase = new Map<string, OpenStep[]>();
  for (const { case_id: id, ...step } of steps) byCase.set(id, [...(byCase.get(id) ?? []), step]);
  return open.flatMap((one) => symptomsOf(one, byCase.get(one.caseId) ?? [], settings, Date.now()));
}

/** Pages of ids one after the other, and again from the first after the last. */
function inTurn(limit: number, page: (after: string) => Promise<string[]>): () => Promise<string[]> {
  let after = '';
  return async () => {
    const caseIds = await page(after);
    after = caseIds.length < limit ? '' : (caseIds.at(-1) ?? '');
    return caseIds;
  };
}

/** Those looked at longest ago first. */
async function casesInTrouble(db: Db, limit: number): Promise<string[]> {
  const rows = await db
    .selectFrom('watch_cases')
    .select('case_id')
    .groupBy('case_id')
    .orderBy((row) => row.fn.min('last_seen'))
    .limit(limit)
    .execute();
  return rows.map((row) => row.case_id);
}

/** A call younger than this is only looked at in turn, however often it was tried. */
const youngestCallMs = 60_000;

async function casesWithOldCall(
  db: Db,
  { retryingForMs, casesPerLook }: WatchSettings,
  after: string,
): Promise<string[]> {
  const age = Math.min(retryingForMs, youngestCallMs);
  const rows = await db
    .selectFrom('open_steps')
    .select('case_id')
    .distinct()
    .where('kind', 'in', ['call', 'compensation', 'alert'])
    .where('status', '=', 'open')
    .where('started_at', '<', sql<string>`now() - ${age} * interval '1 millisecond'`)
    .where('case_id', '>', after)
    .orderBy('case_id')
    .limit(casesPerLook)
    .execute();
  return rows.map((row) => row.case_id);
}

async function casesWithStepDue(db: Db, { overdueMs, casesPerLook }: WatchSettings, after: string): Promise<string[]> {
  const rows = await db
    .selectFrom('open_steps')
    .select('case_id')
    .distinct()
    .where('status', '=', 'open')
    .where('due_at', '<', sql<string>`now() - ${overdueMs} * interval '1 millisecond'`)
    .where('case_id', '>', after)
    .orderBy('case_id')
    .limit(casesPerLook)
    .execute();
  return rows.map((row) => row.case_id);
}

async function openCases(db: Db, limit: number, after: string): Promise<string[]> {
  const rows = await db
    .selectFrom('cases')
    .select('case_id')
    .where('ended_at', 'is', null)
    .where('case_id', '>', after)
    .orderBy('case_id')
    .limit(limit)
    .execute();
  return rows.map((row) => row.case_id);
}

/** By the search attribute that servers since 1.30 set after some attempts; older ones do not know it. */
async function casesWithProblemsReported(client: Client, pageSize: number): Promise<string[]> {
  const categories = `'category=WorkflowTaskFailed', 'category=WorkflowTaskTimedOut'`;
  try {
    const { executions } = await askServer(client, () =>
      client.workflowService.listWorkflowExecutions({
        namespace: client.options.namespace,
        query: `ExecutionStatus = 'Running' AND TemporalReportedProblems IN (${categories})`,
        pageSize,
      }),
    );
    return executions.map(({ execution }) => execution?.workflowId ?? '');
  } catch (error) {
    if (lacksAttributes(error)) return [];
    throw error;
  }
}
