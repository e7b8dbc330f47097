import { ApplicationFailure } from '@temporalio/common';
import pino from 'pino';
import { createSystemClient, type SystemClient } from '../service/client';
import { startSystem, type RunningSystem, type SystemDefinition, type SystemOptions } from '../service/system';
import { systems } from '../systems/catalogue';
import { didYouMean } from '../service/did-you-mean';
import { untilAsked } from './signals';
import { UserError } from './user-error';

const definitions = systems.flatMap(({ definition }) => definition ?? []);

/** Names of all systems that we run, which are the names of their databases, too. */
export const systemNames = definitions.map(({ name }) => name);

/** The systems that each team owns, of those that we run. */
export const systemsByTeam: Record<string, string[]> = {};
for (const { team, name } of definitions) (systemsByTeam[team] ??= []).push(name);

/**
 * What workflows and the door may call on each system, by its name. Calls that change something carry the key. A system's
 * URL is asked for whenever the system is named; that of a system that others run whenever it is called, and a call fails
 * as `address-unknown` where `systemUrl` throws a {@link UserError}.
 */
export function connectSystems(
  systemUrl: (name: string) => string,
  idempotencyKey: () => string | undefined,
): Record<string, object> {
  const connected: Record<string, object> = {};
  for (const { name: system, definition, createActivities } of systems) {
    const connect = () => createSystemClient({ system, url: systemUrl(system), idempotencyKey });
    const get = () => createActivities(definition ? connect() : connectedAtEachCall(system, connect));
    Object.defineProperty(connected, system, { get, enumerable: true });
  }
  return connected;
}

function connectedAtEachCall(system: string, connect: () => SystemClient): SystemClient {
  return {
    system,
    async request(call) {
      try {
        return await connect().request(call);
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        throw ApplicationFailure.nonRetryable(`${error.message} ${error.advice}`, 'address-unknown');
      }
    },
  };
}

/** Start a system; a port that is not free is a {@link UserError}. */
export async function startNamed(name: string, options: SystemOptions): Promise<RunningSystem> {
  const definition = systemNamed(name);
  try {
    return await startSystem(definition, options);
  } catch (error) {
    throw explain(error, name, options);
  }
}

/**
 * Run one system alone until SIGINT or SIGTERM, as the environment says: `DATABASE_URL`, `PORT` (default: a free one),
 * `HOST` (default 127.0.0.1), `FAULTS=on`, `LOG_LEVEL` (default info).
 */
export async function runSystem(name: string, env: NodeJS.ProcessEnv): Promise<void> {
  const { DATABASE_URL: databaseUrl, HOST: host, PORT: port, FAULTS: faults, LOG_LEVEL: level = 'info' } = env;
  if (!databaseUrl) {
    throw new UserError(
      `DATABASE_URL is not set, so the system ${name} has no database.`,
      `Set DATABASE_URL=postgres://user:password@host:5432/${name}.`,
    );
  }
  const log = pino({ level });
  const system = await startNamed(name, {
    databaseUrl,
    ...(host ? { host } : {}),
    ...(port ? { port: portFrom(port) } : {}),
    faults: faults === 'on',
    log,
    environment: env,
  });
  log.info(`${name} listens on ${system.url}`);
  await untilAsked();
  await system.stop();
}

/**
 * The system of a name, of those that we run.
 * @throws UserError when there is none.
 */
export function systemNamed(name: string): SystemDefinition {
  const found = definitions.find((definition) => definition.name === name);
  if (found) return found;
  throw new UserError(
    `There is no system ${name}${didYouMean(name, systemNames) || `; there is ${systemNames.join(', ')}`}`,
    'Name a system that there is.',
  );
}

/** @throws UserError for what is no port number */
export function portFrom(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new UserError(`PORT=${text} is no port number.`, 'Set PORT to a number from 1 to 65535.');
}

function explain(error: unknown, name: string, { databaseUrl, host, port }: SystemOptions): unknown {
  const { code } = ((error as Error).cause ?? error) as { code?: unknown };
  if (code === 'EADDRINUSE' || code === 'EACCES') {
    return new UserError(
      `Port ${port} of ${host ?? '127.0.0.1'} (${name}) is occupied by another program or not allowed.`,
      'Choose another port with PORT, or leave it out to get a free one.',
    );
  }
  if (code === 'ECONNREFUSED' || code === 'ENOTFOUND' || code === '28P01' || code === '3D000') {
    const { host: server, pathname } = new URL(databaseUrl);
    return new UserError(
      `The database ${pathname.slice(1)} of ${name} at ${server} cannot be used: ${(error as Error).message}`,
      'Mend DATABASE_URL, start Postgres, or make the database with: npx whereabouts setup.',
    );
  }
  if (/corrupted migrations/.test(String((error as Error).message))) {
    return new UserError(
      `The database of ${name} was kept by another version of Whereabouts: ${(error as Error).message}`,
      'Begin anew with --fresh (what is kept is lost), or go on with the version that kept it.',
    );
  }
  return error;
}
