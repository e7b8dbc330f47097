import { Client, Connection } from '@temporalio/client';
import pino, { type Logger } from 'pino';
import { addIdentity, type IdentityDatabase } from '../api/identity';
import { migrations } from '../api/migrations';
import { createApi } from '../api/server';
import { migrate, openDatabase, type ServiceTables } from '../service/database';
import { listen } from '../service/system';
import { openView } from '../view/database';
import { runView } from '../view/run';
import { givenTemporal, givenUrl, type TemporalAddress } from './addresses';
import { openCase, reopenCase } from './door';
import { untilAsked } from './signals';
import { connectSystems, portFrom } from './systems';
import { UserError } from './user-error';

/** Where and how the API runs. */
export interface ApiOptions {
  /** URL of its own database: people, tokens, the audit. */
  databaseUrl: string;
  /** URL of the central view's database. */
  viewUrl: string;
  temporal: TemporalAddress;
  /** URL of each system by its name. */
  systemUrl: (name: string) => string;
  /** Default `127.0.0.1`. */
  host?: string;
  /** Default 0: a free one. */
  port?: number;
  /** How browsers reach it, e.g. `https://whereabouts.example.com`. */
  publicUrl?: string;
  log: Logger;
}

/** An API that listens. */
export interface RunningApi {
  url: string;
  identity: Kysely<IdentityTables>;
  /** Finishes the requests at work, ends what keeps the view true, closes the databases. */
  stop(): Promise<void>;
}

/**
 * Start the HTTP API, with what keeps the central view true; it starts without Temporal, too. When any of it fails, nothing
 * is left behind.
 */
export async function startApi(options: ApiOptions): Promise<RunningApi> {
  const { temporal, systemUrl, publicUrl, host = '127.0.0.1', port = 0 } = options;
  const log = options.log.child({ part: 'api' });
  const undo: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    await migrate(options.databaseUrl, migrations);
    const own = openDatabase(options.databaseUrl, log);
    undo.push(own.close);
    const view = await openView(options.viewUrl, log);
    undo.push(view.close);
    const connection = Connection.lazy(temporal.connection);
    undo.push(() => connection.close());
    const { namespace } = temporal;
    const client = new Client({ connection, namespace, identity: 'whereabouts api' });
    const keeping = runView({ db: view.db, client, log });
    undo.push(keeping.stop);

    const systems = connectSystems(systemUrl, () => undefined);
    const doorOf = (identity: string) => ({ client: new Client({ connection, namespace, identity }), systems });
    const identity = own.db as unknown as Kysely<IdentityTables & AuditTables>;
    const app = await createApi({
      db: own.db as unknown as Kysely<ServiceTables>,
      view: view.db,
      client,
      door: {
        open: (process, request, by) => openCase(doorOf(by), process, request),
        reopen: (caseId, by) => reopenCase(doorOf(by), caseId),
      },
      identity: (server) => addIdentity(server, identity, { publicUrl }),
      log,
    });
    undo.push(() => app.close());
    return { url: await listen(app, { host, port }), identity, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * Run the API alone until SIGINT or SIGTERM, as the environment says: `DATABASE_URL`, `VIEW_DATABASE_URL`, where Temporal
 * and the systems are, `PORT` (default: a free one), `HOST` (default 127.0.0.1), `PUBLIC_URL`, `LOG_LEVEL` (default info).
 * @throws UserError for what is not told
 */
export async function runApi(addresses: Addresses, env: NodeJS.ProcessEnv): Promise<void> {
  const { HOST: host, PORT: port, PUBLIC_URL: publicUrl, LOG_LEVEL: level = 'info' } = env;
  const log = pino({ level });
  const api = await startApi({
    ...addresses,
    databaseUrl: givenDatabase('DATABASE_URL', 'api', env),
    viewUrl: givenDatabase('VIEW_DATABASE_URL', 'view', env),
    ...(host ? { host } : {}),
    ...(port ? { port: portFrom(port) } : {}),
    ...(publicUrl ? { publicUrl } : {}),
    log,
  });
  log.info(`the API listens on ${api.url}`);
  const first = await firstCode(api.identity);
  if (first) log.warn(...)
  await untilAsked();
  await api.stop();
}
