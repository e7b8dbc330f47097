import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { Client as Database } from 'pg';
import pino from 'pino';
import { connectSystems, startNamed, systemNames } from '../../src/platform/systems';
import { startWorker, type RunningWorker } from '../../src/platform/worker';
import { testDatabase } from './postgres';
import { devServer, timeSkipping } from './temporal';

/** A Temporal server, every system with a database of its own, and a worker: what runs in production, for one test file. */
export interface Stack {
  environment: TestWorkflowEnvironment;
  client: Client;
  /** Activities of each system by its name, as the door has them. */
  systems: Record<string, object>;
  url(system: string): string;
  /** What a statement finds in a system's database. */
  sql<Row>(system: string, statement: string, values?: unknown[]): Promise<Row[]>;
  /** Holds up whatever writes to a table of a system, at most for the five seconds that a system waits for a lock. */
  hold(system: string, table: string): Promise<Held>;
  stopWorker(): Promise<void>;
  startWorker(): Promise<void>;
  tearDown(): Promise<void>;
}

interface Held {
  /** Resolves once somebody waits to write. */
  blocking(): Promise<void>;
  release(): Promise<void>;
}

const log = pino({ level: 'silent' });

Runtime.install({
  logger: new DefaultLogger('ERROR', () => undefined),
  telemetryOptions: { logging: { filter: 'ERROR', forward: {} } },
});

/**
 * Start everything; tear it down in `afterAll`. The systems have their fault switch. The worker reports to the central view
 * in the database of `viewUrl`, if that is told.
 */
export async function startStack(
  server: 'time-skipping' | 'dev' = 'time-skipping',
  { viewUrl }: { viewUrl?: string } = {},
): Promise<Stack> {
  const undo: (() => Promise<void>)[] = [];
  const tearDown = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const environment = server === 'dev' ? await devServer() : await timeSkipping();
    undo.push(() => environment.teardown());
    const running = await Promise.all(systemNames.map(startOwn));
    undo.push(async () => void (await Promise.all(running.map(({ stop }) => stop()))));

    const systemOf = (system: string) => {
      const found = running.find(({ name }) => name === system);
      if (!found) throw new Error(`there is no system ${system}`);
      return found;
    };
    const systemUrl = (system: string) => systemOf(system).url;
    const { address, namespace = 'default' } = environment;
    const start = () => startWorker({ temporal: { connection: { address }, namespace }, systemUrl, log, viewUrl });
    let worker: RunningWorker | undefined = await start();
    const stopWorker = async () => {
      await worker?.stop();
      worker = undefined;
    };
    undo.push(stopWorker);
    return {
      environment,
      client: environment.client,
      systems: connectSystems(systemUrl, () => undefined),
      url: systemUrl,
      async sql<Row>(system: string, statement: string, values: unknown[] = []) {
        const database = await connected(systemOf(system).databaseUrl);
        try {
          return (await database.query(statement, values)).rows as Row[];
        } finally {
          await database.end();
        }
      },
      hold: (system, table) => hold(systemOf(system).databaseUrl, table),
      stopWorker,
      async startWorker() {
        worker = await start();
      },
      tearDown,
    };
  } catch (error) {
    await tearDown();
    throw error;
  }
}

async function startOwn(name: string) {
  const database = await testDatabase();
  const system = await startNamed(name, { databaseUrl: database.url, faults: true, log, environment: {} });
  return {
    ...system,
    databaseUrl: database.url,
    async stop() {
      await system.stop();
      await database.drop();
    },
  };
}

async function hold(databaseUrl: string, table: string): Promise<Held> {
  const [holder, observer] = await Promise.all([connected(databaseUrl), connected(databaseUrl)]);
  await holder.query('begin');
  await holder.query(`lock table ${table} in share mode`);
  return {
    async blocking() {
      const waiting = `select from pg_locks where not granted and relation = '${table}'::regclass`;
      while ((await observer.query(waiting)).rowCount === 0) await sleep(10);
    },
    async release() {
      await Promise.all([holder.end(), observer.end()]);
    },
  };
}

async function connected(connectionString: string): Promise<Database> {
  const database = new Database({ connectionString });
  await database.connect();
  return database;
}
