import { randomUUID } from 'node:crypto';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import Fastify, {
  LogController,
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type RawServerDefault,
} from 'fastify';
import {
  hasZodFastifySchemaValidationErrors,
  jsonSchemaTransform,
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod';
import { sql, type Kysely } from 'kysely';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import { z } from 'zod';
import { databaseTrouble, type ServiceTables } from './database';
import { operationOf } from './idempotency';
import { nameOfStatus, Problem, problemMediaType, type FieldError } from './problem';

/** A system's HTTP server, whose routes take zod schemas. */
export type ServiceApp = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>;

/**
 * An HTTP server with what every system has: documentation (`/openapi.json`, `/docs`), `/healthz`, `/readyz`, errors as
 * problems (RFC 9457), and one log line a request without personal data. Routes are added before it listens.
 */
export async function createHttpServer(
  { title, team }: { title: string; team: string },
  db: Kysely<ServiceTables>,
  log: Logger,
): Promise<ServiceApp> {
  const loggerInstance: FastifyBaseLogger = log;
  const app: ServiceApp = Fastify({
    loggerInstance,
    logController: new LogController({ disableRequestLogging: true }),
    requestIdHeader: 'x-request-id',
    genReqId: () => randomUUID(),
    forceCloseConnections: true,
  }).withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.setErrorHandler((error, request, reply) => answerProblem(toProblem(error, request), reply));
  app.setNotFoundHandler((request, reply) =>
    answerProblem(
      new Problem(
        404,
        'not-found',
        `There is no ${request.method} ${request.url.split('?')[0] ?? ''} here; see /docs.`,
      ),
      reply,
    ),
  );
  app.addHook('onSend', async (request, reply) => {
    reply.header('x-request-id', request.id);
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store');
  });
  app.addHook('onResponse', async (request, reply) => {
    request.log.info(
      {
        operation: operationOf(request),
        key: request.headers['idempotency-key'],
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime),
      },
      'answered',
    );
  });

  finishBeforeClose(app);

  app.addHook('onRoute', ({ schema }) => {
    if (schema?.response) schema.response = { ...schema.response, default: problemResponse };
  });
  await app.register(swagger, {
    openapi: { openapi: '3.1.0', info: { title, version: '1', description: `Owned by the team ${team}.` } },
    transform: jsonSchemaTransform,
  });
  await app.register(swaggerUi, { routePrefix: '/docs' });
  app.get('/openapi.json', { schema: { hide: true } }, () => app.swagger());
  addHealth(app, db);
  return app;
}

/** A request at work that takes longer than this is cut when the server closes. */
const longestFinishMs = 10_000;

/**
 * Once told to close, the server answers new requests 503 and waits for those at work; then it drops every connection, for
 * one that a client keeps open would keep it from ending.
 */
function finishBeforeClose(app: ServiceApp): void {
  const atWork = new Set<ServerResponse>();
  let finished = () => {};
  app.addHook('onRequest', (_request, { raw }, done) => {
    atWork.add(raw);
    raw.once('close', () => {
      atWork.delete(raw);
      if (atWork.size === 0) finished();
    });
    done();
  });
  app.addHook(
    'preClose',
    () =>
      new Promise<void>((resolve) => {
        const deadline = setTimeout(resolve, longestFinishMs);
        finished = () => {
          clearTimeout(deadline);
          resolve();
        };
        if (atWork.size === 0) finished();
      }),
  );
}

const problemResponse = {
  description: 'A problem (RFC 9457)',
  content: {
    [problemMediaType]: {
      schema: z.looseObject({
        type: z.string().meta({ example: 'urn:problem-type:whereabouts:invalid-request' }),
        title: z.string(),
        status: z.int(),
        detail: z.string(),
        errors: z.array(z.object({ field: z.string(), value: z.unknown(), message: z.string() })).optional(),
      }),
    },
  },
};

function addHealth(app: ServiceApp, db: Kysely<ServiceTables>): void {
  const answer = z.object({ status: z.literal('ok') });
  const tags = ['health'];
  app.get(
    '/healthz',
    { schema: { operationId: 'health', summary: 'The process answers', tags, response: { 200: answer } } },
    () => ({ status: 'ok' as const }),
  );
  app.get(
    '/readyz',
    { schema: { operationId: 'readiness', summary: 'The database answers', tags, response: { 200: answer } } },
    async () => {
      await sql`select 1`.execute(db);
      return { status: 'ok' as const };
    },
  );
}

function answerProblem(problem: Problem, reply: FastifyReply): FastifyReply {
  return reply
    .code(problem.status)
    .type(problemMediaType)
    .serializer((document: object) => JSON.stringify(document))
    .send(problem.toDocument());
}

function toProblem(error: unknown, request: FastifyRequest): Problem {
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
  issues: { instancePath: string; message?: string }[],
  part: string | undefined,
  request: FastifyRequest,
): Problem {
  const received = part === 'params' ? request.params : part === 'querystring' ? request.query : request.body;
  const errors = issues.map(({ instancePath, message }): FieldError => {
    const path = instancePath.split('/').filter((name) => name !== '');
    const value = path.reduce<unknown>(
      (whole, name) => (whole as Record<string, unknown> | undefined)?.[name],
      received,
    );
    return {
      field: path.length > 0 ? path.join('.') : (part ?? 'body'),
      ...(path.length > 0 && value !== undefined && { value }),
      message: message ?? 'is not valid',
    };
  });
  return new Problem(400, 'invalid-request', errors.map(({ field, message }) => `${field}: ${message}`).join('; '), {
    errors,
  });
}
