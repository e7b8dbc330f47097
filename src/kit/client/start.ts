import { defineSearchAttributeKey, SearchAttributeType, TypedSearchAttributes } from '@temporalio/common';
import { WorkflowExecutionAlreadyStartedError, type Client } from '@temporalio/client';
import { caseKeysAttribute, caseMemo, caseProcessAttribute, type CaseMemo, type CaseStatus } from '../contract';
import { askServer } from './deadline';
import { describeCase } from './describe';
import { lacksAttributes, StartRefused } from './errors';

/** The task queue of all processes that name no other. */
export const defaultTaskQueue = 'whereabouts';

export interface NewCase {
  process: string;
  /** Workflow type; the process's name unless told. */
  workflow?: string;
  /** Made of business keys, so that starting it twice is one case. */
  caseId: string;
  /** Business keys, each `kind:value`; pseudonymous, since search attributes are not encrypted. */
  keys: string[];
  input: unknown;
  taskQueue?: string;
}

export interface StartedCase {
  caseId: string;
  runId: string;
  /** True when the case was there before. */
  existed: boolean;
}

/**
 * Starts a case, or finds the one there is, running or ended well.
 * @throws StartRefused when a case of this id failed, was cancelled or terminated (restart it), or the server lacks the
 * search attributes; NoServer.
 */
export async function startCase(client: Client, newCase: NewCase): Promise<StartedCase> {
  const { caseId } = newCase;
  try {
    const { firstExecutionRunId } = await start(client, newCase, { restart: 0 }, 'REJECT_DUPLICATE');
    return { caseId, runId: firstExecutionRunId, existed: false };
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    const { runId, status } = await describeCase(client, caseId);
    if (mayRestart(status)) {
      throw new StartRefused(
        caseId,
        `case ${caseId} ${wordFor(status)}; restart it: npx whereabouts restart ${caseId} --by <person>`,
      );
    }
    return { caseId, runId, existed: true };
  }
}

export interface RestartOptions {
  /** Makes sending again safe: the case is restarted once by it, as long as nobody restarts it after that. */
  requestId?: string;
}

/**
 * Starts a case again that failed, was cancelled or terminated. Calls of the new start carry keys of their own, so no
 * system answers them with what it answered before.
 * @throws NoSuchCase; StartRefused when the case runs or has ended well; NoServer.
 */
export async function restartCase(
  client: Client,
  newCase: NewCase,
  { requestId }: RestartOptions = {},
): Promise<{ caseId: string; runId: string; restart: number }> {
  const { caseId } = newCase;
  const before = await describeCase(client, caseId);
  const isDone = (now: typeof before) => requestId !== undefined && now.restartedBy === requestId;
  if (isDone(before)) return { caseId, runId: before.runId, restart: before.restart };
  if (!mayRestart(before.status)) {
    const state = before.status === 'running' ? 'still runs; cancel it first' : 'has ended well';
    throw new StartRefused(caseId, `case ${caseId} ${state}`);
  }
  const restart = before.restart + 1;
  try {
    const memo = { restart, ...(requestId !== undefined && { request: requestId }) };
    const handle = await start(client, newCase, memo, 'ALLOW_DUPLICATE_FAILED_ONLY');
    return { caseId, runId: handle.firstExecutionRunId, restart };
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    const now = await describeCase(client, caseId);
    if (isDone(now)) return { caseId, runId: now.runId, restart: now.restart };
    throw new StartRefused(caseId, `case ${caseId} was restarted just now by somebody else`);
  }
}

function start(
  client: Client,
  { process, workflow = process, caseId, keys, input, taskQueue = defaultTaskQueue }: NewCase,
  memo: CaseMemo,
  workflowIdReusePolicy: 'REJECT_DUPLICATE' | 'ALLOW_DUPLICATE_FAILED_ONLY',
) {
  requireKeys(caseId, keys);
  return askServer(client, () =>
    client.workflow.start(workflow, {
      workflowId: caseId,
      taskQueue,
      args: [input],
      workflowIdReusePolicy,
      workflowIdConflictPolicy: 'FAIL',
      ...(memo.restart > 0 && { memo: { [caseMemo]: memo } }),
      typedSearchAttributes: new TypedSearchAttributes([
        { key: defineSearchAttributeKey(caseProcessAttribute, SearchAttributeType.KEYWORD), value: process },
        { key: defineSearchAttributeKey(caseKeysAttribute, SearchAttributeType.KEYWORD_LIST), value: keys },
      ]),
    }),
  ).catch((error: unknown) => {
    if (lacksAttributes(error)) {
      const names = `${caseProcessAttribute}, ${caseKeysAttribute}`;
      throw new StartRefused(
        caseId,
        `the Temporal server lacks the search attributes ${names}; run: npx whereabouts setup`,
      );
    }
    throw error;
  });
}

/** The server drops what is no list of texts without a word. */
function requireKeys(caseId: string, keys: unknown): void {
  const areKeys = Array.isArray(keys) && keys.every((key) => typeof key === 'string' && /^[^:]+:./.test(key));
  if (areKeys) return;
  const message = `keys must be a list of texts such as "employee:E-1001", not ${JSON.stringify(keys)}`;
  throw new StartRefused(caseId, message);
}

function mayRestart(status: CaseStatus): boolean {
  return status === 'failed' || status === 'cancelled' || status === 'terminated';
}

function wordFor(status: CaseStatus): string {
  return status === 'failed' ? 'has failed' : `was ${status}`;
}
