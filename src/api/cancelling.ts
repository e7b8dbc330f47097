import type { Client } from '@temporalio/client';
import { cancelCase, CaseClosed, describeCase, eventsOf } from '../kit/client';

/**
 * Asks a case to cancel; asked for `again` once the case has ended of it, that is done already.
 * @throws as `cancelCase` does
 */
export async function cancelOnce(
  client: Client,
  caseId: string,
  asked: { by: string; reason: string },
  { requestId, again }: { requestId: string; again: boolean },
): Promise<void> {
  await cancelCase(client, caseId, asked, { requestId }).catch(async (error: unknown) => {
    const mayBeDone = again && error instanceof CaseClosed;
    if (!mayBeDone || !(await isCancelledBy(client, caseId, asked))) throw error;
  });
}

/** Whether it is in the history: a case that has ended does not take the same request again. */
async function isCancelledBy(client: Client, caseId: string, { by, reason }: { by: string; reason: string }) {
  const { runId, status } = await describeCase(client, caseId);
  if (status !== 'cancelled') return false;
  for await (const { workflowExecutionCancelRequestedEventAttributes: asked } of eventsOf(client, caseId, runId)) {
    if (asked?.identity === by && asked.cause === `${by}: ${reason}`) return true;
  }
  return false;
}
