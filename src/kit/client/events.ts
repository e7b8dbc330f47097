import { isGrpcServiceError, type Client, type WorkflowHandle } from '@temporalio/client';
import { tsToDate } from '@temporalio/common/lib/time';
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

/** Of a run, the workflow task that its worker says it has ended by. */
export interface LastTask {
  caseId: string;
  runId: string;
  /** Events in the history when the task had started: the number of the event that says so. */
  historyLength: number;
  /** ISO 8601, to the millisecond. */
  startedAt: string;
}

/** More events than the commands of nearly every workflow task have. */
const mostRead = 50;

/**
 * The last events of one run of a case, at most 50, the newest first.
 * @throws NoServer
 */
export async function lastEventsOf(client: Client, caseId: string, runId: string): Promise<HistoryEvent[]> {
  const { history } = await askServer(client, () =>
    client.workflowService.getWorkflowExecutionHistoryReverse({
      namespace: client.options.namespace,
      execution: { workflowId: caseId, runId },
      maximumPageSize: mostRead,
    }),
  );
  return history?.events ?? [];
}

/**
 * Whether the server's history says that the run has ended by this workflow task, and by what came of this attempt at it. An
 * attempt that was given up, whose worker may have told otherwise, started at another time. Reads the end of the history.
 * @throws NoServer
 */
export async function hasEndedBy(client: Client, { caseId, runId, ...task }: LastTask): Promise<boolean> {
  const read = await lastEventsOf(client, caseId, runId);
  const events = new Map(read.map((event) => [Number(event.eventId), event]));
  const [last] = events.values();
  const completed = events.get(completedTaskThatEnded(last))?.workflowTaskCompletedEventAttributes;
  const { eventId, eventTime } = events.get(Number(completed?.startedEventId)) ?? {};
  const startedAt = eventTime && tsToDate(eventTime).toISOString();
  return Number(eventId) === task.historyLength && startedAt === task.startedAt;
}

/** The number of the event by which the workflow task was completed that ended a run; NaN: it ended otherwise. */
function completedTaskThatEnded(last: HistoryEvent | undefined): number {
  const { workflowTaskCompletedEventId = NaN } =
    last?.workflowExecutionCompletedEventAttributes ??
    last?.workflowExecutionFailedEventAttributes ??
    last?.workflowExecutionCanceledEventAttributes ??
    {};
  return Number(workflowTaskCompletedEventId);
}

/** Code of gRPC. */
const notFound: unknown = 5;
