import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time';
import { caseKeysAttribute, caseProcessAttribute } from '../kit/contract';
import { commandLine, isAlive, lastLines, startChild, stopProcess, type StopSignals } from './child-processes';
import { diskFull, hasNoRoom, isDiskFull } from './disk';
import { freePort } from './ports';
import { UserError } from './user-error';

/** Options of the development server that every one of ours is started with. */
export const devServerOptions = [
  ...[
    '--search-attribute',
    `${caseProcessAttribute}=Keyword`,
    '--search-attribute',
    `${caseKeysAttribute}=KeywordList`,
  ],
  // Its one history shard may otherwise read 20 tasks a second, which lets every workflow task wait up to 50 ms.
  ...dynamicConfig({
    'history.transferProcessorMaxPollRPS': 1000,
    'history.timerProcessorMaxPollRPS': 200,
    'matching.numTaskqueueReadPartitions': 1,
    'matching.numTaskqueueWritePartitions': 1,
    'frontend.rps': 100_000,
    'frontend.namespaceRPS': 100_000,
    'matching.rps': 100_000,
    'history.rps': 100_000,
  }),
];

function dynamicConfig(values: Record<string, number>): string[] {
  return Object.entries(values).flatMap(([key, value]) => ['--dynamic-config-value', `${key}=${value}`]);
}

const stateFileName = 'temporal.db';
const pidFileName = 'temporal.pid';

/** How long finished cases stay in the development server; its own default is one day. */
const retentionInDays = 30;

const stopSignals: StopSignals = [
  ['SIGTERM', 15_000],
  ['SIGKILL', 5_000],
];

/** A running development server of Temporal. */
export interface TemporalServer {
  /** host:port */
  address: string;
  /** URL of its web UI. */
  ui: string;
  pid: number;
  /** Resolves when it has gone, whoever ended it. */
  ended: Promise<void>;
  /** Stop it and wait until it has gone. */
  stop(): Promise<void>;
}

/**
 * Start the development server with its state in `dataDir` (made when missing) on 127.0.0.1, and wait until it answers
 * and knows our search attributes. One that a killed run left behind on the same state is stopped first. Without ports
 * free ones are taken. `args` and `env` win over our settings, e.g. to measure what those bring.
 */
export async function startTemporal(options: {
  program: string;
  dataDir: string;
  port?: number;
  uiPort?: number;
  args?: string[];
  env?: NodeJS.ProcessEnv;
}): Promise<TemporalServer> {
  const dataDir = resolve(options.dataDir);
  const state = join(dataDir, stateFileName);
  const logFile = join(dataDir, 'temporal.log');
  const pidFile = join(dataDir, pidFileName);
  await mkdir(dataDir, { recursive: true });
  await stopLeftoverTemporal(dataDir);
  const port = options.port ?? (await freePort());
  const uiPort = options.uiPort ?? (await freePort());
  const address = `127.0.0.1:${port}`;
  const child = await startChild(
    options.program,
    [
      ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port), '--ui-port', String(uiPort)],
      ...['--db-filename', state, '--sqlite-pragma', 'journal_mode=WAL', '--sqlite-pragma', 'synchronous=NORMAL'],
      ...['--log-level', 'error'],
      ...devServerOptions,
      ...(options.args ?? []),
    ],
    { logFile, env: { ...process.env, GOGC: '400', ...options.env } },
  ).catch((error: unknown) => {
    throw new UserError(
      `The Temporal server ${options.program} cannot be started: ${String(error)}`,
      'Set TEMPORAL_CLI to the path of a Temporal CLI of this platform.',
    );
  });
  const stop = async () => {
    await stopProcess(child.pid, stopSignals);
    await rm(pidFile, { force: true });
  };
  try {
    await writeFile(pidFile, `${child.pid}\n`);
    await untilAnswering(address, child.pid, logFile);
  } catch (error) {
    await stop();
    throw isDiskFull(error) || (await hasNoRoom(dataDir)) ? diskFull(dataDir) : error;
  }
  return { address, ui: `http://127.0.0.1:${uiPort}`, ...child, stop };
}

/** Stop a server that a killed run left behind on the state in `dataDir`. */
export async function stopLeftoverTemporal(dataDir: string): Promise<void> {
  const pid = Number.parseInt(await readFile(join(dataDir, pidFileName), 'utf8').catch(() => ''), 10);
  if (!Number.isInteger(pid) || !isAlive(pid)) return;
  if ((await commandLine(pid))?.includes(join(resolve(dataDir), stateFileName)) === true)
    await stopProcess(pid, stopSignals);
}

async function untilAnswering(address: string, pid: number, logFile: string): Promise<void> {
  const until = Date.now() + 60_000;
  for (;;) {
    const connection = Connection.lazy({ address, connectTimeout: 2_000 });
    try {
      await connection.withDeadline(Date.now() + 5_000, async () => {
        const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace: 'default' });
        if (customAttributes[caseKeysAttribute] === undefined) throw new Error('search attributes are not there yet');
        await connection.workflowService.updateNamespace({
          namespace: 'default',
          config: { workflowExecutionRetentionTtl: msToTs(`${retentionInDays} days`) },
        });
      });
      return;
    } catch (error) {
      if (!isAlive(pid) || Date.now() > until) {
        const log = await lastLines(logFile, 20);
        throw new UserError(
          `The Temporal server does not start: ${log === '' ? String(error) : log}`,
          `Its log is ${logFile}. Mend the cause, or begin anew with --fresh; or set TEMPORAL_ADDRESS to use another server.`,
        );
      }
      await sleep(50);
    } finally {
      await connection.close();
    }
  }
}
