import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import pino from 'pino';
import { decide, describeCase, getCase, NoSuchCase, startCase, type CaseReport } from '../../src/kit/client';
import { whereabouts } from '../../src/kit/worker';
import { askCase } from '../../src/view/ask';
import { openView, type View } from '../../src/view/database';
import { askSoon } from '../../src/view/due';
import { applyReports } from '../../src/view/keep';
import { withReport, type Knowledge } from '../../src/view/knowledge';
import { readCases } from '../../src/view/read';
import { runView } from '../../src/view/run';
import { silentQueues } from '../../src/view/silent-queues';
import { approves, brief } from '../kit/fixtures/acting';
import { bundleFixtures, runWorker } from '../kit/fixtures/server';
import { createSystems, refuses } from '../kit/fixtures/systems';
import { until } from '../kit/fixtures/until';
import { bundleOnce } from '../support/bundles';
import { beginWithOtherCode } from '../support/other-code';
import { testDatabase } from '../support/postgres';
import { devServer } from '../support/temporal';

const log = pino({ level: 'silent' });
const systems = createSystems();
let database: { url: string; drop(): Promise<void> };
let environment: TestWorkflowEnvironment;
let client: Client;
let view: View;
const undo: (() => Promise<void>)[] = [];
/** What was known of cases when the server was told to delete them, which it does some seconds later. */
let deleted: Record<string, Knowledge>;

beforeAll(async () => {
  [database, environment] = await Promise.all([testDatabase(), devServer()]);
  undo.push(database.drop, () => environment.teardown());
  ({ client } = environment);
  view = await openView(database.url, log);
  undo.push(view.close);
  await beginWithOtherCode(environment, 'approval', 'other code', { role: 'manager' });
  await client.workflow.getHandle('other code').terminate('enough of it');
  undo.push(await startWorker());
  const running = runView({ db: view.db, client, log, sweepEvery: 200 });
  undo.push(running.stop);
  await Promise.all([approval('deleted'), approval('deleted while open')]);
  const isAt = (status: string) => (now: Knowledge) => isConfirmed(now) && now.confirmed?.record.status === status;
  const open = await known('deleted while open', isAt('waiting'));
  await decide(client, 'deleted', approves('anna'));
  deleted = { deleted: await known('deleted', isAt('completed')), 'deleted while open': open };
  for (const workflowId of Object.keys(deleted)) {
    await client.workflowService.deleteWorkflowExecution({ namespace: 'default', workflowExecution: { workflowId } });
  }
});
afterAll(async () => {
  for (const step of undo.reverse()) await step();
});

async function startWorker(taskQueue = 'whereabouts'): Promise<() => Promise<void>> {
  const options = { workflowBundle: await bundleFixtures(), activities: systems.activities, taskQueue };
  const report = (reports: CaseReport[]) => applyReports(view.db, reports);
  return runWorker(environment, options, [whereabouts({ report })]);
}

const approval = (caseId: string, taskQueue = 'whereabouts') =>
  startCase(client, {
    ...{ process: 'approval', caseId, keys: ['order:O-1'], taskQueue },
    input: { role: 'manager', candidates: ['anna'], bookFirst: true },
  });

/** What the view knows, once it is as wanted. */
async function known(caseId: string, wanted: (knowledge: Knowledge) => boolean): Promise<Knowledge> {
  const row = await until(
    () => view.db.selectFrom('cases').select('knowledge').where('case_id', '=', caseId).executeTakeFirst(),
    (kept) => kept !== undefined && wanted(kept.knowledge),
  );
  return row?.knowledge ?? {};
}

/** The same of a case of which nothing is reported, as it is once the pause between two questions is over. */
const knownIfAsked = (caseId: string, wanted: (knowledge: Knowledge) => boolean) =>
  known(caseId, (now) => {
    if (wanted(now)) return true;
    void askSoon(view.db, [caseId]);
    return false;
  });

const isConfirmed = ({ confirmed, reported }: Knowledge) => confirmed !== undefined && !reported;

async function dueAgain(caseId: string): Promise<boolean> {
  const row = await view.db.selectFrom('cases').select('confirm_at').where('case_id', '=', caseId).executeTakeFirst();
  return row?.confirm_at !== null;
}

test('given a workflow of a worker without the plugin, then what its events tell is kept as partial', async () => {
  systems.plan('foreign', 'count', refuses('out-of-stock', 'nothing left'));
  const workflowBundle = await bundleOnce(require.resolve('../kit/fixtures/workflows'), []);
  const stop = await runWorker(
    environment,
    { workflowBundle, activities: systems.activities, taskQueue: 'foreign' },
    [],
  );
  await client.workflow.start('badDay', { workflowId: 'foreign', taskQueue: 'foreign' });

  const open = await knownIfAsked('foreign', ({ confirmed }) => confirmed?.record.steps.length === 3);
  await client.workflow.getHandle('foreign').signal('hurry', 'now');
  const closed = await knownIfAsked('foreign', ({ confirmed }) => confirmed?.record.endedAt !== undefined);
  await stop();

  expect(open.confirmed).toMatchObject({ partial: true, record: { process: 'badDay', status: 'running' } });
  expect(open.confirmed?.record.steps.map(brief)).toEqual(['count/1 failed', 'failing/1 failed', 'timer/1 open']);
  expect(open.confirmed?.record.steps.map(({ kind }) => kind)).toEqual(['call', 'child', 'timer']);
  expect(open.confirmed?.record.steps[0]?.error).toEqual({ type: 'out-of-stock', message: 'nothing left' });
  expect(closed.confirmed).toMatchObject({ partial: true, record: { status: 'completed' } });
  expect(closed.confirmed?.record.steps.map(brief)).toContain('hurry/1 done');
  await askSoon(view.db, ['foreign']);
  await until(
    () => dueAgain('foreign'),
    (due) => !due,
  );
});

test('given a case was terminated that other code began, then what its events tell is kept as partial', async () => {
  const { confirmed } = await known('other code', isConfirmed);

  expect(confirmed).toMatchObject({ partial: true, record: { process: 'approval', status: 'terminated' } });
  expect(confirmed?.record.steps.map(brief)).toEqual(['timer/1 cancelled']);
});

test('given a case was reset, then the view tells the new run, and that it was reset', async () => {
  await approval('reset');
  await until(
    () => getCase(client, 'reset'),
    ({ status }) => status === 'waiting',
  );
  await decide(client, 'reset', approves('anna'));
  const before = await known('reset', ({ confirmed }) => confirmed?.record.status === 'completed');

  const { events = [] } = await client.workflow.getHandle('reset').fetchHistory();
  const begun = events?.find(({ workflowTaskCompletedEventAttributes: completed }) => completed)?.eventId;
  const { runId } = await client.workflowService.resetWorkflowExecution({
    ...{ namespace: 'default', workflowExecution: { workflowId: 'reset' }, requestId: 'once', reason: 'again' },
    workflowTaskFinishEventId: begun ?? null,
  });
  const { confirmed } = await known('reset', (now) => {
    const { record } = now.confirmed ?? {};
    return isConfirmed(now) && record?.runId === runId && record.status === 'waiting';
  });

  expect(before.confirmed?.resetAt).toBeUndefined();
  expect(await readCases(view.db, 'reset')).toMatchObject([{ resetAt: confirmed?.resetAt, confirmed: true }]);
  expect(confirmed?.resetAt).toEqual(expect.any(String));
  expect(confirmed?.record).toEqual(await getCase(client, 'reset'));
});

test('given a case was terminated before a worker took it up, then the word of the server is all there is', async () => {
  await approval('never begun', 'nobody works here');
  await client.workflow.getHandle('never begun').terminate('enough of it');

  const { confirmed } = await known('never begun', ({ confirmed: told }) => told?.partial === undefined);

  expect(confirmed?.record).toMatchObject({ status: 'terminated', keys: ['order:O-1'], steps: [], restart: 0 });
  expect(await dueAgain('never begun')).toBe(false);
});

test('given no worker is there, then the end that it told counts if it is the one that the server accepted', async () => {
  const told: CaseReport[] = [];
  const options = { workflowBundle: await bundleFixtures(), activities: systems.activities, taskQueue: 'ending' };
  const report = async (reports: CaseReport[]) => void told.push(...reports);
  const stop = await runWorker(environment, options, [whereabouts({ report })]);
  await approval('ends', 'ending');
  await until(
    () => getCase(client, 'ends'),
    ({ status }) => status === 'waiting',
  );
  await decide(client, 'ends', approves('anna'));
  const says = await until(
    () => getCase(client, 'ends'),
    ({ endedAt }) => endedAt !== undefined,
  );
  await stop();
  const last = told.at(-1) as CaseReport;
  const ask = (one: CaseReport, anew = false) =>
    askCase(
      client,
      {
        caseId: 'ends',
        known: withReport({}, one, '2026-11-22T10:00:00.000Z'),
        askedAt: '2026-11-22T11:00:00.000Z',
        anew,
      },
      silentQueues(),
    );

  const [accepted, ofAnotherAttempt, ofAnotherTask, askedAnew] = await Promise.all([
    ask(last),
    ask({ ...last, outcome: 'never so', lastTaskStartedAt: '2026-11-22T09:00:00.000Z' }),
    ask({ ...last, historyLength: last.historyLength - 3 }),
    ask(last, true),
  ]);

  expect(accepted).toMatchObject({ about: 'the case', answer: { record: says } });
  expect(accepted).not.toHaveProperty('answer.partial');
  for (const other of [ofAnotherAttempt, ofAnotherTask, askedAnew])
    expect(other).toMatchObject({ about: 'its silence', answer: { partial: true } });
});

test('given no worker is there, then what is known stays, and once there is one the case is asked again', async () => {
  const stop = await startWorker('leaving');
  await Promise.all([approval('left open', 'leaving'), approval('left and terminated', 'leaving')]);
  const waits = ({ reported, confirmed }: Knowledge) => (reported ?? confirmed)?.record.status === 'waiting';
  await Promise.all([known('left open', waits), known('left and terminated', waits)]);
  await stop();
  await approval('not begun', 'leaving');
  await client.workflow.getHandle('left and terminated').terminate('enough of it');

  const terminated = await known('left and terminated', ({ confirmed }) => confirmed?.record.status === 'terminated');
  const begun = await known('not begun', ({ confirmed }) => confirmed?.events !== undefined);
  expect(terminated.confirmed?.record.steps.map(brief)).toEqual(['ledger.book/1 done', 'approveOrder/1 cancelled']);
  expect(terminated.confirmed?.partial).toBe(true);
  expect(begun.confirmed).toMatchObject({ record: { status: 'running', keys: ['order:O-1'] } });
  expect(waits(await known('left open', () => true))).toBe(true);

  const stopAgain = await startWorker('leaving');
  const answered = (now: Knowledge) => isConfirmed(now) && now.confirmed?.partial === undefined;
  for (const caseId of ['left open', 'left and terminated', 'not begun']) {
    const now = await known(caseId, (one) => answered(one) && one.confirmed?.record.steps.length === 2);
    expect(now.confirmed?.record).toEqual(await getCase(client, caseId));
  }
  await stopAgain();
});

test('given cases that the server knows no more, then they stay, and are not asked again', async () => {
  for (const caseId of Object.keys(deleted)) {
    await until(
      () => sleep(100).then(() => describeCase(client, caseId).catch((error: unknown) => error)),
      (answer) => answer instanceof NoSuchCase,
    );
  }
  await askSoon(view.db, Object.keys(deleted));

  for (const [caseId, before] of Object.entries(deleted)) {
    await until(
      () => dueAgain(caseId),
      (due) => !due,
    );
    const { confirmed } = await known(caseId, () => true);
    const { endedAt } = before.confirmed?.record ?? {};
    if (endedAt !== undefined) expect(confirmed?.record).toEqual(before.confirmed?.record);
    else expect(confirmed).toMatchObject({ partial: true, record: { status: 'terminated', keys: ['order:O-1'] } });
    expect(confirmed?.record.steps.map(({ id }) => id)).toEqual(['ledger.book/1', 'approveOrder/1']);
  }
});
