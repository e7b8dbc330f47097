import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ApplicationFailure, WorkflowNotFoundError, WorkflowUpdateFailedError, type Client } from '@temporalio/client';
import { encodeToPayloads } from '@temporalio/common/lib/internal-non-workflow';
import {
  decideMessage,
  eventMessage,
  refusalType,
  resolveMessage,
  type CloudEvent,
  type Decision,
  type RecordedDecision,
  type RecordedResolution,
  type Refusal,
  type Resolution,
} from '../contract';
import { askServer, askWorker } from './deadline';
import { describeCase } from './describe';
import { CaseClosed, NoAnswer, Refused } from './errors';

/** How long an update may wait for a worker, in milliseconds. */
const updateDeadline = 5_000;
const sendAgainAfter = 100;

export interface MessageOptions {
  /** Makes sending again safe: Temporal records one update per id. */
  updateId?: string;
}

export interface CancelOptions {
  /** Makes sending again safe: the server takes one request per id. */
  requestId?: string;
}

/**
 * Decides a task and answers with what was recorded.
 * @throws Refused, NoSuchCase, CaseClosed, NoServer, or NoAnswer when no worker answered within five seconds.
 */
export function decide(
  client: Client,
  caseId: string,
  decision: Decision,
  options: MessageOptions = {},
): Promise<RecordedDecision> {
  return update(client, caseId, decideMessage, decision, options);
}

/**
 * Decides a task without waiting for an answer: durable also while no worker runs. A refusal is kept with the task.
 * @throws NoSuchCase, CaseClosed, NoServer
 */
export function signalDecision(client: Client, caseId: string, decision: Decision): Promise<void> {
  return signal(client, caseId, decideMessage, decision);
}

/**
 * Resolves a parked step and answers with what was recorded.
 * @throws Refused, NoSuchCase, CaseClosed, NoAnswer, NoServer
 */
export function resolve(
  client: Client,
  caseId: string,
  resolution: Resolution,
  options: MessageOptions = {},
): Promise<RecordedResolution> {
  return update(client, caseId, resolveMessage, resolution, options);
}

/**
 * Resolves a parked step without waiting for an answer: durable also while no worker runs.
 * @throws NoSuchCase, CaseClosed, NoServer
 */
export function signalResolution(client: Client, caseId: string, resolution: Resolution): Promise<void> {
  return signal(client, caseId, resolveMessage, resolution);
}

/**
 * Asks the case to cancel; calls in flight are waited for first. Who asks and why is in the history.
 * @throws NoSuchCase, CaseClosed, NoServer
 */
export async function cancelCase(
  client: Client,
  caseId: string,
  { by, reason }: { by: string; reason: string },
  { requestId = randomUUID() }: CancelOptions = {},
): Promise<void> {
  const { namespace } = client.options;
  const workflowExecution = { workflowId: caseId };
  const { endedAt } = await describeCase(client, caseId);
  if (endedAt !== undefined) throw new CaseClosed(caseId);
  await told(client, caseId, () =>
    askServer(client, () =>
      client.workflowService.requestCancelWorkflowExecution({
        namespace,
        workflowExecution,
        requestId,
        reason: `${by}: ${reason}`,
        identity: by,
      }),
    ),
  );
}

/**
 * Tells a case of an event, durable also while no worker runs. The same event, by its source and id, is told to a run once.
 * @throws NoSuchCase, CaseClosed, NoServer
 */
export async function signalEvent(client: Client, caseId: string, event: CloudEvent): Promise<void> {
  const { namespace, identity, loadedDataConverter } = client.options;
  const payloads = await encodeToPayloads(loadedDataConverter, event);
  const requestId = createHash('sha256')
    .update(JSON.stringify([event.source, event.id]))
    .digest('hex');
  await told(client, caseId, () =>
    askServer(client, () =>
      client.workflowService.signalWorkflowExecution({
        ...{ namespace, identity, requestId },
        workflowExecution: { workflowId: caseId },
        signalName: eventMessage,
        input: { payloads: payloads ?? [] },
      }),
    ),
  );
}

function signal<Message>(client: Client, caseId: string, name: string, message: Message): Promise<void> {
  const handle = client.workflow.getHandle(caseId);
  return told(client, caseId, () => askServer(client, () => handle.signal<[Message]>(name, message)));
}

async function update<Message, Answer>(
  client: Client,
  caseId: string,
  name: string,
  message: Message,
  { updateId = randomUUID() }: MessageOptions,
): Promise<Answer> {
  const handle = client.workflow.getHandle(caseId);
  const until = Date.now() + updateDeadline;
  const send = () =>
    askWorker(client, caseId, until, () =>
      handle.executeUpdate<Answer, [Message]>(name, { args: [message], updateId }),
    );
  return told(client, caseId, async () => {
    for (;;) {
      try {
        return await send();
      } catch (error) {
        if (!isUnprocessed(error)) throw error;
        if (Date.now() >= until) throw new NoAnswer(caseId);
        await sleep(sendAgainAfter);
      }
    }
  });
}

/**
 * Whether a worker ended a workflow task without a word on the update, as happens when the case falls out of its memory
 * meanwhile: the server has not taken the update then, and nothing has come of it.
 */
function isUnprocessed(error: unknown): boolean {
  const cause = error instanceof WorkflowUpdateFailedError ? error.cause : undefined;
  return cause instanceof ApplicationFailure && cause.type === 'UnprocessedUpdate';
}

async function told<T>(client: Client, caseId: string, send: () => Promise<T>): Promise<T> {
  try {
    return await send();
  } catch (error) {
    if (error instanceof WorkflowUpdateFailedError && error.cause instanceof ApplicationFailure) {
      throw refusalOf(caseId, error.cause);
    }
    if (isNotFound(error)) {
      await describeCase(client, caseId);
      throw new CaseClosed(caseId);
    }
    throw error;
  }
}

function refusalOf(caseId: string, { type, message, details }: ApplicationFailure): Error {
  const refusal = type === refusalType ? (details?.[0] as Refusal | undefined) : undefined;
  if (refusal) return new Refused(caseId, refusal);
  if (/registered handler/.test(message)) {
    return new Refused(caseId, { code: 'no-such-task', message: `case ${caseId} takes no such message: ${message}` });
  }
  return new CaseClosed(caseId);
}

function isNotFound(error: unknown): boolean {
  return error instanceof WorkflowNotFoundError || (error as { code?: unknown }).code === 5;
}
