import type { FastifyReply, FastifyRequest } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { databaseTrouble, isGivenUp } from './database';
import { operationOf } from './idempotency';
import { nameOfStatus, Problem, problemMediaType, type FieldError } from './problem';

/** Answers with a problem, whatever the route's schema says. */
export function answerProblem(problem: Problem, reply: FastifyReply): FastifyReply {
  return reply
    .code(problem.status)
    .type(problemMediaType)
    .serializer((document: object) => JSON.stringify(document))
    .send(problem.toDocument());
}

/** The problem that something thrown by a route or its server means; what is unexpected is logged, and told by its request alone. */
export function toProblem(error: unknown, request: FastifyRequest): Problem {
  if (error instanceof Problem) return error;
  if (hasZodFastifySchemaValidationErrors(error))
    return invalidRequest(error.validation, error.validationContext, request);
  const trouble = databaseTrouble(error);
  if (trouble === 'contended') {
    return new Problem(409, 'in-flight', 'Another request is at work on the same. Send this one again in a moment.');
  }
  if (trouble === 'unavailable') {
    request.log.warn({ operation: operationOf(request), reason: String(error) }, 'database unavailable');
    return new Problem(503, 'database-unavailable', 'The database does not answer. Send the request again later.');
  }
  const isLate = error instanceof Error && 'code' in error && error.code === 'FST_ERR_HANDLER_TIMEOUT';
  if (isLate || isGivenUp(error)) {
    return new Problem(
      503,
      'timed-out',
      'The request took too long. What it asks for may still happen; look before sending it again.',
    );
  }
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
  if (status >= 400 && status < 500) return new Problem(status, nameOfStatus(status), (error as Error).message);
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  request.log.error({ operation: operationOf(request), error: { name, message, stack } }, 'unexpected error');
  return new Problem(
    500,
    'internal-server-error',
    `Something went wrong here; the log says more (request ${request.id}).`,
  );
}

function invalidRequest(
  issues: { instancePath: string; keyword?: string; params?: Record<string, unknown>; message?: string }[],
  part: string | undefined,
  request: FastifyRequest,
): Problem {
  const received = part === 'params' ? request.params : part === 'querystring' ? request.query : request.body;
  const errors = issues.flatMap(({ instancePath, keyword, params, message }): FieldError[] => {
    const path = instancePath.split('/').filter((name) => name !== '');
    const whole = valueAt(received, path);
    const unknown = keyword === 'unrecognized_keys' ? (params?.['keys'] as string[]) : [];
    if (unknown.length > 0) {
      return unknown.map((name) => ({
        field: [...path, name].join('.'),
        value: valueAt(whole, [name]),
        message: 'is not known; leave it out',
      }));
    }
    const field = path.length > 0 ? path.join('.') : (part ?? 'body');
    const isTold = path.length > 0 && whole !== undefined && !path.some((name) => secrets.has(name));
    const value = isTold && { value: whole };
    return [{ field, ...value, message: message ?? 'is not valid' }];
  });
  return new Problem(400, 'invalid-request', errors.map(({ field, message }) => `${field}: ${message}`).join('; '), {
    errors,
  });
}

/** Fields whose value is told to nobody, not even to who sent it: answers are kept by what is between. */
const secrets = new Set(['password', 'oldPassword', 'code']);

function valueAt(whole: unknown, path: string[]): unknown {
  return path.reduce<unknown>((part, name) => (part as Record<string, unknown> | undefined)?.[name], whole);
}
