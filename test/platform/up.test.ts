import { mkdtemp, chmod, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import pino from 'pino';
import { isAlive } from '../../src/platform/child-processes';
import { readRunning, type Running } from '../../src/platform/running';
import { up, type UpOptions, type UpReport } from '../../src/platform/up';
import { openView } from '../../src/view/database';
import { readCases } from '../../src/view/read';
import { until } from '../kit/fixtures/until';
import { beginWithOtherCode } from '../support/other-code';
import { devServer } from '../support/temporal';

// The tests start everything several times.
jest.setTimeout(240_000);

Runtime.install({
  logger: new DefaultLogger('ERROR', () => undefined),
  telemetryOptions: { logging: { filter: 'ERROR', forward: {} } },
});

let folder: string;
let dataDir: string;
const stops: (() => Promise<void>)[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'whereabouts-up-'));
  await chmod(folder, 0o755);
  dataDir = join(folder, 'data');
});

afterAll(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
  await rm(folder, { recursive: true, force: true });
});

const env = { PATH: process.env['PATH'], TEMPORAL_CLI: process.env['TEST_TEMPORAL_CLI'] };

/** Runs `up` until it is ready, or rejects with why it cannot be. */
async function start(
  options: UpOptions = {},
  extra: NodeJS.ProcessEnv = {},
): Promise<UpReport & { stop(): Promise<void> }> {
  let ask: () => void = () => undefined;
  const asked = new Promise<void>((resolve) => {
    ask = resolve;
  });
  let ready: (report: UpReport) => void = () => undefined;
  const report = new Promise<UpReport>((resolve) => {
    ready = resolve;
  });
  const done = up({ dataDir, ...options }, { progress: 'none', onReady: ready }, { env: { ...env, ...extra }, asked });
  const stop = () => {
    ask();
    return done;
  };
  stops.push(() => stop().catch(() => undefined));
  const endedEarly = done.then(() => Promise.reject(new Error('up ended before it was asked to')));
  return { ...(await Promise.race([report, endedEarly])), stop };
}

const pidIn = async (file: string) => Number.parseInt(await readFile(join(dataDir, file), 'utf8'), 10);
const serverPids = () => Promise.all([pidIn('postgres/cluster/postmaster.pid'), pidIn('temporal/temporal.pid')]);

const caseIds = (report: UpReport) => report.cases.map(({ record }) => record.caseId);

const statusesOf = (report: UpReport) => report.cases.map(({ record }) => [record.caseId, record.status]);

/** What the central view knows of the same cases, once it knows as much; else what it knows after some time. */
async function statusesInView(report: UpReport): Promise<unknown[]> {
  const view = await openView(report.running.postgres['view'] ?? '', pino({ level: 'silent' }));
  try {
    const ask = async () => {
      const cases = await Promise.all(caseIds(report).map((caseId) => readCases(view.db, caseId)));
      return cases.flat().map(({ record }) => [record.caseId, record.status]);
    };
    return await until(ask, (statuses) => isDeepStrictEqual(statuses, statusesOf(report))).catch(ask);
  } finally {
    await view.close();
  }
}

test('the example runs until it waits for people; the next start goes on from there; stopped leaves no process', async () => {
  const first = await start({ example: true });

  expect(first.cases).toHaveLength(16);
  expect(new Set(first.cases.map(({ record }) => record.status))).toEqual(
    new Set(['waiting', 'incident', 'completed']),
  );
  expect(first.rows.flatMap((row) => ('reason' in row ? [row.at] : []))).toEqual(['line 14', 'line 17']);
  expect(await readRunning(dataDir)).toEqual(first.running);
  for (const { url } of Object.values(first.running.systems)) expect((await fetch(`${url}/readyz`)).status).toBe(200);

  expect(await statusesInView(first)).toEqual(statusesOf(first));

  await expect(start()).rejects.toMatchObject({
    name: 'UserError',
    message: expect.stringContaining(`already runs on ${dataDir}`) as string,
  });

  const pids = await serverPids();
  await first.stop();
  expect(pids.filter(isAlive)).toEqual([]);
  expect(await readRunning(dataDir)).toBeUndefined();

  const second = await start({ example: true });

  expect(caseIds(second)).toEqual(caseIds(first));
  expect(second.cases.map(({ record }) => record.runId)).toEqual(first.cases.map(({ record }) => record.runId));
  expect(second.rows.flatMap((row) => ('caseId' in row ? [row.status] : []))).toEqual(Array(16).fill('already there'));
  expect(second.running.temporalAddress).toBe(first.running.temporalAddress);
  await second.stop();
});

test('a case that cannot go on with the workflow code of now is told of, and holds up no other', async () => {
  const given = await devServer();
  try {
    await beginWithOtherCode(given, 'salary', 'salary-E-1001-2026-11', { employee: 'E-1001', month: '2026-11' });

    const options = { dataDir: join(folder, 'changed'), example: true };
    const { cases, stop } = await start(options, { TEMPORAL_ADDRESS: given.address });

    expect(cases).toHaveLength(16);
    expect(cases.flatMap((one) => (one.answered ? [] : [[one.record.caseId, one.why]]))).toEqual([
      ['salary-E-1001-2026-11', 'code fails'],
    ]);
    await stop();
  } finally {
    await given.teardown();
  }
});

describe('beside others that run', () => {
  let running: Running;

  beforeAll(async () => {
    ({ running } = await start());
  });

  test('a port that is occupied is an error that names it, and nothing is left running', async () => {
    const occupied = Number(new URL(running.temporalUi ?? '').port);
    const other = join(folder, 'other');

    await expect(start({ dataDir: other, portBase: occupied })).rejects.toMatchObject({
      name: 'UserError',
      message: expect.stringContaining(`Port ${occupied} `) as string,
      advice: expect.stringContaining('--port-base') as string,
    });

    expect(isAlive(await pidIn('temporal/temporal.pid'))).toBe(true);
    await expect(readFile(join(other, 'postgres/cluster/postmaster.pid'))).rejects.toThrow('ENOENT');
  });

  test('a given Temporal server is used as it is, gets the search attributes, and goes on when we stop', async () => {
    const { temporalAddress } = running;

    const ours = await start({ dataDir: join(folder, 'ours') }, { TEMPORAL_ADDRESS: temporalAddress });

    expect(ours.running).toMatchObject({ temporalAddress, namespace: 'default' });
    expect(ours.running.temporalUi).toBeUndefined();
    await ours.stop();
    expect(isAlive(await pidIn('temporal/temporal.pid'))).toBe(true);
  });

  test('Postgres and Temporal are started again when they are killed, and the systems go on', async () => {
    const before = await serverPids();
    for (const pid of before) process.kill(pid, 'SIGKILL');

    await waitUntil(async () => (await serverPids()).every((pid, index) => pid !== before[index]));
    const { url } = running.systems['bonus'] ?? { url: '' };
    await waitUntil(async () => (await fetch(`${url}/readyz`)).ok);

    expect((await serverPids()).every(isAlive)).toBe(true);
    expect((await fetch(running.temporalUi ?? '')).status).toBe(200);
  });
});

async function waitUntil(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo().catch(() => false))) await sleep(100);
}
