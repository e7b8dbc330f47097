import { cancelCase, getCase, historyOf, type Step } from '../../src/kit/client';
import { ended, eventTypes, runKit, type RunningKit } from './fixtures/server';
import { until } from './fixtures/until';
import { answers, held, refuses } from './fixtures/systems';

let kit: RunningKit;
beforeAll(async () => (kit = await runKit('time-skipping')));
afterAll(() => kit.tearDown());

const record = (caseId: string) => getCase(kit.client, caseId);
const handle = (caseId: string) => kit.client.workflow.getHandle(caseId);
const brief = ({ id, kind, status }: Step) => `${kind} ${id} ${status}`;

/** As Temporal numbers its events. */
const workflowTaskStarted = '6';

describe('the steps of a workflow that does not use the kit', () => {
  test('given steps of every kind, when it has ended, then each is on the record in the order they began', async () => {
    await kit.start('everyKind', 'every-kind');
    await handle('every-kind').signal('hurry', 'up');
    await handle('every-kind').executeUpdate('correct', { args: ['plums'] });

    await until(
      () => historyOf(kit.client, 'every-kind'),
      (known) => known.some(({ kind }) => kind === 'timer'),
    );
    await kit.environment.sleep('2 hours');
    const { steps } = await ended(kit.client, 'every-kind');

    await expect(handle('every-kind').result()).resolves.toEqual(['now', 'plums']);
    expect(steps.map(brief).filter((step) => !step.startsWith('event'))).toEqual([
      'call count/1 done',
      'call count/2 done',
      'call look/1 done',
      'timer timer/1 done',
      'child child/1 done',
      expect.stringMatching(/^call hurry\/[12] done$/),
    ]);
    expect(steps.map(brief).filter((step) => step.startsWith('event'))).toEqual([
      expect.stringMatching(/^event hurry\/[12] done$/),
      'event correct/1 done',
    ]);
    expect(steps.find(({ kind }) => kind === 'timer')?.title).toBe('Let it ripen');
    expect(steps.find(({ name }) => name === 'look')?.title).toBe('Look');
    for (const { startedAt, endedAt = '' } of steps) expect(startedAt <= endedAt).toBe(true);
  });

  test('given a call and a timer are open, when it is asked, then they are what it is at until it is cancelled', async () => {
    const { behaviour, begun, release } = held(answers(7));
    kit.systems.plan('busy', 'count', behaviour);
    await kit.start('busy', 'busy', undefined, ['order:O-1']);
    await begun;

    const now = await handle('busy').query<Step[]>('currentStep');
    expect(now.map(brief)).toEqual(['call count/1 open', 'timer timer/1 open']);
    expect(await record('busy')).toMatchObject({
      process: 'busy',
      caseId: 'busy',
      restart: 0,
      keys: ['order:O-1'],
      status: 'running',
      waitingFor: [],
      incidents: [],
    });

    await cancelCase(kit.client, 'busy', { by: 'anna', reason: 'wrong order' });
    release();
    const { status, steps } = await ended(kit.client, 'busy');
    expect(status).toBe('cancelled');
    expect(steps.map(brief)).toEqual(['call count/1 done', 'timer timer/1 cancelled']);
    await expect(handle('busy').query('currentStep')).resolves.toEqual([]);
  });

  test('given calls and children that fail, when the workflow goes on, then they are failed with their error', async () => {
    kit.systems.plan('bad-day', 'count', refuses('rule-broken', 'no losses today'));
    await kit.start('badDay', 'bad-day');
    await until(
      () => historyOf(kit.client, 'bad-day'),
      (steps) => steps.some(({ kind }) => kind === 'timer'),
    );
    await handle('bad-day').signal('hurry');
    const { steps } = await ended(kit.client, 'bad-day');
    expect(steps.map(brief)).toEqual([
      'call count/1 failed',
      'child failing/1 failed',
      'timer timer/1 cancelled',
      'event hurry/1 done',
    ]);
    expect(steps[0]?.error).toEqual({ type: 'rule-broken', message: 'no losses today' });
    expect(steps[1]?.error).toEqual({ type: 'out-of-stock', message: 'nothing in stock' });
  });

  test('given a failed call that nobody awaits, then it is on the record and the workflow goes on', async () => {
    kit.systems.plan('careless', 'count', refuses());
    await kit.start('careless', 'careless');

    await until(
      () => historyOf(kit.client, 'careless'),
      ([first]) => first?.status === 'failed',
    );
    await kit.environment.sleep('1 minute');
    const { status, steps } = await ended(kit.client, 'careless');

    expect(status).toBe('completed');
    expect(steps.map(brief)).toEqual(['call count/1 failed', 'timer timer/1 done']);
  });

  test('given a local activity whose retry waits for a timer, then its attempts are one step', async () => {
    kit.systems.plan('looks', 'look', refusesOnce('the shelf'), answers('seen'));
    await kit.start('looksAgain', 'looks', ['the shelf']);

    await until(
      () => historyOf(kit.client, 'looks'),
      (known) => known.some(({ kind }) => kind === 'timer'),
    );
    await kit.environment.sleep('1 minute');
    const { steps } = await ended(kit.client, 'looks');

    expect(steps.filter(({ name }) => name === 'look').map(brief)).toEqual(['call look/1 done']);
  });

  test('given a foreign call and one by system(), then only the latter keeps its result', async () => {
    kit.systems.plan('foreign', 'count', answers(41));
    await kit.start('countsOnce', 'foreign');
    await kit.start('bookQuietly', 'ours');
    const foreign = await ended(kit.client, 'foreign');
    const ours = await ended(kit.client, 'ours');

    expect(foreign.steps[0]).not.toHaveProperty('result');
    expect(ours.steps[0]).toMatchObject({
      id: 'ledger.book/1',
      kind: 'call',
      title: 'Book',
      system: 'ledger',
      status: 'done',
      result: '{"bookingId":"B-100"}',
    });
  });

  test('given more than 1,000 steps, then the first 1,000 are kept and the rest is counted', async () => {
    await kit.start('manyTimers', 'many', 1_020);

    const { steps, stepsNotRecorded } = await ended(kit.client, 'many');
    expect(steps).toHaveLength(1_000);
    expect(steps.filter(({ status }) => status === 'done')).toHaveLength(10);
    expect(steps.filter(({ status }) => status === 'cancelled')).toHaveLength(990);
    expect(stepsNotRecorded).toBe(20);
  });
});

describe('how a case ends', () => {
  test('given a workflow that fails at once, when it is asked afterwards, then it is failed and says why', async () => {
    await kit.start('failing', 'failing');

    expect(await ended(kit.client, 'failing')).toMatchObject({
      status: 'failed',
      failure: { type: 'out-of-stock', message: 'nothing in stock' },
      steps: [],
    });
    await expect(handle('failing').query('history')).resolves.toEqual([]);
  });

  test('given a workflow that fails with a cancellation nobody asked for, then it is failed, not cancelled', async () => {
    await kit.start('failsWithCancelledFailure', 'made-up');

    expect((await ended(kit.client, 'made-up')).status).toBe('failed');
  });

  test('given a terminated case, then it is over, and nobody is waited for any more', async () => {
    await kit.start('approval', 'ended-hard', { role: 'manager' });
    await until(
      () => record('ended-hard'),
      ({ waitingFor }) => waitingFor.length > 0,
    );
    await handle('ended-hard').terminate('no more');

    expect(await record('ended-hard')).toMatchObject({
      status: 'terminated',
      waitingFor: [],
      incidents: [],
      steps: [{ id: 'approveOrder/1', status: 'cancelled' }],
      endedAt: expect.stringMatching(/Z$/),
    });
  });
});

describe('the queries', () => {
  test('given a workflow with a query `history` of its own, then its own wins; `whereabouts` is always ours', async () => {
    await kit.start('ownQueries', 'own-queries');
    await until(
      () => record('own-queries'),
      ({ steps }) => steps[0]?.status === 'done',
    );

    await expect(handle('own-queries').query('history')).resolves.toBe('the history of mine');
    await expect(handle('own-queries').query('whereabouts')).resolves.toMatchObject({ caseId: 'own-queries' });
    await expect(handle('own-queries').query('currentStep')).resolves.toEqual([]);
    await handle('own-queries').terminate();
  });

  test('given a case, when it is asked, then it says after how many events of its history it was', async () => {
    await kit.start('busy', 'counted');
    kit.systems.plan('counted', 'count', answers(1));
    await until(
      () => record('counted'),
      ({ steps }) => steps[0]?.status === 'done',
    );
    // What comes to it between the two is in the one and not in the other.
    await until(
      async () => [await eventTypes(kit.client, 'counted'), await record('counted')] as const,
      ([types, { historyLength }]) => historyLength === types.lastIndexOf(workflowTaskStarted) + 1,
    );
    await handle('counted').terminate();
  });

  test('given the Temporal UI asks for the current details, then it shows where the case is, and how it ended', async () => {
    const details = async () => {
      const metadata = await handle('shown').query<{ currentDetails?: string }>('__temporal_workflow_metadata');
      return metadata.currentDetails ?? '';
    };
    await kit.start('approval', 'shown', { role: 'manager', candidates: ['anna', 'bert'], dueIn: '2 days' });
    await until(
      () => record('shown'),
      ({ waitingFor }) => waitingFor.length > 0,
    );

    expect(await details()).toMatch(/^\*\*waiting\*\*/);
    expect(await details()).toMatch(/Waits for manager anna or bert: Approve order, since .*, due /);
    expect(await details()).toMatch(/\| Approve order \| open \|/);

    await handle('shown').signal('decide', { task: 'approveOrder', decision: 'approve', by: 'anna' });
    await ended(kit.client, 'shown');
    expect(await details()).toMatch(/^\*\*completed\*\*/);
    expect(await details()).toMatch(/\| Approve order \| done \|/);
  });
});

function refusesOnce(what: string) {
  return () => {
    throw new Error(`${what} is out of sight`);
  };
}
