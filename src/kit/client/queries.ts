import { QueryNotRegisteredError, ServiceError, WorkflowNotFoundError, type Client } from '@temporalio/client';
import { ValueError } from '@temporalio/common';
import { whereaboutsQuery, type CaseRecord, type CaseStatus, type Step } from '../contract';
import { askWorker } from './deadline';
import { describeCase } from './describe';
import { CodeFails, codeOf, Encrypted, NoAnswer, NoSuchCase, NotRecorded } from './errors';

/** How long a query may wait for a worker, in milliseconds. */
export const queryDeadline = 10_000;

/**
 * Everything a case says of itself, running or ended.
 * @throws NoSuchCase; NoAnswer when no worker is there to ask; CodeFails; NotRecorded; Encrypted
 */
export function getCase(client: Client, caseId: string): Promise<CaseRecord> {
  return getCaseUntil(client, caseId, Date.now() + queryDeadline);
}

/** As {@link getCase}, with the time at which an answer is no more waited for. */
export function getCaseUntil(client: Client, caseId: string, until: number): Promise<CaseRecord> {
  return ask(client, caseId, until, async () => {
    const query = async () => {
      const record = await client.workflow.getHandle(caseId).query<CaseRecord | undefined>(whereaboutsQuery);
      if (!record) throw new Encrypted(caseId);
      if (record.caseId !== caseId) throw new NotRecorded(caseId, JSON.stringify(record));
      return record;
    };
    const record = await query();
    if (record.endedAt !== undefined) return record;
    const server = await describeCase(client, caseId);
    if (server.endedAt === undefined) return record;
    const last = await query();
    return last.endedAt !== undefined ? last : endedFromOutside(last, server.status, server.endedAt);
  });
}

/**
 * The record of a case that was terminated or timed out, of which its code never learns: what was open then is cancelled.
 */
export function endedFromOutside(record: CaseRecord, status: CaseStatus, endedAt: string): CaseRecord {
  const steps = record.steps.map((step): Step =>
    step.status === 'open' || step.status === 'parked' ? { ...step, status: 'cancelled', endedAt } : step,
  );
  return { ...record, status, steps, waitingFor: [], incidents: [], endedAt };
}

/**
 * All steps of a case in order, also of one whose workflow answers a query `history` itself.
 * @throws NoSuchCase, NoAnswer, CodeFails, NotRecorded, Encrypted
 */
export async function historyOf(client: Client, caseId: string): Promise<Step[]> {
  const { steps } = await getCase(client, caseId);
  return steps;
}

async function ask<T>(client: Client, caseId: string, until: number, query: () => Promise<T>): Promise<T> {
  try {
    return await askWorker(client, caseId, until, query);
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) throw new NoSuchCase(caseId);
    if (error instanceof QueryNotRegisteredError) {
      throw saysUnknown(error.message) ? new NotRecorded(caseId, error.message) : new CodeFails(caseId, error.message);
    }
    if (error instanceof ServiceError && codeOf(error) === failedPrecondition) {
      throw /failed state/i.test(String(error.cause)) ? new CodeFails(caseId) : new NoAnswer(caseId);
    }
    throw error instanceof ValueError ? new Encrypted(caseId) : error;
  }
}

/** The server gives one code to a question that the worker does not know, in words of its SDK, and to code that failed. */
function saysUnknown(answer: string): boolean {
  return answer.includes(whereaboutsQuery) && /quer(?:y|ies)/i.test(answer);
}

/** Code of gRPC. */
const failedPrecondition = 9;

/**
 * Waits for the end of a case, as long as that takes, and gives its result.
 * @throws NoSuchCase; WorkflowFailedError when it failed, was cancelled or terminated.
 */
export async function resultOf<Result>(client: Client, caseId: string): Promise<Result> {
  try {
    return (await client.workflow.getHandle(caseId).result()) as Result;
  } catch (error) {
    throw error instanceof WorkflowNotFoundError ? new NoSuchCase(caseId) : error;
  }
}
