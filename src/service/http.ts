import { randomUUID } from 'node:crypto';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import Fastify, { LogController, type FastifyBaseLogger, type FastifyInstance, type RawServerDefault } from 'fastify';
import {
  jsonSchemaTransform,
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod';
import { sql, type Kysely } from 'kysely';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { ServiceTables } from './database';
import { answerProblem, toProblem } from './errors';
import { operationOf } from './idempotency';
import { answerNoRequest } from './no-request';
import { requirePlain } from './plain-json';
import { Problem, problemMediaType } from './problem';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The answer goes on until somebody ends it: a server that closes does not wait for it. */
    endless?: boolean;
  }
}

/** A system's HTTP server, whose routes take zod schemas. */
export type ServiceApp = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>;

/** What a server may have otherwise. */
export interface HttpServerOptions {
  /** Adds `/readyz`; unless told, it asks the database. */
  readiness?: (app: ServiceApp) => void;
  /** Most bytes that a body may have; 1 MiB unless told. */
  bodyLimit?: number;
  /** After so many milliseconds a request is answered 503 `timed-out`; never unless told. */
  handlerTimeout?: number;
  /** Addresses and ranges of proxies whose `X-Forwarded-*` say where a request comes from; nobody's unless told. */
  trustProxy?: string[];
}

/** A request has to arrive within so many milliseconds. */
const requestTimeout = 30_000;
/** As long as Temporal lets an id be. */
const maxParamLength = 1_000;

/**
 * An HTTP server with what every system has: documentation (`/openapi.json`, `/docs`), `/healthz`, `/readyz`, errors as
 * problems (RFC 9457), and one log line a request without personal data. Routes are added before it listens.
 */
export async function createHttpServer(
  { title, team }: { title: string; team: string },
  db: Kysely<ServiceTables>,
  log: Logger,
  { readiness = (app) => addReadiness(app, db), ...limits }: HttpServerOptions = {},
): Promise<ServiceApp> {
  const loggerInstance: FastifyBaseLogger = log;
  const app: ServiceApp = Fastify({
    loggerInstance,
    logController: new LogController({ disableRequestLogging: true }),
    requestIdHeader: 'x-request-id',
    genReqId: () => randomUUID(),
    forceCloseConnections: true,
    requestTimeout,
    routerOptions: { maxParamLength },
    frameworkErrors: (error, request, reply) => void answerProblem(toProblem(error, request), reply),
    clientErrorHandler: answerNoRequest,
    ...limits,
  }).withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.setErrorHandler((error, request, reply) => answerProblem(toProblem(error, request), reply));
  app.addHook('preValidation', ({ body }, _reply, done) => {
    requirePlain(body);
    done();
  });
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
  addHealth(app);
  readiness(app);
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
  app.addHook('onRequest', ({ routeOptions }, { raw }, done) => {
    if (routeOptions.config.endless) return done();
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
        errors: z.array(z.object({ field: z.string(), value: z.unknown().optional(), message: z.string() })).optional(),
      }),
    },
  },
};

const well = z.object({ status: z.literal('ok') });

function addHealth(app: ServiceApp): void {
  const tags = ['health'];
  app.get(
    '/healthz',
    { schema: { operationId: 'health', summary: 'The process answers', tags, response: { 200: well } } },
    () => ({ status: 'ok' as const }),
  );
}

function addReadiness(app: ServiceApp, db: Kysely<ServiceTables>): void {
  const tags = ['health'];
  app.get(
    '/readyz',
    { schema: { operationId: 'readiness', summary: 'The database answers', tags, response: { 200: well } } },
    async () => {
      await sql`select 1`.execute(db);
      return { status: 'ok' as const };
    },
  );
}
