import { WorkflowNotFoundError, type Client, type WorkflowExecutionDescription } from '@temporalio/client';
import { tsToDate } from '@temporalio/common/lib/time';
import { caseKeysAttribute, caseMemo, caseProcessAttribute, type CaseMemo, type CaseStatus } from '../contract';
import { askServer } from './deadline';
import { NoSuchCase } from './errors';

/** What the Temporal server itself knows of a case, with or without a worker. */
export interface CaseDescription {
  caseId: string;
  runId: string;
  process: string;
  keys: string[];
  /** `running` also covers `waiting` and `incident`, which only the case itself can tell. */
  status: CaseStatus;
  restart: number;
  /** Names the request by which it was restarted, where that has a name. */
  restartedBy?: string;
  /** The task queue that its worker polls. */
  taskQueue: string;
  /** When this run started; the first run of the case may have started before. */
  startedAt: string;
  endedAt?: string;
  /** Events in the history. */
  historyLength: number;
  /** When the case was last set back to an earlier point, from which this run goes on. */
  resetAt?: string;
  /** Calls being tried now: how often, and what went wrong last. */
  retrying: { activity: string; attempt: number; lastError?: string }[];
}

/** @throws NoSuchCase, NoServer */
export async function describeCase(client: Client, caseId: string): Promise<CaseDescription> {
  try {
    return toDescription(await askServer(client, () => client.workflow.getHandle(caseId).describe()));
  } catch (error) {
    throw error instanceof WorkflowNotFoundError ? new NoSuchCase(caseId) : error;
  }
}

/** The fields that a listed execution and a described one share. */
type Execution = Omit<WorkflowExecutionDescription, 'raw' | 'staticDetails' | 'staticSummary'>;

export function toSummary(execution: Execution): Omit<CaseDescription, 'retrying' | 'historyLength' | 'resetAt'> {
  const { workflowId, runId, type, status, taskQueue, startTime, closeTime, memo, searchAttributes } = execution;
  const ours = memo?.[caseMemo] as CaseMemo | undefined;
  const attribute = (name: string) => searchAttributes[name] as string[] | undefined;
  return {
    caseId: workflowId,
    runId,
    process: attribute(caseProcessAttribute)?.[0] ?? type,
    keys: attribute(caseKeysAttribute) ?? [],
    status: statusOf(status.name),
    restart: ours?.restart ?? 0,
    ...(ours?.request !== undefined && { restartedBy: ours.request }),
    taskQueue,
    startedAt: startTime.toISOString(),
    ...(closeTime && { endedAt: closeTime.toISOString() }),
  };
}

function toDescription(description: WorkflowExecutionDescription): CaseDescription {
  const { raw, historyLength } = description;
  const pending = raw.pendingActivities ?? [];
  const resetAt = raw.workflowExtendedInfo?.lastResetTime;
  return {
    ...toSummary(description),
    historyLength,
    ...(resetAt && { resetAt: tsToDate(resetAt).toISOString() }),
    retrying: pending
      .filter(({ attempt }) => (attempt ?? 1) > 1)
      .map(({ activityType, attempt, lastFailure }) => ({
        activity: activityType?.name ?? '',
        attempt: attempt ?? 1,
        ...(lastFailure?.message && { lastError: lastFailure.message }),
      })),
  };
}

function statusOf(name: WorkflowExecutionDescription['status']['name']): CaseStatus {
  switch (name) {
    case 'COMPLETED':
      return 'completed';
    case 'FAILED':
    case 'TIMED_OUT':
      return 'failed';
    case 'CANCELLED':
      return 'cancelled';
    case 'TERMINATED':
      return 'terminated';
    default:
      return 'running';
  }
}
