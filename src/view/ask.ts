import type { Client } from '@temporalio/client';
import {
  describeCase,
  endedFromOutside,
  getCase,
  hasEndedBy,
  NoSuchCase,
  silenceOf,
  type CaseDescription,
  type CaseRecord,
  type Silence,
} from '../kit/client';
import type { DueCase } from './due';
import { readFromEvents } from './events';
import type { Confirmed, Knowledge } from './knowledge';
import type { SilentQueues } from './silent-queues';

/** What came of asking a case. */
export type Told =
  | { about: 'the case'; answer: Confirmed }
  /** It does not answer now; what the server knows, where that is more than the view knows. */
  | { about: 'its silence'; answer?: Confirmed }
  | { about: 'nothing new' }
  | { about: 'no such case' };

/**
 * Asks a case where it is, if the server says that something has happened in it. One whose worker told its end need not be
 * asked, if the server accepted that. One that cannot say it is read from its events. Of one that does not say it now, the server's word is taken: which run it is in, and how that ended; what was
 * open then is cancelled.
 * @throws NoServer
 */
export async function askCase(client: Client, due: DueCase, queues: SilentQueues): Promise<Told> {
  try {
    const description = await describeCase(client, due.caseId);
    if (isUnchanged(due, description)) return { about: 'nothing new' };
    const told = await endThatWasAccepted(client, due, description);
    if (told) return { about: 'the case', answer: { ...heading(due, description), record: told } };
    const question = await ask(client, description, queues);
    if (!('answer' in question)) return await fromServer(client, due, description, question.why, queues);
    const { answer: record } = question;
    if (record.runId !== description.runId) return await askCase(client, due, queues);
    return { about: 'the case', answer: { ...heading(due, description), record } };
  } catch (error) {
    if (error instanceof NoSuchCase) return { about: 'no such case' };
    throw error;
  }
}

function isUnchanged({ known: { reported, confirmed }, anew }: DueCase, { runId, historyLength }: CaseDescription) {
  return !anew && !reported && confirmed?.record.runId === runId && confirmed.events === historyLength;
}

/** The record that its worker made when the case ended, once it is sure that the case did end so. */
async function endThatWasAccepted(
  client: Client,
  { known: { reported }, anew }: DueCase,
  { runId, status }: CaseDescription,
): Promise<CaseRecord | undefined> {
  if (anew || reported?.lastTaskStartedAt === undefined) return undefined;
  const { record, lastTaskStartedAt: startedAt } = reported;
  if (record.runId !== runId || record.status !== status) return undefined;
  const { caseId, historyLength } = record;
  return (await hasEndedBy(client, { caseId, runId, historyLength, startedAt })) ? record : undefined;
}

function heading({ askedAt }: DueCase, { startedAt, historyLength, resetAt }: CaseDescription) {
  return { runStartedAt: startedAt, confirmedAt: askedAt, events: historyLength, ...(resetAt && { resetAt }) };
}

async function ask(
  client: Client,
  { caseId, taskQueue }: CaseDescription,
  queues: SilentQueues,
): Promise<{ answer: CaseRecord } | { why: Silence | 'not asked' }> {
  if (!queues.mayAsk(taskQueue)) return { why: 'not asked' };
  try {
    const answer = await getCase(client, caseId);
    queues.answered(taskQueue);
    return { answer };
  } catch (error) {
    const why = silenceOf(error);
    if (why === undefined) throw error;
    if (why !== 'no answer') queues.answered(taskQueue);
    return { why };
  }
}

async function fromServer(
  client: Client,
  due: DueCase,
  description: CaseDescription,
  why: Silence | 'not asked',
  queues: SilentQueues,
): Promise<Told> {
  const word = await wordOfServer(client, description, due.known);
  const answer = word && { ...heading(due, description), ...word };
  const saysAll = answer?.record.endedAt !== undefined && !answer.partial;
  if (why === 'no answer' && !saysAll) queues.gaveNoAnswer(description.taskQueue);
  const neverAnswers = why === 'not recorded' || why === 'encrypted';
  if (answer && (saysAll || neverAnswers)) return { about: 'the case', answer };
  if (neverAnswers && !due.known.reported) return { about: 'nothing new' };
  return { about: 'its silence', ...(answer && { answer }) };
}

/** Steps that the case or its worker told are kept. Undefined when the server has nothing to add to what is known. */
async function wordOfServer(
  client: Client,
  description: CaseDescription,
  { reported, confirmed }: Knowledge,
): Promise<Pick<Confirmed, 'record' | 'partial'> | undefined> {
  const { runId, status, endedAt, historyLength } = description;
  const last = reported ?? confirmed;
  const isOfThisRun = last?.record.runId === runId;
  if (!isOfThisRun || (!reported && confirmed?.partial)) {
    const isRead = isOfThisRun && confirmed?.events === historyLength;
    return isRead ? undefined : readFromEvents(client, description);
  }
  if (endedAt === undefined) return undefined;
  const record = last.record.endedAt === undefined ? endedFromOutside(last.record, status, endedAt) : last.record;
  return { record: { ...record, status, endedAt }, partial: true };
}
