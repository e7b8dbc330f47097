import { ApplicationFailure } from '@temporalio/common';
import { CaseClosed, Encrypted, isInvalidForServer, isServerLost, NoAnswer, NoSuchCase, Refused } from '../kit/client';
import type { Refusal } from '../kit/contract';
import { Problem } from '../service/problem';

/**
 * What an effect in Temporal or a question to a system threw, as the problem that it means; anything else as it is. Of a
 * message that was `sent` and refused it tells the value of the field that was wrong.
 */
export function asProblem(error: unknown, sent: object = {}): unknown {
  if (error instanceof Refused) return refused(error.refusal, sent);
  if (error instanceof NoSuchCase)
    return new Problem(404, 'unknown-case', `Temporal no longer has the case "${error.caseId}".`);
  if (error instanceof CaseClosed)
    return new Problem(409, 'case-closed', `Case ${error.caseId} has ended and takes no more messages.`);
  if (error instanceof Encrypted) return new Problem(409, 'encrypted', error.message);
  if (error instanceof NoAnswer) {
    return new Problem(
      503,
      'not-recorded',
      `No worker answered for case ${error.caseId} within five seconds. Nothing is recorded as far as is known; send the same again.`,
    );
  }
  if (isServerLost(error)) {
    return new Problem(503, 'temporal-unavailable', 'The Temporal server does not answer. Send the same again later.');
  }
  if (isInvalidForServer(error)) {
    return new Problem(422, 'temporal-refused', `Temporal does not take this: ${causeOf(error)}`);
  }
  if (error instanceof ApplicationFailure) {
    return error.nonRetryable
      ? new Problem(502, 'system-refused', error.message)
      : new Problem(503, 'system-unavailable', `${error.message}. Send the same again later.`);
  }
  return error;
}

function causeOf(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error ? cause.message : message;
}

function refused({ code, field, message }: Refusal, sent: object): Problem {
  if (field === undefined) return new Problem(statusOf(code), code, message);
  const value = field.split('.').reduce<unknown>(fieldOf, sent);
  return new Problem(statusOf(code), code, message, {
    errors: [{ field, ...(value !== undefined && { value }), message }],
  });
}

function fieldOf(whole: unknown, name: string): unknown {
  return typeof whole === 'object' && whole !== null && Object.hasOwn(whole, name)
    ? (whole as Record<string, unknown>)[name]
    : undefined;
}

function statusOf(code: Refusal['code']): number {
  switch (code) {
    case 'no-such-task':
    case 'no-such-step':
      return 404;
    case 'not-a-candidate':
    case 'excluded':
      return 403;
    case 'task-not-open':
    case 'already-decided':
    case 'not-parked':
    case 'shown-data-changed':
      return 409;
    case 'unknown-decision':
    case 'invalid-data':
    case 'invalid-message':
      return 422;
  }
}
