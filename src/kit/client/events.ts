import { isGrpcServiceError, type Client, type WorkflowHandle } from '@temporalio/client';
import { askServer } from './deadline';
import { NoSuchCase } from './errors';

/** An event as the server keeps it. */
export type HistoryEvent = NonNullable<Awaited<ReturnType<WorkflowHandle['fetchHistory']>>['events']>[number];

/**
 * The events of one run of a case, in order, read page by page.
 * @throws NoSuchCase, NoServer
 */
export async function* eventsOf(client: Client, caseId: string, runId: string): AsyncGenerator<HistoryEvent> {
  const run = { namespace: client.options.namespace, execution: { workflowId: caseId, runId } };
  let nextPageToken: Uint8Array | null | undefined;
  do {
    const asked = { ...run, ...(nextPageToken && { nextPageToken }) };
    const page = await askServer(client, () => client.workflowService.getWorkflowExecutionHistory(asked)).catch(
      (error: unknown) => {
        throw isGrpcServiceError(error) && error.code === notFound ? new NoSuchCase(caseId) : error;
      },
    );
    yield* page.history?.events ?? [];
    ({ nextPageToken } = page);
  } while (nextPageToken && nextPageToken.length > 0);
}

/** Code of gRPC. */
const notFound: unknown = 5;
