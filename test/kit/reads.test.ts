import { setTimeout as wait } from 'node:timers/promises';
import { Worker } from '@temporalio/worker';
import { defaultTaskQueue, getCase, resolve, startCase } from '../../src/kit/client';
import { whereabouts } from '../../src/kit/worker';
import { brief, resolution } from './fixtures/acting';
import { ended, eventTypes, runKit, runWorker, type RunningKit } from './fixtures/server';
import { until } from './fixtures/until';
import { answers, refuses, stumbles, type Behaviour } from './fixtures/systems';

let kit: RunningKit;
beforeAll(async () => (kit = await runKit('dev')));
afterAll(() => kit.tearDown());

const reads = (caseId: string) => kit.systems.callsOf(caseId, 'ledger.find');
/** How many ordinary activities the case has had. */
const scheduled = async (caseId: string) => {
  const { events } = await kit.client.workflow.getHandle(caseId).fetchHistory();
  return (events ?? []).filter(({ activityTaskScheduledEventAttributes: activity }) => activity).length;
};

test('given a read is answered, then it costs no activity of its own and is one step', async () => {
  await kit.start('findsThenBooks', 'read');

  const { steps } = await ended(kit.client, 'read');

  expect(steps.map(brief)).toEqual(['ledger.find/1 done', 'ledger.book/1 done']);
  expect(steps[0]).toMatchObject({ system: 'ledger', title: 'Find', result: '{"amount":100}' });
  expect(reads('read')).toMatchObject([{ key: 'read~0/ledger.find/1' }]);
  expect(await scheduled('read')).toBe(1);
});

const hangs: Behaviour = () => wait(3_000).then(() => ({ amount: 7 }));

test.each([
  ['fails in passing', stumbles()],
  ['takes too long', hangs],
])(
  'given the local attempt %s, then an ordinary one follows, in the same step and with the same key',
  async (what, first) => {
    const caseId = `read that ${what}`;
    kit.systems.plan(caseId, 'ledger.find', first, answers({ amount: 200 }));
    await kit.start('findsThenBooks', caseId);

    const { steps } = await ended(kit.client, caseId);

    expect(steps.map(brief)).toEqual(['ledger.find/1 done', 'ledger.book/1 done']);
    expect(reads(caseId).map(({ key }) => key)).toEqual(Array(2).fill(`${caseId}~0/ledger.find/1`));
    expect(kit.systems.callsOf(caseId, 'ledger.book')).toMatchObject([{ input: { amount: 200 } }]);
    expect(await scheduled(caseId)).toBe(2);
  },
);

test('given the system refuses the read, then it is asked no second time but parked, and an operator tries it again', async () => {
  kit.systems.plan('refused-read', 'ledger.find', refuses('unknown'), answers({ amount: 300 }));
  await kit.start('findsThenBooks', 'refused-read');
  const parked = await until(
    () => getCase(kit.client, 'refused-read'),
    ({ status }) => status === 'incident',
  );
  expect(parked.incidents).toMatchObject([{ step: 'ledger.find/1', error: { type: 'unknown' }, retries: 0 }]);
  expect(reads('refused-read')).toHaveLength(1);

  await resolve(kit.client, 'refused-read', resolution('ledger.find', 'retry'));

  const { steps } = await ended(kit.client, 'refused-read');
  expect(steps.filter(({ kind }) => kind === 'call').map(brief)).toEqual(['ledger.find/1 done', 'ledger.book/1 done']);
  expect(reads('refused-read').map(({ key }) => key)).toEqual(Array(2).fill('refused-read~0/ledger.find/1'));
  expect(kit.systems.callsOf('refused-read', 'ledger.book')).toMatchObject([{ input: { amount: 300 } }]);
});

/** As Temporal numbers its events. */
const markerRecorded = '25';
const signalled = '26';

/** Answers after so long. */
const after =
  (milliseconds: number, answer: object): Behaviour =>
  () =>
    wait(milliseconds).then(() => answer);

/** Why the history of a case does not fit the code that made it; nothing when it does. */
async function misfit(workflowId: string): Promise<Error | undefined> {
  const history = await kit.client.workflow.getHandle(workflowId).fetchHistory();
  const options = { workflowBundle: kit.bundle, plugins: [whereabouts()] };
  for await (const { error } of Worker.runReplayHistories(options, [{ workflowId, history }])) return error;
  throw new Error('nothing was replayed');
}

test.each([
  ['first', after(0, { amount: 1 }), after(300, { amount: 2 })],
  ['last', after(300, { amount: 1 }), after(0, { amount: 2 })],
])(
  'given two reads at once, when the one asked for first is answered %s, then the history replays',
  async (when, ...two) => {
    const caseId = `side-by-side-${when}`;
    kit.systems.plan(caseId, 'ledger.find', ...two);
    await kit.start('findsSideBySide', caseId);

    await ended(kit.client, caseId);

    expect(await misfit(caseId)).toBeUndefined();
  },
);

test.each([
  ['before', 0, 300],
  ['after', 300, 0],
])(
  'given a local activity of the workflow that ends %s a read beside it, then the history replays',
  async (when, ownTakes, readTakes) => {
    const caseId = `beside-own-${when}`;
    kit.systems.plan(caseId, 'ledger.close', after(ownTakes, { closed: true }));
    kit.systems.plan(caseId, 'ledger.find', after(readTakes, { amount: 1 }));
    await kit.start('findsBesideOwn', caseId);

    await ended(kit.client, caseId);

    expect(await misfit(caseId)).toBeUndefined();
  },
);

test.each<[string, Behaviour]>([
  ['is answered', answers({ amount: 2 })],
  ['fails, too', stumbles()],
])(
  'given the read asked for first fails last, beside a local activity of the workflow and a read that %s, then the history replays',
  async (other, behaviour) => {
    const caseId = `fails-last-${other}`;
    kit.systems.plan(
      caseId,
      'ledger.find',
      (seen) => wait(600).then(() => stumbles()(seen)),
      (seen) => wait(300).then(() => behaviour(seen)),
      answers({ amount: 3 }),
    );
    await kit.start('findsTwoBesideOwn', caseId);

    await ended(kit.client, caseId);

    expect(await scheduled(caseId)).toBeGreaterThan(1);
    expect(await misfit(caseId)).toBeUndefined();
  },
);

test('given a signal arrives between the read and its answer, then the history replays', async () => {
  const caseId = 'beside-signal';
  kit.systems.plan(caseId, 'ledger.find', after(920, { amount: 1 }));
  // The worker renews a workflow task after 80 % of its time-out, and gets the signal then.
  const options = { taskQueue: defaultTaskQueue, workflowId: caseId, workflowTaskTimeout: '1 second' } as const;
  const handle = await kit.client.workflow.start('findsBesideSignal', options);
  await until(
    () => reads(caseId),
    ({ length }) => length > 0,
  );

  await handle.signal('proceed');

  await handle.result();
  expect(await scheduled(caseId)).toBe(1);
  const types = await eventTypes(kit.client, caseId);
  expect(types.indexOf(signalled)).toBeLessThan(types.indexOf(markerRecorded));
  expect(await misfit(caseId)).toBeUndefined();
});

test('given the worker of the workflow lacks the activity, then its code fails, which a replay would else not know', async () => {
  const caseId = 'not-registered';
  const taskQueue = 'not registered';
  const handle = kit.client.workflow.getHandle(caseId);
  const failures = async () =>
    ((await handle.fetchHistory()).events ?? []).flatMap((event) => event.workflowTaskFailedEventAttributes ?? []);
  const activities = { other: () => undefined };
  const stop = await runWorker(kit.environment, { taskQueue, workflowBundle: kit.bundle, activities });
  try {
    await startCase(kit.client, { process: 'findsThenBooks', caseId, keys: [], input: {}, taskQueue });

    const [failed] = await until(failures, ({ length }) => length > 0);

    expect(failed?.failure?.message).toContain("'ledger.find' not registered on worker");
  } finally {
    await handle.terminate();
    await stop();
  }
});
