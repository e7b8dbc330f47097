import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import fc from 'fast-check';
import { whereabouts } from '../../src/kit/worker';
import { startChild, type Child } from '../../src/platform/child-processes';
import { findTemporalProgram } from '../../src/platform/temporal-binaries';
import { startTemporal } from '../../src/platform/temporal-server';
import { answersIn } from './history';
import { startKeeper } from '../support/keeper';

/** When the worker is killed; the same seed is the same plan, though not to the microsecond. */
export interface ReadsPlan {
  /** Every so many reads one is answered too late for a local attempt; 0: none. */
  hangsEvery: number;
  kills: ReadsKill[];
}

/** So long after so many reads were answered; or when so many effects have arrived, before the last is answered. */
type ReadsKill = { at: 'read'; count: number; afterMicroseconds: number } | { at: 'write'; count: number };

export function readsPlanOf(seed: number): ReadsPlan {
  const kill: fc.Arbitrary<ReadsKill> = fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({
        at: fc.constant('read' as const),
        count: fc.integer({ min: 1, max: 8 }),
        afterMicroseconds: fc.integer({ min: 0, max: 40 }).map((exponent) => Math.round(5 * 10 ** (exponent / 10))),
      }),
    },
    { weight: 1, arbitrary: fc.record({ at: fc.constant('write' as const), count: fc.integer({ min: 1, max: 3 }) }) },
  );
  const plan = fc.record({
    hangsEvery: fc.constantFrom(0, 0, 5, 9),
    kills: fc.array(kill, { minLength: 1, maxLength: 3 }),
  });
  return fc.sample(fc.noBias(plan), { seed, numRuns: 1 })[0] as ReadsPlan;
}

/** Everything that is not as it has to be, in words, and how many answers were lost with a worker. */
interface ReadsOutcome {
  wrong: string[];
  lost: number;
}

/** A Temporal server, a worker in a process of its own, and the system that it reads from and writes to. */
export interface ReadsInstallation {
  /** Runs cases of this workflow while the worker is killed as planned, and checks them. */
  run(workflow: 'readThenWrite' | 'readThenWriteLocally', plan: ReadsPlan): Promise<ReadsOutcome>;
  stop(): Promise<void>;
}

const casesOfRun = 4;
const rounds = 3;
const taskQueue = 'reads';
/** Longer than a local attempt may take. */
const hangMs = 1_300;
/** A run that has not ended by then never will. */
const longestRunMs = 120_000;

Runtime.install({
  logger: new DefaultLogger('ERROR', () => undefined),
  telemetryOptions: { logging: { filter: 'ERROR', forward: {} } },
});

export async function startReads(): Promise<ReadsInstallation> {
  const folder = await mkdtemp(join(tmpdir(), 'whereabouts-reads-'));
  await chmod(folder, 0o755);
  const keeper = startKeeper();
  keeper.remove(folder);
  const program = await findTemporalProgram('temporal', { say: () => undefined });
  const temporal = await startTemporal({ program, dataDir: join(folder, 'temporal') });
  keeper.keep(temporal.pid);
  const desk = await startDesk();
  const bundle = await bundleWorkflowCode({
    workflowsPath: require.resolve('./reads-workflows'),
    plugins: [whereabouts()],
    logger: new DefaultLogger('ERROR', () => undefined),
  });
  const codePath = join(folder, 'workflows.js');
  await writeFile(codePath, bundle.code);
  const connection = await Connection.connect({ address: temporal.address });
  const client = new Client({ connection });
  let worker: Child | undefined;
  let runs = 0;

  async function startWorker(): Promise<Child> {
    const env = { TEMPORAL_ADDRESS: temporal.address, DESK_URL: desk.url, BUNDLE: codePath, TASK_QUEUE: taskQueue };
    const child = await startChild(process.execPath, [join(__dirname, 'reads-worker.js')], {
      logFile: join(folder, 'worker.log'),
      env: { ...process.env, ...env },
    });
    keeper.keep(child.pid);
    void child.ended.then(() => keeper.forget(child.pid));
    return child;
  }

  async function play(workflow: string, { hangsEvery, kills }: ReadsPlan, caseIds: string[]): Promise<void> {
    desk.hangEvery(hangsEvery);
    worker ??= await startWorker();
    const start = (workflowId: string) =>
      // A task lost with its worker is given to another one after this time.
      client.workflow.start(workflow, { workflowId, taskQueue, args: [{ rounds }], workflowTaskTimeout: '2 seconds' });
    const handles = await Promise.all(caseIds.map(start));
    const ended = Promise.all(handles.map((handle) => handle.result()));
    for (const kill of kills) {
      const { pid, ended: gone } = worker;
      const struck = desk.strikeAt(kill, () => process.kill(pid, 'SIGKILL'));
      const unless = (why: Promise<unknown>, words: string) => why.then(() => Promise.reject(new Error(words)));
      await Promise.race([
        struck,
        unless(ended, `the moment to kill at did not come: ${JSON.stringify(kill)}`),
        unless(gone, 'the worker ended by itself'),
      ]);
      await gone;
      worker = await startWorker();
    }
    await ended;
  }

  async function check(caseId: string): Promise<ReadsOutcome> {
    const history = await client.workflow.getHandle(caseId).fetchHistory();
    const kept = answersIn(history.events ?? [])
      .filter(({ operation }) => operation === 'desk.read')
      .map(({ answer }) => (answer as { value: number }).value);
    const wrong: string[] = [];
    const writes = desk.writesOf(caseId);
    if (writes.size !== rounds) wrong.push(`${caseId}: ${writes.size} effects, not ${rounds}`);
    for (const [key, sent] of writes) {
      for (const values of sent) {
        if (!isDeepStrictEqual(values, sent[0])) {
          wrong.push(`${key} was sent with ${sent[0]?.join()} and with ${values.join()}`);
        }
        const unknown = values.filter((value) => !kept.includes(value));
        if (unknown.length > 0) wrong.push(`${key}: its cause ${unknown.join()} is not in the history`);
      }
    }
    const replays = Worker.runReplayHistories({ workflowBundle: bundle, plugins: [whereabouts()] }, [
      { workflowId: caseId, history },
    ]);
    for await (const { error } of replays) if (error) wrong.push(`${caseId} does not replay: ${error.message}`);
    return { wrong, lost: desk.answersInTime(caseId).filter((value) => !kept.includes(value)).length };
  }

  return {
    async run(workflow, plan) {
      const run = (runs += 1);
      const caseIds = Array.from({ length: casesOfRun }, (_, index) => `reads-${run}-${index}`);
      const late = new AbortController();
      try {
        const deadline = sleep(longestRunMs, undefined, { signal: late.signal }).then(() => {
          throw new Error('not every case has ended');
        });
        await Promise.race([play(workflow, plan, caseIds), deadline]);
      } finally {
        late.abort();
      }
      const outcomes = await Promise.all(caseIds.map(check));
      return {
        wrong: outcomes.flatMap(({ wrong }) => wrong),
        lost: outcomes.reduce((sum, { lost }) => sum + lost, 0),
      };
    },
    async stop() {
      if (worker) process.kill(worker.pid, 'SIGKILL');
      await worker?.ended;
      await connection.close();
      await desk.stop();
      await temporal.stop();
      await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
      keeper.dismiss();
    },
  };
}

/** The system: each read is answered with a number of its own, and whatever it is sent is remembered. */
async function startDesk() {
  const answered = new Map<string, number[]>();
  const writes = new Map<string, number[][]>();
  let last = 0;
  let hangsEvery = 0;
  let armed: { kill: ReadsKill; seen: number; strike: () => void } | undefined;

  const server = createServer((request, response) => void answer(request, response));

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { key, values } = JSON.parse(Buffer.concat(chunks).toString()) as { key: string; values?: number[] };
    if (values) {
      writes.set(key, [...(writes.get(key) ?? []), values]);
      await reached('write');
      response.end('{}');
      return;
    }
    const value = (last += 1);
    const hangs = hangsEvery > 0 && value % hangsEvery === 0;
    if (hangs) await sleep(hangMs);
    else answered.set(key, [...(answered.get(key) ?? []), value]);
    response.end(JSON.stringify({ value }), () => void reached('read'));
  }

  async function reached(at: ReadsKill['at']): Promise<void> {
    if (armed?.kill.at !== at || (armed.seen += 1) < armed.kill.count) return;
    const { kill, strike } = armed;
    armed = undefined;
    if (kill.at === 'read') await elapse(kill.afterMicroseconds);
    strike();
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const ofCase = (key: string, caseId: string) => key.startsWith(`${caseId}~`);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    hangEvery: (count: number) => void (hangsEvery = count),
    /** Resolves when the moment, counted from now, has come and `strike` was called. */
    strikeAt(kill: ReadsKill, strike: () => void): Promise<void> {
      return new Promise((resolve) => {
        armed = {
          kill,
          seen: 0,
          strike() {
            strike();
            resolve();
          },
        };
      });
    },
    /** What came for each key of a case, every time. */
    writesOf: (caseId: string) => new Map([...writes].filter(([key]) => ofCase(key, caseId))),
    answersInTime: (caseId: string) => [...answered].flatMap(([key, values]) => (ofCase(key, caseId) ? values : [])),
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

/** Timers are too coarse for less than two milliseconds. */
async function elapse(microseconds: number): Promise<void> {
  if (microseconds > 2_000) return sleep(microseconds / 1_000);
  const until = process.hrtime.bigint() + BigInt(microseconds) * 1_000n;
  while (process.hrtime.bigint() < until) continue;
}
