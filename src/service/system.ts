import type { Kysely, Migration } from 'kysely';
import type { Pool } from 'pg';
import pino, { type Logger } from 'pino';
import { migrate, openDatabase, type ServiceTables } from './database';
import { addFaultSwitch } from './faults';
import { createHttpServer, type ServiceApp } from './http';

/** Where a system stands: messages go from input to state machines to sinks, never back (seed 001). */
export type Layer = 'input' | 'state machine' | 'sink';

/** What a system's routes and background jobs work with. */
export interface SystemContext<Tables> {
  db: Kysely<Tables>;
  /** The connections below `db`, for libraries that take them. */
  pool: Pool;
  log: Logger;
  /** Configuration of this system beyond its database and port. */
  environment: Record<string, string | undefined>;
}

/** A service with its own database and HTTP API, owned by one team. `Tables` are those of its own migrations. */
export interface SystemSpec<Tables> {
  name: string;
  title: string;
  /** The team that owns it. */
  team: string;
  layer: Layer;
  /** By name, in the order of their names; a name once released stays. */
  migrations: Record<string, Migration>;
  routes(app: ServiceApp, context: SystemContext<Tables>): void;
  /** Begins background jobs before the first request, and answers with how to end them. What it throws refuses the start. */
  start?(context: SystemContext<Tables>): Promise<() => Promise<void>>;
}

/** A {@link SystemSpec} whose tables are its own business. */
export type SystemDefinition = SystemSpec<unknown>;

/** Define a system; `Tables` is known to its own routes and jobs only. */
export function defineSystem<Tables>(spec: SystemSpec<Tables>): SystemDefinition {
  return spec as unknown as SystemDefinition;
}

/** Where and how a system runs. */
export interface SystemOptions {
  databaseUrl: string;
  /** Default `127.0.0.1`. */
  host?: string;
  /** Default 0: a free one. */
  port?: number;
  /** Whether the fault switch is there; default no. */
  faults?: boolean;
  /** Default: to standard output, warnings and errors. */
  log?: Logger;
  /** Default: the process's. */
  environment?: Record<string, string | undefined>;
}

/** A system that listens. */
export interface RunningSystem {
  name: string;
  url: string;
  /** Finishes the requests at work, ends the jobs, closes the database. */
  stop(): Promise<void>;
}

/** Bring a system's database up to date, begin its jobs and listen. When any of it fails, nothing is left behind. */
export async function startSystem(
  definition: SystemDefinition,
  { databaseUrl, host = '127.0.0.1', port = 0, faults = false, log, environment = process.env }: SystemOptions,
): Promise<RunningSystem> {
  const logger = (log ?? pino({ level: 'warn' })).child({ system: definition.name });
  await migrate(databaseUrl, definition.migrations);

  const undo: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const database = openDatabase(databaseUrl, logger);
    undo.push(() => database.close());
    const service = database.db as unknown as Kysely<ServiceTables>;
    const context = { db: database.db, pool: database.pool, log: logger, environment };
    if (definition.start) undo.push(await definition.start(context));

    const app = await createHttpServer(definition, service, logger);
    undo.push(() => app.close());
    if (faults) addFaultSwitch(app, service);
    definition.routes(app, context);
    return { name: definition.name, url: await listen(app, { host, port }), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Has a server listen, and says at which URL it is reached from here. */
export async function listen(app: ServiceApp, { host, port }: { host: string; port: number }): Promise<string> {
  await app.listen({ host, port });
  const address = app.server.address();
  if (address === null || typeof address === 'string') throw new Error('a system listens on a TCP port');
  const everywhere = host === '0.0.0.0' || host === '::';
  const name = everywhere ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return `http://${name}:${address.port}`;
}
