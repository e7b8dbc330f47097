import {
  isGrpcCancelledError,
  isGrpcDeadlineError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
  type Client,
} from '@temporalio/client';
import { NoAnswer, NoServer } from './errors';

/** How long the server may take to answer, in milliseconds. */
const serverDeadline = 10_000;

/**
 * A call that the server answers alone, given up after ten seconds.
 * @throws NoServer
 */
export async function askServer<T>(client: Client, call: () => Promise<T>): Promise<T> {
  try {
    return await client.withDeadline(Date.now() + serverDeadline, call);
  } catch (error) {
    throw isGrpcDeadlineError(error) ? new NoServer() : error;
  }
}

/**
 * A call that a worker has to answer, given up at a time.
 * @throws NoAnswer
 */
export async function askWorker<T>(client: Client, caseId: string, until: number, call: () => Promise<T>): Promise<T> {
  try {
    return await client.withDeadline(until, call);
  } catch (error) {
    const givenUp =
      error instanceof NoServer ||
      error instanceof WorkflowUpdateRPCTimeoutOrCancelledError ||
      isGrpcDeadlineError(error) ||
      isGrpcCancelledError(error);
    throw givenUp ? new NoAnswer(caseId) : error;
  }
}
