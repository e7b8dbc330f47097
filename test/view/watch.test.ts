import { Client, Connection } from '@temporalio/client';
import { optionalTsToMs } from '@temporalio/common/lib/time';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import fc from 'fast-check';
import pino from 'pino';
import { startCase } from '../../src/kit/client';
import { whereabouts } from '../../src/kit/worker';
import { smsTo } from '../../src/platform/watch';
import { openView, type View } from '../../src/view/database';
import { applyReports, confirmCase } from '../../src/view/keep';
import { runWatch, type Notify, type WatchSettings } from '../../src/view/watch';
import { queuesWithoutWorker } from '../../src/view/watch/queues';
import { answers, createSystems, stumbles } from '../kit/fixtures/systems';
import { bundleFixtures, runWorker } from '../kit/fixtures/server';
import { until } from '../kit/fixtures/until';
import { testDatabase } from '../support/postgres';
import { devServer } from '../support/temporal';
import { passMinutes, settled, startNotifications } from '../systems/notifications/running';
import { lifeOf } from './lives';

const phone = '+4915550100000';
const overdueMs = 3_000;
const settings: Partial<WatchSettings> = {
  pauseMs: 50,
  attempts: 3,
  retryingForMs: 3_600_000,
  overdueMs,
  behindMs: 3_600_000,
  holdMs: 1_000,
};
const away = 'away';
const forgotten = 'forgotten';

const systems = createSystems();
let environment: TestWorkflowEnvironment;
let databases: Awaited<ReturnType<typeof testDatabase>>[];
let view: View;
let notifications: Awaited<ReturnType<typeof startNotifications>>;
const stops: (() => Promise<void>)[] = [];
let startWorkerOf: (taskQueue: string) => Promise<() => Promise<void>>;
const running: { stop(): Promise<void> }[] = [];

beforeAll(async () => {
  databases = await Promise.all([testDatabase(), testDatabase()]);
  const [ofView, ofNotifications] = databases.map(({ url }) => url) as [string, string];
  const attributeAtOnce = 'system.numConsecutiveWorkflowTaskProblemsToTriggerSearchAttribute=1';
  const started = [
    openView(ofView, silent),
    startNotifications(ofNotifications),
    devServer([], ['--dynamic-config-value', attributeAtOnce]),
    bundleFixtures(),
  ] as const;
  const [opened, system, server, bundle] = await Promise.all(started);
  [view, notifications, environment] = [opened, system, server];
  const options = { workflowBundle: bundle, activities: systems.activities };
  const reporting = () => [whereabouts({ report: (reports) => applyReports(view.db, reports) })];
  startWorkerOf = (taskQueue) => runWorker(environment, { ...options, taskQueue }, reporting());
  stops.push(await runWorker(environment, options, reporting()));
  await begin(await startWorkerOf(away));
});
afterAll(async () => {
  await stopWatching();
  for (const stop of stops) await stop();
  await environment.teardown();
  await notifications.stop();
  await view.close();
  for (const { drop } of databases) await drop();
});

const silent = pino({ level: 'silent' });
const notify = () => smsTo(phone, () => notifications.url);

/**
 * Two cases in each kind of trouble: a call that keeps failing, code that fails, at once and when a timer has fired, a task
 * and a timer that are due with no worker, no worker ever.
 */
async function begin(stopAway: () => Promise<void>): Promise<void> {
  const retry = { initialInterval: '10 milliseconds', maximumInterval: '50 milliseconds', maximumAttempts: 10_000 };
  for (const caseId of ['books 1', 'books 2']) {
    systems.plan(caseId, 'ledger.book', stumbles());
    await start('book', caseId, { retry });
  }
  for (const caseId of ['buggy 1', 'buggy 2']) await start('buggy', caseId);
  for (const caseId of ['buggy later 1', 'buggy later 2']) await start('buggyOnceItIsTime', caseId);
  const input = { role: 'manager', candidates: ['anna'], dueIn: '1 second' };
  await Promise.all(['due 1', 'due 2'].map((caseId) => start('approval', caseId, input, away)));
  await Promise.all(['ticks 1', 'ticks 2'].map((caseId) => start('ticks', caseId, {}, away)));
  for (const caseId of ['due 1', 'due 2', 'ticks 1', 'ticks 2']) {
    await until(
      () => known(caseId),
      (step) => step === (caseId.startsWith('due') ? 'approveOrder' : 'timer'),
    );
  }
  await stopAway();
  for (const caseId of ['alone 1', 'alone 2']) await start('quick', caseId, {}, forgotten);
  for (const caseId of ['books 1', 'books 2']) {
    await until(
      () => systems.callsOf(caseId, 'ledger.book').length,
      (length) => length > 3,
    );
    await until(
      () => known(caseId),
      (step) => step === 'ledger.book',
    );
  }
  for (const caseId of ['buggy 1', 'buggy 2', 'buggy later 1', 'buggy later 2']) {
    await until(
      () => workflowTaskOf(caseId),
      (task) => (task?.attempt ?? 0) > 1,
    );
  }
  for (const caseId of ['due 1', 'due 2', 'ticks 1', 'ticks 2']) {
    await until(
      () => workflowTaskOf(caseId),
      (task) => Date.now() - (optionalTsToMs(task?.scheduledTime) ?? Infinity) > overdueMs,
    );
  }
  await view.db.deleteFrom('cases').where('case_id', '=', 'buggy 2').execute();
}

async function start(process: string, caseId: string, input: unknown = {}, taskQueue?: string): Promise<void> {
  await startCase(environment.client, { process, caseId, keys: [], input, ...(taskQueue && { taskQueue }) });
}

/** The piece of workflow code that the server wants run now. */
async function workflowTaskOf(caseId: string) {
  const { raw } = await environment.client.workflow.getHandle(caseId).describe();
  return raw.pendingWorkflowTask;
}

/** The open step of a case that the view knows. */
async function known(caseId: string): Promise<string | undefined> {
  const steps = await view.db.selectFrom('open_steps').select('name').where('case_id', '=', caseId).execute();
  return steps[0]?.name;
}

function watch(more: Partial<Parameters<typeof runWatch>[0]> = {}): { stop(): Promise<void> } {
  const one = runWatch({ db: view.db, client: environment.client, notify: notify(), settings, log: silent, ...more });
  running.push(one);
  return one;
}

async function stopWatching(): Promise<void> {
  for (const { stop } of running.splice(0)) await stop();
}

async function incidents(): Promise<string[]> {
  const open = await view.db
    .selectFrom('watch_incidents')
    .select(['cause', 'cases'])
    .where('cleared_at', 'is', null)
    .orderBy('cause')
    .execute();
  return open.map(({ cause, cases }) => `${cause}: ${cases}`);
}

const texts = async () => (await settled(notifications)).map(({ text }) => text);

/** A client of a server that is not there. */
function unreachable(): Client {
  return new Client({ connection: Connection.lazy({ address: '127.0.0.1:1', interceptors: [] }) });
}

/** What is logged as a warning. */
function warnings(): { log: pino.Logger; said: string[] } {
  const said: string[] = [];
  const log = pino({ level: 'warn' }, { write: (line) => void said.push((JSON.parse(line) as { msg: string }).msg) });
  return { log, said };
}

const inTrouble = [
  'approval: approveOrder is due, and no worker goes on: 2',
  'book: ledger.book keeps failing (service-unavailable): 2',
  'buggy: its code fails (error): 2',
  'buggyOnceItIsTime: its code fails (error): 2',
  'no worker on task queue forgotten: 2',
  'ticks: timer is due, and no worker goes on: 2',
];

test('given two cases in each kind of trouble and two watchers, then each cause is told once, with its cases', async () => {
  watch();
  watch();

  await until(incidents, (found) => found.length === inTrouble.length);
  const told = await until(texts, ({ length }) => length >= inTrouble.length);

  expect(await incidents()).toEqual(inTrouble);
  expect(told.sort()).toEqual([
    expect.stringMatching(/^Whereabouts: approval: approveOrder is due, and no worker goes on, 2 cases. due 1, due 2$/),
    expect.stringMatching(
      /^Whereabouts: book: ledger.book keeps failing \(service-unavailable\), 2 cases. books 1, books 2; \d+ attempts; come back later$/,
    ),
    expect.stringMatching(
      /^Whereabouts: buggy: its code fails \(error\), 2 cases. buggy 1, buggy 2; \d+ attempts; undefined is not a function$/,
    ),
    expect.stringMatching(
      /^Whereabouts: buggyOnceItIsTime: its code fails \(error\), 2 cases. buggy later 1, buggy later 2; \d+ attempts; undefined is not a function$/,
    ),
    expect.stringMatching(
      /^Whereabouts: no worker on task queue forgotten, 2 cases. start a worker of task queue forgotten; /,
    ),
    expect.stringMatching(/^Whereabouts: ticks: timer is due, and no worker goes on, 2 cases. ticks 1, ticks 2$/),
  ]);
});

test('given a task queue with a name that cannot be searched for, then the others are looked at all the same', async () => {
  const odd = await environment.client.workflow.start('quick', { workflowId: 'odd', taskQueue: 'a"b' });
  try {
    const found = await until(
      () => queuesWithoutWorker(environment.client, 3_600_000),
      (troubles) => troubles.some(({ about }) => about === forgotten),
    );
    expect(found.map(({ about }) => about)).not.toContain('a"b');
  } finally {
    await odd.terminate();
  }
});

test('given more cases of a cause in its window, then they are told of once when it is over', async () => {
  await start('buggy', 'buggy 3');
  await until(incidents, (found) => found.includes('buggy: its code fails (error): 3'));
  const before = await texts();
  await passMinutes(databases[1]!.url, 15);
  await view.db.updateTable('watch_incidents').set({ told_at: '2026-01-01T00:00:00Z' }).execute();

  const after = await until(texts, ({ length }) => length > before.length);

  expect(before).toHaveLength(inTrouble.length);
  expect(after.slice(before.length)).toEqual([
    expect.stringContaining('code fails (error), 3 cases. buggy 1, buggy 2, buggy 3'),
  ]);
});

test('given the server cannot be reached, then nothing is over', async () => {
  await stopWatching();
  const { log, said } = warnings();
  watch({ client: unreachable(), log });

  await until(
    () => said,
    (lines) => lines.length === 2,
  );

  expect(said).toEqual(['The watch cannot look at cases', 'The watch cannot look at task queues']);
  expect(await incidents()).toHaveLength(inTrouble.length);
});

test('given all of it is mended, then each cause is given the all-clear once, by the watcher that is left', async () => {
  await stopWatching();
  const first = watch();
  watch();
  const before = await texts();
  for (const caseId of ['books 1', 'books 2']) systems.plan(caseId, 'ledger.book', answers({ bookingId: 'B-1' }));
  for (const caseId of ['ticks 1', 'ticks 2']) await environment.client.workflow.getHandle(caseId).signal('hurry');
  for (const caseId of ['buggy 1', 'buggy 2', 'buggy 3', 'buggy later 1', 'buggy later 2']) {
    await environment.client.workflow.getHandle(caseId).terminate('mended otherwise');
  }
  await first.stop();
  stops.push(...(await Promise.all([startWorkerOf(away), startWorkerOf(forgotten)])));

  const after = await until(texts, ({ length }) => length >= before.length + inTrouble.length);

  expect(await incidents()).toEqual([]);
  expect(after.slice(before.length).sort()).toEqual([
    'Whereabouts: all clear: approval: approveOrder is due, and no worker goes on',
    'Whereabouts: all clear: book: ledger.book keeps failing (service-unavailable)',
    'Whereabouts: all clear: buggy: its code fails (error)',
    'Whereabouts: all clear: buggyOnceItIsTime: its code fails (error)',
    'Whereabouts: all clear: no worker on task queue forgotten',
    'Whereabouts: all clear: ticks: timer is due, and no worker goes on',
  ]);
});

test('given a worker ended while it went on after a timer, and none came back, then the timer is told', async () => {
  const taskQueue = 'left';
  const stop = await startWorkerOf(taskQueue);
  const { connection, workflow, workflowService } = environment.client;
  await workflow.start('ticks', { workflowId: 'left 1', taskQueue, workflowTaskTimeout: '1 second' });
  await until(
    () => known('left 1'),
    (step) => step === 'timer',
  );
  await stop();
  await connection.withDeadline(Date.now() + 30_000, () =>
    workflowService.pollWorkflowTaskQueue({ namespace: 'default', taskQueue: { name: taskQueue } }),
  );
  const before = await texts();

  const told = await until(texts, ({ length }) => length > before.length);
  await workflow.getHandle('left 1').signal('hurry');
  stops.push(await startWorkerOf(taskQueue));
  const over = await until(texts, ({ length }) => length > told.length);

  expect(told.slice(before.length)).toEqual([
    'Whereabouts: ticks: timer is due, and no worker goes on, 1 case. left 1',
  ]);
  expect(over.slice(told.length)).toEqual(['Whereabouts: all clear: ticks: timer is due, and no worker goes on']);
});

test('given a view that is behind, a server that is away and SMS that fail, then it is told as soon as they do not', async () => {
  await stopWatching();
  await view.db.deleteFrom('cases').execute();
  const [one, two] = fc.sample(fc.tuple(lifeOf('one'), lifeOf('two')), { seed: 5, numRuns: 1 })[0]!;
  const moments = [one.at(-1)!, two.at(-1)!];
  await applyReports(
    view.db,
    moments.map(({ report }) => report),
  );
  const before = await texts();
  const keys: string[] = [];
  let down = true;
  const failing: Notify = {
    raise: async (alert) => {
      keys.push(alert.key);
      if (down) throw new Error('no SMS today');
      return notify().raise(alert);
    },
    clear: (over) => notify().clear(over),
  };
  watch({ client: unreachable(), notify: failing, settings: { ...settings, behindMs: 0 } });

  const shown = () =>
    view.db.selectFrom('watch_incidents').select('tell_error').where('kind', '=', 'view behind').execute();
  await until(shown, ([incident]) => incident?.tell_error === 'no SMS today' && keys.length > 1);
  down = false;
  const told = await until(texts, ({ length }) => length > before.length);
  for (const { answer } of moments) await confirmCase(view.db, answer);
  await view.db.updateTable('cases').set({ confirm_at: null }).execute();
  const over = await until(texts, ({ length }) => length > told.length);

  expect(new Set(keys).size).toBe(1);
  expect(told.slice(before.length)).toEqual([expect.stringContaining('the view is behind, 2 cases. ')]);
  expect(over.slice(told.length)).toEqual(['Whereabouts: all clear: the view is behind']);
});
