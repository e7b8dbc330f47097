import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chown, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Client, escapeIdentifier } from 'pg';
import { commandLine, isAlive, lastLines, startChild, stopProcess, type StopSignals } from './child-processes';
import { diskFull, isDiskFull } from './disk';
import { freePort } from './ports';
import { findPostgresBinaries, type PostgresBinaries } from './postgres-binaries';
import { choosePostgresUser, commandAs, type PostgresUser } from './postgres-user';
import { UserError } from './user-error';

const run = promisify(execFile);

const superuser = 'whereabouts';

/** Fast shutdown first; then leave recovery to the next start. */
const stopSignals: StopSignals = [
  ['SIGINT', 30_000],
  ['SIGQUIT', 10_000],
  ['SIGKILL', 5_000],
];

/** A running Postgres cluster. */
export interface PostgresServer {
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

/** The Postgres at this URL, which others run; its database name is replaced by that of each system. */
export function givenPostgres(url: string): PostgresServer {
  const base = parsePostgresUrl(url);
  return {
    url(database) {
      const copy = new URL(base);
      copy.pathname = `/${encodeURIComponent(database)}`;
      return copy.toString();
    },
    stop: () => Promise.resolve(),
  };
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
  const logFile = join(dataDir, 'postgres.log');
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
    await untilAnswering(url('postgres'), child.pid, logFile);
  } catch (error) {
    await stopProcess(child.pid, stopSignals);
    throw error;
  }
  return { url, ...child, stop: () => stopProcess(child.pid, stopSignals) };
}

/** Create the databases that are missing. */
export async function ensureDatabases(server: PostgresServer, names: string[]): Promise<void> {
  const client = new Client({ connectionString: server.url('postgres') });
  await client.connect();
  try {
    const { rows } = await client.query<{ datname: string }>('select datname from pg_database');
    const existing = new Set(rows.map((row) => row.datname));
    for (const name of names.filter((candidate) => !existing.has(candidate))) {
      await client.query(`create database ${escapeIdentifier(name)} template template0 encoding 'UTF8'`).catch(
        (error: unknown) => {
          if (!alreadyThere.has((error as { code?: string }).code ?? '')) throw error;
        },
      );
    }
  } finally {
    await client.end();
  }
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
    throw explainFailure(error instanceof Error ? error.message : String(error), dataDir);
  } finally {
    await rm(handedOver, { force: true });
  }
  await rename(unfinished, cluster);
  return password;
}

async function untilAnswering(url: string, pid: number, logFile: string): Promise<void> {
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
        const log = await lastLines(logFile, 20);
        throw explainFailure(log === '' ? String(error) : log, logFile);
      }
      await sleep(50);
    }
  }
}

function explainFailure(output: string, where: string): Error {
  if (isDiskFull(output)) return diskFull(where);
  return new UserError(
    `Postgres does not start: ${output}`,
    `Its log is beside its data (${where}). Mend the cause, or begin anew with --fresh; or set WHEREABOUTS_POSTGRES_URL.`,
  );
}
