import { Client, Connection, defaultGrpcRetryOptions, makeGrpcRetryInterceptor } from '@temporalio/client';
import type { Kysely } from 'kysely';
import pino, { type Logger } from 'pino';
import type { AuditTables } from '../api/audit';
import { runBatches } from '../api/batches/run';
import { addIdentity } from '../api/identity';
import { firstCode, type OneTimeCode } from '../api/identity/codes';
import { writeLocalToken } from '../api/identity/local-token';
import { firstAdministrator } from '../api/identity/people';
import { oneTimeLink } from '../api/identity/password-page';
import type { IdentityTables } from '../api/identity/tables';
import { migrations } from '../api/migrations';
import { createApi } from '../api/server';
import { migrate, openDatabase } from '../service/database';
import { withoutCodec } from '../kit/client';
import { listen } from '../service/system';
import { openView, viewSchema } from '../view/database';
import { runView } from '../view/run';
import type { Addresses, TemporalAddress } from './addresses';
import { openCase, reopenCase } from './door';
import { untilAsked } from './signals';
import { connectSystems, portFrom, systemsByTeam } from './systems';
import { proxiesFrom } from './trusted-proxies';
import { UserError } from './user-error';
import { startWatch } from './watch';

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
  /** Addresses and ranges of the proxies before it; none unless told. */
  trustedProxies?: string[];
  log: Logger;
}

/** An API that listens. */
export interface RunningApi {
  url: string;
  /** How the first administrator sets a password; absent once an administrator has one. */
  first?: OneTimeCode;
  /** Signs the command line in that reads this file, see `writeLocalToken`. */
  signIn(file: string): Promise<void>;
  /** Finishes the requests at work, ends what keeps the view true, closes the databases. */
  stop(): Promise<void>;
}

/** No question to the view is worked on for longer than its request may take, in milliseconds. */
const longestStatement = 30_000;

/**
 * Start the HTTP API, with what keeps the central view true and works off batches; it starts without Temporal, too. When any
 * of it fails, nothing is left behind.
 */
export async function startApi(options: ApiOptions): Promise<RunningApi> {
  const { temporal, systemUrl, publicUrl, trustedProxies = [], host = '127.0.0.1', port = 0 } = options;
  const log = options.log.child({ part: 'api' });
  const undo: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    await migrate(options.databaseUrl, migrations);
    const own = openDatabase(options.databaseUrl, log);
    undo.push(own.close);
    const view = await openView(options.viewUrl, log, viewSchema, longestStatement);
    undo.push(view.close);
    const connection = Connection.lazy(temporal.connection);
    undo.push(() => connection.close());
    const { namespace } = temporal;
    const client = new Client({ connection, namespace, identity: 'whereabouts api', dataConverter: withoutCodec });
    const keepers = Connection.lazy({ ...temporal.connection, interceptors: [makeGrpcRetryInterceptor(shortly)] });
    undo.push(() => keepers.close());
    const keeper = new Client({
      connection: keepers,
      namespace,
      identity: 'whereabouts api',
      dataConverter: withoutCodec,
    });
    const keeping = runView({ db: view.db, client: keeper, log });
    undo.push(keeping.stop);
    const watch = await startWatch({
      db: view.db,
      client: keeper,
      notificationsUrl: () => systemUrl('notifications'),
      log,
    });
    undo.push(watch.stop);
    const working = openDatabase(options.databaseUrl, log);
    undo.push(working.close);
    const batches = runBatches({ db: working.db, view: view.db, client, log });
    undo.push(batches.stop);

    const systems = connectSystems(systemUrl, () => undefined);
    const doorOf = (identity: string) => ({
      client: new Client({ connection, namespace, identity, dataConverter: withoutCodec }),
      systems,
    });
    const identity = own.db as unknown as Kysely<IdentityTables & AuditTables>;
    const app = await createApi({
      db: own.db,
      view: view.db,
      client,
      door: {
        open: (process, request, by) => openCase(doorOf(by), process, request),
        reopen: (caseId, by, requestId) => reopenCase(doorOf(by), caseId, { requestId }),
      },
      teams: systemsByTeam,
      identity: (server) => addIdentity(server, identity, { publicUrl }),
      trustedProxies,
      log,
    });
    undo.push(() => app.close());
    const first = await firstCode(identity);
    const url = await listen(app, { host, port });
    return {
      url,
      ...(first && { first }),
      async signIn(file) {
        await writeLocalToken(identity, file, await firstAdministrator(identity));
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * Run the API alone until SIGINT or SIGTERM, as the environment says: `DATABASE_URL`, `VIEW_DATABASE_URL`, `PORT` (default:
 * a free one), `HOST` (default 127.0.0.1), `PUBLIC_URL`, `TRUSTED_PROXIES` (see `proxiesFrom`), `LOG_LEVEL` (default info).
 * @throws UserError for a database that is not told, or a proxy that is none
 */
export async function runApi({ temporal, systemUrl }: Addresses, env: NodeJS.ProcessEnv): Promise<void> {
  const { HOST: host, PORT: port, PUBLIC_URL: publicUrl, LOG_LEVEL: level = 'info' } = env;
  const log = pino({ level });
  const api = await startApi({
    ...{ temporal, systemUrl, log },
    databaseUrl: requireDatabase('DATABASE_URL', 'api', env),
    viewUrl: requireDatabase('VIEW_DATABASE_URL', 'view', env),
    ...(host ? { host } : {}),
    ...(port ? { port: portFrom(port) } : {}),
    ...(publicUrl ? { publicUrl } : {}),
    trustedProxies: proxiesFrom(env['TRUSTED_PROXIES']),
  });
  log.info(`the API listens on ${api.url}`);
  if (api.first) log.info(firstInWords(api.first, publicUrl ?? api.url));
  await untilAsked();
  await api.stop();
}

/**
 * While the server refuses connections, what keeps the view true tries again by itself, and has to end when it is told: the
 * SDK, which tries again for ten seconds, cannot be stopped between two attempts.
 */
const shortly = defaultGrpcRetryOptions({ maxAttempts: 4 });

/** How the first administrator sets a password. */
export function firstInWords({ person, code, expiresAt }: OneTimeCode, url: string): string {
  return `No administrator has a password yet. ${person} sets one here, once, until ${expiresAt}:\n${oneTimeLink(url, code)}`;
}

function requireDatabase(variable: string, name: string, env: NodeJS.ProcessEnv): string {
  const url = env[variable];
  if (url) return url;
  throw new UserError(
    `${variable} is not set, so the API has no database.`,
    `Set ${variable}=postgres://user:password@host:5432/${name}.`,
  );
}
