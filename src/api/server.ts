import etag from '@fastify/etag';
import type { Client } from '@temporalio/client';
import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import type { ServiceTables } from '../service/database';
import { createHttpServer, type ServiceApp } from '../service/http';
import type { ViewTables } from '../view/database';
import { addActions } from './actions';
import { addBatches } from './batches/routes';
import { addCases } from './cases';
import type { Door } from './door';
import { addEvents } from './events';
import { addMaps } from './maps';
import { addMetrics } from './metrics';
import type { Teams } from './params';
import { addProcesses } from './processes';
import { addReadiness } from './readiness';
import { addStream } from './stream';
import { addWaiting } from './waiting';

/** What the API works with. */
export interface ApiParts {
  /** The API's own database. */
  db: Kysely<ServiceTables>;
  /** The central view. */
  view: Kysely<ViewTables>;
  client: Client;
  door: Door;
  /** Which systems each team owns. */
  teams: Teams;
}

export interface ApiOptions extends ApiParts {
  /** Adds who asks, and whether they may, before there are other routes; sets `request.person`. */
  identity: (app: ServiceApp) => void | Promise<void>;
  log: Logger;
  /** How often, in milliseconds, it is looked again who listens to the stream, and whether they may; a minute unless told. */
  askAgainEvery?: number;
  /** Addresses and ranges of the proxies before it, whose word on where a request comes from is taken. */
  trustedProxies?: string[];
}

/** How long a request may take, in milliseconds: longer than the systems asked and Temporal take to say that they do not answer. */
const longest = 30_000;
/** Most bytes that a body may have: what people enter is small. */
const largestBody = 256 * 1024;

/**
 * The HTTP API, which does not listen yet. Reads are answered from the view alone, also while workers, systems and Temporal
 * are down, with weak ETags; what changes a case goes to Temporal.
 */
export async function createApi({
  identity,
  log,
  askAgainEvery = 60_000,
  trustedProxies = [],
  ...parts
}: ApiOptions): Promise<ServiceApp> {
  const about = { title: 'Whereabouts', team: 'platform' };
  const app = await createHttpServer(about, parts.db, log, {
    readiness: (server) => addReadiness(server, parts),
    bodyLimit: largestBody,
    handlerTimeout: longest,
    ...(trustedProxies.length > 0 && { trustProxy: trustedProxies }),
  });
  await identity(app);
  app.addHook('onSend', (request, { statusCode }, _payload, done) => {
    // Only what was read is unchanged (RFC 9110, 13.2.1); a refusal and the answer to a change are told again.
    const isRead = ['GET', 'HEAD'].includes(request.method) && statusCode < 300;
    if (!isRead) request.headers = { ...request.headers, 'if-none-match': undefined };
    done();
  });
  await app.register(etag, { weak: true });
  app.addHook('onRequest', async ({ method }, reply) => {
    if (method === 'GET') reply.header('cache-control', 'private, no-cache');
  });
  addProcesses(app, parts);
  addMaps(app, parts);
  addCases(app, parts);
  addWaiting(app, parts);
  addActions(app, parts);
  addBatches(app, parts);
  addEvents(app, parts);
  addMetrics(app, parts);
  addStream(app, { ...parts, askAgainEvery });
  return app;
}
