import type { temporal } from '@temporalio/proto';
import type { Random } from '../replay/random';

type Failure = temporal.api.failure.v1.IFailure;

export const cancelled: Failure = { message: 'Cancelled', source: 'TypeScriptSDK', canceledFailureInfo: {} };

/** Why what was asked for failed: refused, not answered in time, stopped. */
function cause(random: Random): Failure {
  const refused: Failure = { message: 'Refused', applicationFailureInfo: { type: 'Refused', nonRetryable: true } };
  const late: Failure = { message: 'Too late', timeoutFailureInfo: { timeoutType: 1 } };
  const stopped: Failure = { message: 'Stopped', terminatedFailureInfo: {} };
  return random.oneOf([refused, refused, late, stopped]);
}

/** A failure of an activity as workflows see it. */
export function ofActivity(activityType: string, why: Failure | Random): Failure {
  const activityFailureInfo = { activityType: { name: activityType }, activityId: '1', retryState: 2 };
  return { message: 'Activity task failed', activityFailureInfo, cause: 'below' in why ? cause(why) : why };
}

/** A failure of a child workflow as its parent sees it. */
export function ofChild(workflowType: string, why: Failure | Random): Failure {
  const childWorkflowExecutionFailureInfo = {
    namespace: 'default',
    workflowType: { name: workflowType },
    workflowExecution: { workflowId: 'child', runId: 'child-run' },
    retryState: 2,
  };
  const message = 'Child Workflow execution failed';
  return { message, childWorkflowExecutionFailureInfo, cause: 'below' in why ? cause(why) : why };
}

/** A failure of an operation of Nexus as its caller sees it. */
export function ofOperation(operation: string, why: Failure | Random): Failure {
  const nexusOperationExecutionFailureInfo = { endpoint: 'fuzz', service: 'fuzz', operation };
  const message = 'Nexus operation failed';
  return { message, nexusOperationExecutionFailureInfo, cause: 'below' in why ? cause(why) : why };
}

export function ofSignal(): Failure {
  return { message: 'No such workflow', applicationFailureInfo: { type: 'NotFound', nonRetryable: true } };
}
