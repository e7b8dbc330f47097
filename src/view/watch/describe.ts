import { WorkflowNotFoundError, type Client, type WorkflowExecutionDescription } from '@temporalio/client';
import { optionalTsToMs } from '@temporalio/common/lib/time';
import { lastEventsOf, type StepError } from '../../kit/client';
import { askServer } from '../../kit/client/deadline';
import type { Described, PendingCall } from './symptoms';

type Raw = WorkflowExecutionDescription['raw'];
type Failure = NonNullable<NonNullable<Raw['pendingActivities']>[number]['lastFailure']>;

/** What the server says of a case; undefined when it has ended or is not there. */
export async function describeOpen(client: Client, caseId: string): Promise<Described | undefined> {
  const description = await describe(client, caseId);
  if (description?.status.name !== 'RUNNING') return undefined;
  const { type: process, runId, historyLength, raw } = description;
  const pending = raw.pendingWorkflowTask;
  const attempt = pending?.attempt ?? 1;
  const lastFailure = attempt > 1 ? await lastFailureOfCode(client, caseId, runId) : undefined;
  return {
    caseId,
    process,
    historyLength,
    calls: callsOf(raw),
    ...(pending && {
      workflowTask: {
        attempt,
        scheduledAt: optionalTsToMs(pending.scheduledTime) ?? 0,
        ...(lastFailure && { lastFailure }),
      },
    }),
  };
}

async function describe(client: Client, caseId: string): Promise<WorkflowExecutionDescription | undefined> {
  try {
    return await askServer(client, () => client.workflow.getHandle(caseId).describe());
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

/** Value of `PendingActivityState` in Temporal's API: no worker has it. */
const scheduled = 1;

/** In the order in which they were scheduled: their ids are counted, unless the workflow chose them. */
function callsOf({ pendingActivities }: Raw): PendingCall[] {
  const inOrder = [...(pendingActivities ?? [])].sort((a, b) => Number(a.activityId) - Number(b.activityId));
  return inOrder.map(({ activityType, attempt, state, scheduledTime, lastFailure }) => ({
    operation: activityType?.name ?? '',
    attempt: attempt ?? 1,
    running: Number(state) !== scheduled,
    scheduledAt: optionalTsToMs(scheduledTime) ?? 0,
    ...(lastFailure && { lastFailure: toError(lastFailure) }),
  }));
}

function toError({ message, applicationFailureInfo, timeoutFailureInfo }: Failure): StepError {
  const named = applicationFailureInfo?.type ?? '';
  const type = named === '' ? (timeoutFailureInfo ? 'TimeoutFailure' : 'Error') : named;
  return { type, message: message ?? '' };
}

/** Values of `WorkflowTaskFailedCause` in Temporal's API; the first says that events came meanwhile, no fault of the code. */
const unhandledCommand = 1;
const nonDeterministic = 24;

/** Further attempts leave no event, so this is the first of those that failed since one succeeded. */
async function lastFailureOfCode(
  client: Client,
  workflowId: string,
  runId: string,
): Promise<(StepError & { timedOut: boolean }) | undefined> {
  for (const {
    workflowTaskFailedEventAttributes: failed,
    workflowTaskTimedOutEventAttributes: late,
  } of await lastEventsOf(client, workflowId, runId)) {
    if (late) return { type: 'TimeoutFailure', message: 'the code does not end, or its worker did', timedOut: true };
    if (!failed) continue;
    const cause = Number(failed.cause);
    if (cause === unhandledCommand) return undefined;
    const type = cause === nonDeterministic ? 'nondeterminism' : 'error';
    return { type, message: failed.failure?.message ?? '', timedOut: false };
  }
  return undefined;
}
