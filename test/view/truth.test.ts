import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { sql } from 'kysely';
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
import { atOneMoment, changesAfter } from '../../src/view/changes';
import { openView, type View } from '../../src/view/database';
import { askSoon } from '../../src/view/due';
import { applyReports, confirmCase } from '../../src/view/keep';
import { newest } from '../../src/view/knowledge';
import { readCases } from '../../src/view/read';
import { count, countAll } from '../../src/view/counts';
import { casesThatFit } from '../../src/view/fitting';
import { mapVersion, type ProcessMap } from '../../src/maps/process-map';
import { keepMaps, readMap } from '../../src/view/maps';
import { RebuildAtWork, rebuildView } from '../../src/view/rebuild';
import { runView } from '../../src/view/run';
import { approves, resolution } from '../kit/fixtures/acting';
import { bundleFixtures, runWorker } from '../kit/fixtures/server';
import { createSystems, refuses } from '../kit/fixtures/systems';
import { until } from '../kit/fixtures/until';
import { testDatabase } from '../support/postgres';
import { devServer } from '../support/temporal';
import { endOfAllChanges } from './all-changes';
import { disorder, type Disorder, type Odds } from './disorder';

const systems = createSystems();
/** An id with a NUL, and one that together with its key is longer than an index takes. */
const casesThatPostgresDoesNotTake = [
  { caseId: 'a\0b', keys: [] },
  { caseId: randomBytes(450).toString('hex'), keys: [`order:${randomBytes(1_000).toString('hex')}`] },
];
let database: { url: string; drop(): Promise<void> };
let environment: TestWorkflowEnvironment;
let view: View;
const undo: (() => Promise<void>)[] = [];
const disorders = new Map<string, Disorder>();

beforeAll(async () => {
  [database, environment] = await Promise.all([testDatabase(), devServer()]);
  undo.push(database.drop, () => environment.teardown());
  const log = pino({ level: 'silent' });
  view = await openView(database.url, log);
  undo.push(view.close);
  const running = runView({ db: view.db, client: environment.client, log, sweepEvery: 200 });
  undo.push(running.stop);
  undo.push(await startWorker());
  for (const one of casesThatPostgresDoesNotTake)
    await startCase(environment.client, { ...one, process: 'approval', input: {} });
});
afterAll(async () => {
  for (const step of undo.reverse()) await step();
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

describe('given the view is rebuilt', () => {
  const allCases = async () => {
    const rows = await view.db.selectFrom('cases').select(['case_id', 'knowledge']).orderBy('case_id').execute();
    return rows.map(({ case_id: caseId, knowledge }) => [caseId, newest(knowledge).record]);
  };
  const fromBefore = (caseId: string): CaseReport => ({
    ...{
      process: 'salary',
      caseId,
      runId: `run of ${caseId}`,
      restart: 0,
      keys: ['employee:E-1'],
      status: 'completed',
    },
    ...{ waitingFor: [], incidents: [], historyLength: 9, taskQueue: 'whereabouts', changed: [] },
    ...{ startedAt: '2020-11-22T08:00:00.000Z', runStartedAt: '2020-11-22T08:00:00.000Z' },
    endedAt: '2020-11-22T09:00:00.000Z',
  });

  test('then it says the same of all cases, what was wrong is right, and that alone is told as a change', async () => {
    const { taskQueue: _, changed: steps, ...rest } = fromBefore('kept no longer by the server');
    const confirmedAt = '2020-11-22T10:00:00.000Z';
    await confirmCase(view.db, {
      ...{ record: { ...rest, steps }, runStartedAt: rest.startedAt },
      confirmedAt,
      events: 9,
    });
    const before = await allCases();
    const place = await endOfAllChanges(view.db);
    await view.db
      .updateTable('cases')
      .set({ knowledge: sql`jsonb_set(knowledge, '{confirmed,record,outcome}', '"wrong"')`, outcome: 'wrong' })
      .where('case_id', '=', '1 decided')
      .execute();

    await keepMaps(view.db, '', [mapOfNothing]);
    await rebuildView(database.url, environment.client, pino({ level: 'silent' }));
    expect((await readMap(view.db, 'nothing'))?.map).toEqual(mapOfNothing);

    expect(await allCases()).toEqual(before);
    expect(await countAll(view.db)).toEqual(await count(casesThatFit(view.db, {}, 'all')));
    const end = await endOfAllChanges(view.db);
    const told = await atOneMoment(view.db, (moment) => changesAfter(moment, place, end, 100));
    expect(told.map(({ changed }) => changed.record.caseId)).toEqual(['1 decided']);
  });

  test('then others go on reading and writing meanwhile, nothing of which is lost, and no second one begins', async () => {
    const log = pino({ level: 'silent' });
    const rebuilds = [1, 2].map(() => rebuildView(database.url, environment.client, log));
    const both = Promise.allSettled(rebuilds);
    const done = both.then(() => true);
    const told: string[] = [];
    do {
      const caseId = `meanwhile ${told.length}`;
      await applyReports(view.db, [fromBefore(caseId)]);
      told.push(caseId);
      expect(await readCases(view.db, 'order:O-1')).toHaveLength(seeds.length);
    } while (!(await Promise.race([done, sleep(1)])));

    const [one, other] = (await both).sort((a, b) => a.status.localeCompare(b.status));
    expect(one).toMatchObject({ status: 'fulfilled' });
    expect(other).toMatchObject({ status: 'rejected', reason: expect.any(RebuildAtWork) });
    for (const caseId of told) expect(await readCases(view.db, caseId)).toHaveLength(1);
    const schemas = await sql<{
      name: string;
    }>`SELECT nspname AS name FROM pg_namespace WHERE nspname ~ '^view'`.execute(view.db);
    expect(schemas.rows).toEqual([{ name: 'view' }]);
  });
});

const mapOfNothing: ProcessMap = {
  version: mapVersion,
  process: 'nothing',
  label: 'Nothing',
  source: { file: 'nothing.ts', line: 1 },
  body: { kind: 'sequence', id: 'body', blocks: [] },
  handlers: [],
  flags: [],
};
