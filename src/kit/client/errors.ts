import { isGrpcServiceError, ServiceError } from '@temporalio/client';
import type { Refusal } from '../contract';

/** There is no case of this id in the namespace. */
export class NoSuchCase extends Error {
  override readonly name = 'NoSuchCase';
  constructor(readonly caseId: string) {
    super(`no case ${caseId}`);
  }
}

/** The case does not take the message, and nothing has changed; `refusal` says why. */
export class Refused extends Error {
  override readonly name = 'Refused';
  constructor(
    readonly caseId: string,
    readonly refusal: Refusal,
  ) {
    super(refusal.message);
  }
}

/** The case is closed and takes no more messages. */
export class CaseClosed extends Error {
  override readonly name = 'CaseClosed';
  constructor(readonly caseId: string) {
    super(`case ${caseId} is closed`);
  }
}

/** No worker answered in time. What was asked may still happen; sending the same again is safe. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
  constructor(readonly caseId: string) {
    super(`no worker answered for case ${caseId} in time; is a worker running? Sending the same again is safe`);
  }
}

/** The Temporal server did not answer in time. What was asked may still happen; sending the same again is safe. */
export class NoServer extends Error {
  override readonly name = 'NoServer';
  constructor() {
    super('the Temporal server did not answer in time; is it running? Sending the same again is safe');
  }
}

/** The code of the workflow fails, so that the case cannot say where it is; `answer` is the error, when it is known. */
export class CodeFails extends Error {
  override readonly name = 'CodeFails';
  constructor(
    readonly caseId: string,
    readonly answer?: string,
  ) {
    const why = answer === undefined ? '; the Temporal UI shows the error' : `: ${answer}`;
    super(`the workflow code of case ${caseId} fails${why}. Mend the code and start the worker`);
  }
}

/** The worker does not know the question: it runs without the plugin, or the workflow is another program's. */
export class NotRecorded extends Error {
  override readonly name = 'NotRecorded';
  constructor(
    readonly caseId: string,
    readonly answer: string,
  ) {
    super(`case ${caseId} does not say where it is; does its worker run with the plugin?`);
  }
}

/** The answer of the case is encrypted, and the client has no codec to read it. */
export class Encrypted extends Error {
  override readonly name = 'Encrypted';
  constructor(readonly caseId: string) {
    super(`what case ${caseId} says is encrypted; ask it with a client that has the codec of its worker`);
  }
}

/** The case was not started; the message says what to do. */
export class StartRefused extends Error {
  override readonly name = 'StartRefused';
  constructor(
    readonly caseId: string,
    message: string,
  ) {
    super(message);
  }
}

/** Why a case does not say where it is. */
export type Silence = 'no answer' | 'code fails' | 'not recorded' | 'encrypted';

/** Why a case did not say where it is, for what a question to it threw; undefined when that is about something else. */
export function silenceOf(error: unknown): Silence | undefined {
  if (error instanceof CodeFails) return 'code fails';
  if (error instanceof NotRecorded) return 'not recorded';
  if (error instanceof Encrypted) return 'encrypted';
  if (error instanceof ServiceError) return forbidden.includes(codeOf(error)) ? undefined : 'no answer';
  return error instanceof NoAnswer ? 'no answer' : undefined;
}

/** The code of gRPC that the server's answer had. */
export function codeOf({ cause }: ServiceError): unknown {
  return (cause as { code?: unknown } | undefined)?.code;
}

/** Codes of gRPC by which a server does not let this client ask at all: permission denied, unauthenticated. */
const forbidden: unknown[] = [7, 16];

/** Whether the server does not answer, or not this client, whatever it is asked. */
export function isServerLost(error: unknown): boolean {
  const code = grpcCodeOf(error);
  const isUnreached = error instanceof ServiceError && code === undefined;
  return error instanceof NoServer || isUnreached || lost.includes(code);
}

/** Whether the server refused a call for what was in it. */
export function isInvalidForServer(error: unknown): boolean {
  return grpcCodeOf(error) === invalidArgument;
}

function grpcCodeOf(error: unknown): unknown {
  const cause: unknown = error instanceof ServiceError ? error.cause : error;
  return isGrpcServiceError(cause) ? cause.code : undefined;
}

/** Codes of gRPC: cancelled, deadline exceeded, permission denied, resource exhausted, unavailable, unauthenticated. */
const lost: unknown[] = [1, 4, 7, 8, 14, 16];
const invalidArgument = 3;

/** Whether the server refused something because the namespace has no search attributes of ours. */
export function lacksAttributes(error: unknown): boolean {
  return error instanceof ServiceError && /search ?attribute/i.test(String(error.cause));
}
