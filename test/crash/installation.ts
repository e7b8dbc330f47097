import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { Pool } from 'pg';
import { lastLines, startChild, type Child } from '../../src/platform/child-processes';
import { databaseNames } from '../../src/platform/databases';
import { ensureDatabases, startPostgres } from '../../src/platform/postgres';
import { systemNames } from '../../src/platform/systems';
import { findTemporalProgram } from '../../src/platform/temporal-binaries';
import { startTemporal } from '../../src/platform/temporal-server';
import { databaseTrouble } from '../../src/service/database';
import { startKeeper } from '../support/keeper';
import { lastingPorts } from '../support/lasting-ports';
import {
  accountSid,
  authToken,
  sender,
  startTwilioServer,
  type TwilioServer,
} from '../systems/notifications/twilio-server';

/** What can be killed: each is a process of its own. */
export type Part = 'postgres' | 'temporal' | 'accounting' | 'bonus' | 'payroll' | 'notifications' | 'worker' | 'api';

/** In the order in which they are started. */
export const parts: readonly Part[] = [
  'postgres',
  'temporal',
  'accounting',
  'bonus',
  'payroll',
  'notifications',
  'worker',
  'api',
];

/** The built command line on real servers, with its state in a temporary folder. Addresses outlive every restart. */
export interface Installation {
  folder: string;
  client: Client;
  /** The SMS provider; the only part that is never killed. */
  provider: TwilioServer;
  url(system: string): string;
  /** Waits while Postgres is down. */
  sql<Row>(system: string, statement: string, values?: unknown[]): Promise<Row[]>;
  /** SIGKILL; resolves when the processes have gone. */
  kill(killed: readonly Part[]): Promise<void>;
  /** Resolves when what is started answers; the worker may still be connecting. */
  start(started: readonly Part[]): Promise<void>;
  /** What ended though nobody killed it, with its last words. */
  endedByItself: string[];
  /** Ends everything; removes the folder unless it is to be looked at. */
  stop(options: { keepFolder: boolean }): Promise<void>;
}

const root = join(__dirname, '..', '..');

export async function startInstallation(): Promise<Installation> {
  const folder = await mkdtemp(join(tmpdir(), 'whereabouts-crash-'));
  const keeper = startKeeper();
  keeper.remove(folder);
  await chmod(folder, 0o755);
  const program = await findTemporalProgram('temporal', { say: () => undefined });
  const ports = await lastingPorts([...parts, 'temporal-ui']);
  const url = (system: string) => `http://127.0.0.1:${ports[system]}`;
  const temporalAddress = `127.0.0.1:${ports['temporal']}`;
  const provider = await startTwilioServer();

  const running = new Map<Part, Child>();
  const pools = new Map<string, Pool>();
  const endedByItself: string[] = [];
  let databaseUrl: ((name: string) => string) | undefined;
  const connection = Connection.lazy({ address: temporalAddress });
  let starts = 0;

  function follow(part: Part, child: Child, logFile: string): void {
    keeper.keep(child.pid);
    running.set(part, child);
    void child.ended.then(async () => {
      keeper.forget(child.pid);
      if (running.get(part) !== child) return;
      running.delete(part);
      endedByItself.push(`${part}: ${await lastLines(logFile, 30)}`);
    });
  }

  async function startCommand(part: Part, args: string[], environment: NodeJS.ProcessEnv): Promise<void> {
    const logFile = join(folder, `${part}-${(starts += 1)}.log`);
    const env = { ...process.env, ...environment };
    follow(
      part,
      await startChild(process.execPath, [join(root, 'bin', 'whereabouts.js'), ...args], { logFile, env }),
      logFile,
    );
  }

  async function startPart(part: Part): Promise<void> {
    switch (part) {
      case 'postgres': {
        const dataDir = join(folder, 'postgres');
        const server = await startPostgres({ dataDir, port: ports[part] as number });
        follow(part, server, join(dataDir, 'postgres.log'));
        await ensureDatabases(server, databaseNames);
        databaseUrl = server.url;
        return;
      }
      case 'temporal': {
        const dataDir = join(folder, 'temporal');
        const uiPort = ports['temporal-ui'] as number;
        const server = await startTemporal({ program, dataDir, port: ports[part] as number, uiPort });
        follow(part, server, join(dataDir, 'temporal.log'));
        return;
      }
      case 'worker':
        return startCommand(part, ['worker'], addresses());
      case 'api': {
        const own = { DATABASE_URL: defined(databaseUrl)('api'), PORT: String(ports[part]) };
        return startCommand(part, ['api'], { ...addresses(), ...own });
      }
      default:
        await startCommand(part, ['system', part], {
          ...{
            DATABASE_URL: defined(databaseUrl)(part),
            PORT: String(ports[part]),
            FAULTS: 'on',
            SMS_PROVIDER: 'twilio',
          },
          ...{ TWILIO_ACCOUNT_SID: accountSid, TWILIO_AUTH_TOKEN: authToken, TWILIO_FROM: sender },
          TWILIO_BASE_URL: provider.url,
        });
        await untilReady(part);
    }
  }

  function addresses(): NodeJS.ProcessEnv {
    return {
      TEMPORAL_ADDRESS: temporalAddress,
      TEMPORAL_NAMESPACE: 'default',
      VIEW_DATABASE_URL: defined(databaseUrl)('view'),
      ...Object.fromEntries(systemNames.map((name) => [`${name.toUpperCase()}_URL`, url(name)])),
    };
  }

  async function untilReady(part: Part): Promise<void> {
    while (running.has(part)) {
      const ready = await fetch(`${url(part)}/readyz`).catch(() => undefined);
      if (ready?.ok) return;
      await sleep(50);
    }
    throw new Error(`${part} does not start: ${endedByItself.join('\n')}`);
  }

  function poolOf(system: string): Pool {
    const known = pools.get(system);
    if (known) return known;
    const pool = new Pool({ connectionString: defined(databaseUrl)(system), max: 2 }).on('error', () => undefined);
    pools.set(system, pool);
    return pool;
  }

  const installation: Installation = {
    folder,
    client: new Client({ connection, identity: 'crash test' }),
    provider,
    url,
    async sql<Row>(system: string, statement: string, values: unknown[] = []) {
      for (;;) {
        try {
          return (await poolOf(system).query(statement, values)).rows as Row[];
        } catch (error) {
          if (databaseTrouble(error) !== 'unavailable') throw error;
          await sleep(50);
        }
      }
    },
    async kill(killed) {
      const children = killed.flatMap((part) => running.get(part) ?? []);
      for (const part of killed) running.delete(part);
      for (const { pid } of children) process.kill(pid, 'SIGKILL');
      await Promise.all(children.map(({ ended }) => ended));
    },
    async start(started) {
      const inOrder = parts.filter((part) => started.includes(part));
      for (const part of inOrder.filter((name) => name === 'postgres' || name === 'temporal')) await startPart(part);
      await Promise.all(inOrder.filter((name) => name !== 'postgres' && name !== 'temporal').map(startPart));
    },
    endedByItself,
    async stop({ keepFolder }) {
      await Promise.all([...pools.values()].map((pool) => pool.end()));
      await connection.close();
      await installation.kill(parts);
      await provider.stop();
      if (!keepFolder) await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
      keeper.dismiss();
    },
  };
  try {
    await installation.start(parts);
  } catch (error) {
    await installation.stop({ keepFolder: true });
    throw error;
  }
  return installation;
}

function defined<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('was not started yet');
  return value;
}
