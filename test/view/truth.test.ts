import { setTimeout as sleep } from 'node:timers/promises';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import pino from 'pino';
import {
  cancelCase,
  decide,
  getCase,
  resolve,
  restartCase,
  startCase,
  type CaseReport,
  type NewCase,
} from '../../src/kit/client';
import { whereabouts } from '../../src/kit/worker';
import { openView, type View } from '../../src/view/database';
import { askSoon } from '../../src/view/due';
import { applyReports } from '../../src/view/keep';
import { readCases } from '../../src/view/read';
import { runView } from '../../src/view/run';
import { approves, resolution } from '../kit/fixtures/acting';
import { bundleFixtures, runWorker } from '../kit/fixtures/server';
import { createSystems, refuses } from '../kit/fixtures/systems';
import { until } from '../kit/fixtures/until';
import { testDatabase } from '../support/postgres';
import { devServer } from '../support/temporal';
import { disorder, type Disorder, type Odds } from './disorder';

const systems = createSystems();
let database: { url: string; drop(): Promise<void> };
let environment: TestWorkflowEnvironment;
let view: View;
let stopWorker: () => Promise<void>;
let running: { stop(): Promise<void> };
const disorders = new Map<string, Disorder>();

beforeAll(async () => {
  [database, environment] = await Promise.all([testDatabase(), devServer()]);
  const log = pino({ level: 'silent' });
  view = await openView(database.url, log);
  running = runView({ db: view.db, client: environment.client, log, sweepEvery: 200 });
  stopWorker = await startWorker();
});
afterAll(async () => {
  await stopWorker();
  await running.stop();
  await view.close();
  await environment.teardown();
  await database.drop();
});

/** What is told of a case goes the way of its seed, which its id begins with. */
async function report(reports: CaseReport[]): Promise<void> {
  for (const one of reports) await disorders.get(seedOf(one.caseId))?.tell(one);
}

const seedOf = (caseId: string) => caseId.split(' ')[0] ?? '';

async function startWorker(): Promise<() => Promise<void>> {
  const options = { workflowBundle: await bundleFixtures(), activities: systems.activities };
  return runWorker(environment, options, [whereabouts({ report })]);
}

/** Cases at every kind of place, and ended in every way. */
async function live(seed: string): Promise<string[]> {
  const { client } = environment;
  const id = (name: string) => `${seed} ${name}`;
  const newCase = (name: string, process: string, input: unknown, keys: string[] = []): NewCase => ({
    ...{ process, caseId: id(name), input, keys },
  });
  const start = async (...about: Parameters<typeof newCase>) => (await startCase(client, newCase(...about))).caseId;
  const approval = { role: 'manager', candidates: ['anna'], bookFirst: true };
  const waits = (caseId: string, status = 'waiting') =>
    until(
      () => getCase(client, caseId),
      (record) => record.status === status,
    );
  systems.plan(id('parked'), 'ledger.book', refuses());
  systems.plan(id('resolved'), 'ledger.book', refuses());

  const lives = [
    start('waits', 'approval', approval, ['order:O-1']),
    start('decided', 'approval', approval).then(async (caseId) => {
      await waits(caseId);
      await decide(client, caseId, approves('anna', { comment: 'fine' }));
      return caseId;
    }),
    start('cancelled', 'approval', approval).then(async (caseId) => {
      await waits(caseId);
      await cancelCase(client, caseId, { by: 'otto', reason: 'enough of it' });
      return caseId;
    }),
    start('restarted', 'approval', approval).then(async (caseId) => {
      await waits(caseId);
      await client.workflow.getHandle(caseId).terminate('enough of it');
      await restartCase(client, newCase('restarted', 'approval', approval));
      return caseId;
    }),
    start('terminated', 'approval', approval).then(async (caseId) => {
      await waits(caseId);
      await client.workflow.getHandle(caseId).terminate('enough of it');
      return caseId;
    }),
    start('parked', 'book', {}),
    start('resolved', 'book', {}).then(async (caseId) => {
      await waits(caseId, 'incident');
      await resolve(client, caseId, resolution('ledger.book/1', 'replace', { result: { bookingId: 'B-1' } }));
      return caseId;
    }),
    start('goes on in a new run', 'manyTimersInTwoRuns', { run: 1, howMany: 3 }),
    start('failing', 'failing', {}),
    start('both', 'bookBoth', {}),
    start('child', 'badDay', {}),
  ];
  return Promise.all(lives);
}

/** The view's word on a case, once the case itself has said so. */
async function confirmed(caseId: string) {
  const [known] = await until(
    () => readCases(view.db, caseId),
    ([one]) => one?.confirmed === true && !one.partial,
  );
  return known?.record;
}

const seeds: [seed: string, odds: Odds][] = [
  ['1', { lost: 0, doubled: 0, late: 0 }],
  ['2', { lost: 0.3, doubled: 0.3, late: 0.5 }],
  ['3', { lost: 0.6, doubled: 0.6, late: 0.9 }],
  ['4', { lost: 1, doubled: 0, late: 0 }],
];

test('given reports are lost, doubled and late, then the view says of each case what it says of itself', async () => {
  const lives = seeds.map(async ([seed, odds]) => {
    const told = disorder(Number(seed), odds, (reports) => applyReports(view.db, reports));
    disorders.set(seed, told);
    const caseIds = await live(seed);
    await sleep(100);
    await told.tellRest();
    // As some minutes later, when each open case is due.
    await askSoon(view.db, caseIds);
    return caseIds;
  });

  for (const caseId of (await Promise.all(lives)).flat()) {
    const now = await until(
      async () => ({ says: await getCase(environment.client, caseId), known: await confirmed(caseId) }),
      ({ says, known }) => says.historyLength === known?.historyLength && says.status === known.status,
    );
    expect(now.known).toEqual(now.says);
  }
});
