import { readFile, writeFile } from 'node:fs/promises';
import { Client, Connection } from '@temporalio/client';
import type { Logger } from 'pino';
import type { RunningSystem } from '../service/system';
import type { OneTimeCode } from '../api/identity/codes';
import { givenTemporal, givenUrl, type TemporalAddress } from './addresses';
import { startApi } from './api';
import { databaseNames } from './databases';
import type { DataDir } from './data-dir';
import type { Running } from './running';
import { keepRunning, type KeptServer } from './keep-running';
import { version } from './package';
import { freePort, requirePort } from './ports';
import { ensureDatabases, givenPostgres, startPostgres, type PostgresServer } from './postgres';
import { addSearchAttributes } from './setup';
import type { Stage } from './stages';
import { startNamed, systemNames } from './systems';
import { findTemporalProgram } from './temporal-binaries';
import { startTemporal } from './temporal-server';
import { startWorker } from './worker';

export interface StackOptions {
  dataDir: DataDir;
  /** Of the first of consecutive ports; free ones when absent. */
  portBase?: number;
  /** Whether the systems have the fault switch. */
  faults: boolean;
  env: NodeJS.ProcessEnv;
  log: Logger;
  /** Ends waiting for servers that cannot be reached. */
  signal: AbortSignal;
}

/** Everything that runs, once it runs. */
export interface Stack {
  running: Running;
  client: Client;
  systemUrl(name: string): string;
  /** How the first administrator sets a password; absent once an administrator has one. */
  first?: OneTimeCode;
  /** Rejects when something ended that cannot be started again; never resolves. */
  failed: Promise<never>;
}

/** How to start everything, part by part, and how to stop it. */
export interface StackPlan {
  /** To be run one after the other. */
  stages: Stage[];
  /** What there is when all stages have run. */
  stack(): Stack;
  /** Stops what was started, newest first; at any time. */
  stop(): Promise<void>;
}

/**
 * Plan Postgres, Temporal, the systems and the worker on a data folder. `TEMPORAL_ADDRESS` and `WHEREABOUTS_POSTGRES_URL`
 * put servers that others run in the place of our own.
 */
export function planStack(options: StackOptions): StackPlan {
  const { dataDir, env, log } = options;
  const undo: (() => Promise<void>)[] = [];
  const kept: KeptServer[] = [];
  const systems: RunningSystem[] = [];
  let postgres: PostgresServer | undefined;
  let temporal: TemporalAddress | undefined;
  let failed: Promise<never> | undefined;
  let stack: Stack | undefined;

  const keep = <S extends Parameters<typeof keepRunning>[0]>(
    server: S,
    name: string,
    start: () => Promise<S>,
  ): void => {
    const onEnd = () => {
      log.error(`${name} ended by itself and is started again`);
    };
    const keptServer = keepRunning(server, { name, start, onEnd });
    kept.push(keptServer);
    undo.push(() => keptServer.stop());
  };

  const startDatabases = async (): Promise<string> => {
    const given = env['WHEREABOUTS_POSTGRES_URL'];
    if (given) {
      postgres = givenPostgres(given);
    } else {
      const port = await choosePort(options, 'postgres');
      const start = () => startPostgres({ dataDir: dataDir.entry('postgres'), port });
      const server = await start();
      keep(server, 'Postgres', start);
      postgres = server;
    }
    await ensureDatabases(postgres, databaseNames);
    return `Postgres with the databases ${databaseNames.join(', ')}`;
  };

  const startTemporalServer = async (say: (line: string) => void): Promise<string> => {
    temporal = await givenTemporal(env);
    if (temporal !== undefined) {
      const { address } = temporal.connection;
      const added = await addSearchAttributes(temporal);
      return `Temporal at ${address}${added.length > 0 ? `, search attributes ${added.join(', ')} added` : ''}`;
    }
    const program = await findTemporalProgram('temporal', { env, say });
    const [port, uiPort] = [await choosePort(options, 'temporal'), await choosePort(options, 'temporal-ui')];
    const start = () => startTemporal({ program, dataDir: dataDir.entry('temporal'), port, uiPort });
    const server = await start();
    keep(server, 'Temporal', start);
    temporal = { connection: { address: server.address }, namespace: 'default', ui: server.ui };
    return `Temporal at ${server.address}, web UI ${server.ui}`;
  };

  const startSystems = async (): Promise<string> => {
    for (const name of systemNames) {
      const system = await startNamed(name, {
        databaseUrl: defined(postgres).url(name),
        port: await choosePort(options, name),
        faults: options.faults,
        log,
        environment: env,
      });
      systems.push(system);
      undo.push(() => system.stop());
    }
    return `Systems ${systemNames.join(', ')}`;
  };

  const systemUrl = (name: string) => systems.find((system) => system.name === name)?.url ?? givenUrl(name, env);

  const startTheWorker = async (): Promise<string> => {
    const address = defined(temporal);
    const viewUrl = defined(postgres).url('view');
    const worker = await startWorker({ temporal: address, systemUrl, log, viewUrl }, options.signal);
    undo.push(() => worker.stop());
    const workerEnded = worker.ended.then(() => new Promise<never>(() => undefined));
    failed = Promise.race([workerEnded, ...kept.map((server) => server.failed)]);
    failed.catch(() => undefined);
    return 'Worker';
  };

  const startTheApi = async (): Promise<string> => {
    const address = defined(temporal);
    const api = await startApi({
      databaseUrl: defined(postgres).url('api'),
      viewUrl: defined(postgres).url('view'),
      temporal: address,
      systemUrl,
      port: await choosePort(options, 'api'),
      log,
    });
    undo.push(() => api.stop());
    await api.signIn(dataDir.entry('token.json'));
    const connection = await Connection.connect(address.connection);
    undo.push(() => connection.close());
    const running: Running = {
      pid: process.pid,
      startedAt: new Date().toISOString(),
      version,
      temporalAddress: address.connection.address,
      namespace: address.namespace,
      ...(address.ui !== undefined && { temporalUi: address.ui }),
      api: { url: api.url },
      systems: Object.fromEntries(systems.map(({ name, url }) => [name, { url }])),
      postgres: Object.fromEntries(databaseNames.map((name) => [name, defined(postgres).url(name)])),
    };
    await dataDir.announce(running);
    const client = new Client({ connection, namespace: address.namespace, identity: 'whereabouts up' });
    stack = { running, client, systemUrl, failed: defined(failed), ...(api.first && { first: api.first }) };
    return `API at ${api.url}`;
  };

  return {
    stages: [
      { title: 'Postgres', run: startDatabases },
      { title: 'Temporal', run: startTemporalServer },
      { title: 'Systems', run: startSystems },
      { title: 'Worker', run: startTheWorker },
      { title: 'API', run: startTheApi },
    ],
    stack: () => defined(stack),
    async stop() {
      for (const step of undo.splice(0).reverse()) {
        await step().catch((error: unknown) => {
          log.error({ error: String(error) }, 'a part did not stop in order');
        });
      }
    },
  };
}

function defined<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('a stage was run before the one it needs');
  return value;
}

/** Every part that listens, in the order of their ports after `--port-base`. */
const listeners = ['temporal', 'temporal-ui', 'postgres', ...systemNames, 'api'];

/** A port for a part: the one that `--port-base` gives it, else the one of the last run when it is free, else a free one. */
async function choosePort({ dataDir, portBase }: StackOptions, part: string): Promise<number> {
  if (portBase !== undefined) return requirePort(portBase + listeners.indexOf(part), part);
  const file = dataDir.entry('ports.json');
  const ports = await readFile(file, 'utf8').then(
    (text) => JSON.parse(text) as Record<string, number>,
    (): Record<string, number> => ({}),
  );
  const before = ports[part];
  const port = await freePort(...(before === undefined ? [] : [before]));
  await writeFile(file, JSON.stringify({ ...ports, [part]: port }));
  return port;
}
