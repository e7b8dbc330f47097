import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chown, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Client, escapeIdentifier } from 'pg';
import { commandLine, isAlive, lastLines, startChild, stopProcess, type StopSignals } from './child-processes';
import { diskFull, hasNoRoom, isDiskFull } from './disk';
import { freePort } from './ports';
import { findPostgresBinaries, type PostgresBinaries } from './postgres-binaries';
import { choosePostgresUser, commandAs, type PostgresUser } from './postgres-user';
import { UserError } from './user-error';

const run = promisify(execFile);

const logFileName = 'postgres.log';
const superuser = 'whereabouts';

/** Fast shutdown first; then leave recovery to the next start. */
const stopSignals: StopSignals = [
  ['SIGINT', 30_000],
  ['SIGQUIT', 10_000],
  ['SIGKILL', 5_000],
];

/** A running Postgres cluster. */
export interface PostgresServer {
  /** Connection URL for making databases. */
  adminUrl: string;
  /** Connection URL of a database, with user and password. */
  url(database: string): string;
  /** Stop it and wait until it has gone; a server that others run is left alone. */
  stop(): Promise<void>;
}

/** A cluster that this process runs. */
export interface EmbeddedPostgres extends PostgresServer {
  pid: number;
  /** Resolves when it has gone, whoever ended it. */
  ended: Promise<void>;
}

/**
 * The Postgres at this URL, which others run. A database named in it is where others are made from; each system has one
 * of its own.
 */
export function givenPostgres(url: string): PostgresServer {
  const base = parsePostgresUrl(url);
  const urlOf = (database: string) => {
    const copy = new URL(base);
    copy.pathname = `/${encodeURIComponent(database)}`;
    return copy.toString();
  };
  const adminUrl = base.pathname.length > 1 ? base.toString() : urlOf('postgres');
  return { adminUrl, url: urlOf, stop: () => Promise.resolve() };
}

function parsePostgresUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'postgres:' || url?.protocol === 'postgresql:') return url;
  throw new UserError(
    'WHEREABOUTS_POSTGRES_URL is not the URL of a Postgres server.',
    'Set it like postgres://user:password@host:5432, or unset it to run the embedded Postgres.',
  );
}

/**
 * Start the embedded Postgres whose state is in `dataDir` (made when missing) on 127.0.0.1, and wait until it answers.
 * A server that a killed run left behind on the same state is stopped first. Without `port` a free one is taken.
 */
export async function startPostgres(options: { dataDir: string; port?: number }): Promise<EmbeddedPostgres> {
  const dataDir = resolve(options.dataDir);
  const cluster = join(dataDir, 'cluster');
  const logFile = join(dataDir, logFileName);
  const binaries = findPostgresBinaries();
  await mkdir(dataDir, { recursive: true });
  const user = choosePostgresUser([dataDir, binaries.postgres]);
  await stopLeftoverPostgres(dataDir);
  const password = await createCluster({ dataDir, cluster, binaries, user });
  const port = options.port ?? (await freePort());
  const server = commandAs(user, binaries.postgres, [
    ...['-D', cluster, '-p', String(port)],
    ...['-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories=', '-c', 'max_connections=300'],
  ]);
  const child = await startChild(server.command, server.args, { logFile, ...server.identity });
  const url = (database: string) =>
    `postgres://${superuser}:${password}@127.0.0.1:${port}/${encodeURIComponent(database)}`;
  try {
    await untilAnswering(url('postgres'), child.pid, dataDir);
  } catch (error) {
    await stopProcess(child.pid, stopSignals);
    throw error;
  }
  return { adminUrl: url('postgres'), url, ...child, stop: () => stopProcess(child.pid, stopSignals) };
}

/** Names of the databases that there are. */
export async function listDatabases(server: PostgresServer): Promise<string[]> {
  return withClient(server, async (client) => {
    const { rows } = await client.query<{ datname: string }>('select datname from pg_database');
    return rows.map(({ datname }) => datname);
  });
}

/** Create the databases that are missing. */
export async function ensureDatabases(server: PostgresServer, names: string[]): Promise<void> {
  const existing = await listDatabases(server);
  const missing = names.filter((name) => !existing.includes(name));
  if (missing.length === 0) return;
  await withClient(server, async (client) => {
    for (const name of missing) {
      const creation = `create database ${escapeIdentifier(name)} template template0 encoding 'UTF8'`;
      await client.query(creation).catch((error: unknown) => {
        if (!alreadyThere.has((error as { code?: string }).code ?? '')) throw error;
      });
    }
  });
}

async function withClient<T>(server: PostgresServer, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: server.adminUrl, connectionTimeoutMillis: 10_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await work(client);
  } catch (error) {
    throw explainGiven(error, server);
  } finally {
    await client.end();
  }
}

function explainGiven(error: unknown, server: PostgresServer): unknown {
  const { code, message } = error as { code?: string; message: string };
  if (code === undefined || !/^(E[A-Z]+|28...|42501)$/.test(code)) return error;
  return new UserError(
    `Postgres at ${new URL(server.adminUrl).host} cannot be used: ${message}`,
    'Mend WHEREABOUTS_POSTGRES_URL (server, user, password, the right to create databases), or unset it.',
  );
}

/** `duplicate_database`, and `unique_violation` when two create it at once. */
const alreadyThere = new Set(['42P04', '23505']);

/** Stop a server that a killed run left behind on the state in `dataDir`. */
export async function stopLeftoverPostgres(dataDir: string): Promise<void> {
  const cluster = join(resolve(dataDir), 'cluster');
  const lines = await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => '');
  const pid = Number.parseInt(lines, 10);
  if (!Number.isInteger(pid) || !isAlive(pid)) return;
  if ((await commandLine(pid))?.includes(cluster) === true) await stopProcess(pid, stopSignals);
}

/** Make the cluster when there is none; returns the password of its superuser. */
async function createCluster(options: {
  dataDir: string;
  cluster: string;
  binaries: PostgresBinaries;
  user: PostgresUser;
}): Promise<string> {
  const { dataDir, cluster, binaries, user } = options;
  const passwordFile = join(dataDir, 'password');
  const kept = await readFile(join(cluster, 'PG_VERSION'), 'utf8').catch(() => undefined);
  if (kept !== undefined) {
    if (kept.trim() !== binaries.major) {
      throw new UserError(
        `The kept data in ${cluster} was written by Postgres ${kept.trim()}; this version brings Postgres ${binaries.major}.`,
        'Begin anew with --fresh (what is kept is lost), or go on with the version that wrote it.',
      );
    }
    return (await readFile(passwordFile, 'utf8')).trim();
  }
  const unfinished = join(dataDir, 'cluster.unfinished');
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { mode: 0o700 });
  const password = randomBytes(24).toString('hex');
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
  const handedOver = join(dataDir, 'password.handed-over');
  await writeFile(handedOver, `${password}\n`, { mode: 0o600 });
  if (user.owner !== undefined) {
    await chown(unfinished, user.owner.uid, user.owner.gid);
    await chown(handedOver, user.owner.uid, user.owner.gid);
  }
  const initdb = commandAs(user, binaries.initdb, [
    ...['--pgdata', unfinished, '--username', superuser, '--pwfile', handedOver, '--auth', 'scram-sha-256'],
    ...['--encoding', 'UTF8', '--locale', 'C', '--locale-provider', 'builtin', '--builtin-locale', 'C.UTF-8'],
  ]);
  try {
    await run(initdb.command, initdb.args, initdb.identity);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    throw await explainFailure(error instanceof Error ? error.message : String(error), dataDir);
  } finally {
    await rm(handedOver, { force: true });
  }
  await rename(unfinished, cluster);
  return password;
}

async function untilAnswering(url: string, pid: number, dataDir: string): Promise<void> {
  const until = Date.now() + 120_000;
  for (;;) {
    const client = new Client({ connectionString: url });
    client.on('error', () => undefined);
    try {
      await client.connect();
      await client.end();
      return;
    } catch (error) {
      if (!isAlive(pid) || Date.now() > until) {
        const log = await lastLines(join(dataDir, logFileName), 20);
        throw await explainFailure(log === '' ? String(error) : log, dataDir);
      }
      await sleep(50);
    }
  }
}

async function explainFailure(output: string, dataDir: string): Promise<Error> {
  if (isDiskFull(output) || (await hasNoRoom(dataDir))) return diskFull(dataDir);
  return new UserError(
    `Postgres does not start: ${output}`,
    `Its log is ${join(dataDir, logFileName)}. Mend the cause, or begin anew with --fresh; or set WHEREABOUTS_POSTGRES_URL.`,
  );
}
