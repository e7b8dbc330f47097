import { Worker } from '@temporalio/worker';
import { decide, getCase, resolve, signalDecision, type CaseRecord, type Refusal } from '../../src/kit/client';
import { whereabouts } from '../../src/kit/worker';
import { approves, refusalOf, resolution, startWaiting } from './fixtures/acting';
import { ended, runKit, type RunningKit } from './fixtures/server';
import { answers, held, refuses } from './fixtures/systems';
import { until } from './fixtures/until';

/**
 * A worker that has a case not in its memory hears of its workflow tasks without commands together with the update that
 * comes now, and of the update first.
 */

let kit: RunningKit;
beforeAll(async () => {
  kit = await runKit('dev');
});
afterAll(() => kit.tearDown());
afterEach(async () => {
  await kit.stopWorker();
  await kit.startWorker();
});

const asked = { role: 'manager', candidates: ['anna'] };
const noSuchTask = (open: string): Refusal => ({
  code: 'no-such-task',
  field: 'task',
  message: `task: "aproveOrder" is not open; ${open}`,
});

/** Sends it while no worker runs, and starts one. */
async function whileNoWorker<T>(send: () => Promise<T>): Promise<T> {
  const answer = send();
  answer.catch(() => undefined);
  await kit.startWorker();
  return answer;
}

async function replays(...caseIds: string[]): Promise<void> {
  const histories = await Promise.all(
    caseIds.map(async (workflowId) => ({
      workflowId,
      history: await kit.client.workflow.getHandle(workflowId).fetchHistory(),
    })),
  );
  const replayed = Worker.runReplayHistories({ workflowBundle: kit.bundle, plugins: [whereabouts()] }, histories);
  for await (const { error } of replayed) if (error) throw error;
}

test('given a case that no worker has begun yet, when its first task is decided, then the decision counts', async () => {
  await kit.stopWorker();
  await kit.start('approvalThenBook', 'not-begun');

  const answer = await whileNoWorker(() => decide(kit.client, 'not-begun', approves('anna')));

  expect(answer).toMatchObject({ task: 'approveOrder/1', by: 'anna' });
  expect(await ended(kit.client, 'not-begun')).toMatchObject({ steps: [{ by: 'anna' }, { name: 'ledger.book' }] });
  await replays('not-begun');
});

describe('given a case that waits for a person, and a worker that knows it not', () => {
  test('when it is decided, then the decision counts', async () => {
    await kit.start('approvalThenBook', 'waiting');
    await until(
      () => getCase(kit.client, 'waiting'),
      ({ waitingFor }) => waitingFor.length > 0,
    );
    await kit.stopWorker();

    const answer = await whileNoWorker(() => decide(kit.client, 'waiting', approves('anna')));

    expect(answer).toMatchObject({ task: 'approveOrder/1', by: 'anna' });
    await ended(kit.client, 'waiting');
    await replays('waiting');
  });

  test('when a decision is to be refused, then it is, in the words of any other time', async () => {
    await startWaiting(kit, 'refusing', asked);
    const refusals: Refusal[] = [];
    for (const sent of [approves('anna', { task: 'aproveOrder' }), approves('carl'), approves('')]) {
      await kit.stopWorker();
      refusals.push(await whileNoWorker(() => refusalOf(decide(kit.client, 'refusing', sent))));
    }

    expect(refusals).toEqual([
      noSuchTask('open now: approveOrder'),
      { code: 'not-a-candidate', field: 'by', message: 'by: "carl" is not asked; manager anna may decide' },
      { code: 'invalid-message', field: 'by', message: 'by: "" is not text' },
    ]);
    await decide(kit.client, 'refusing', approves('anna'));
    expect(await ended(kit.client, 'refusing')).toMatchObject({ steps: [{ by: 'anna', status: 'done' }] });
    await replays('refusing');
  });
});

describe('given calls of which the last one ended later, and a worker that knows the case not', () => {
  async function startCalls(
    caseId: string,
    wanted: (record: CaseRecord) => boolean,
    last = answers({}),
  ): Promise<void> {
    const second = held(last);
    kit.systems.plan(caseId, 'ledger.book', second.behaviour);
    await kit.start('approvalAfterCalls', caseId, asked);
    await until(
      () => getCase(kit.client, caseId),
      ({ steps }) => steps[0]?.status === 'done',
    );
    second.release();
    await until(() => getCase(kit.client, caseId), wanted);
    await kit.stopWorker();
  }

  test('when the task after them is decided, then the decision counts', async () => {
    await startCalls('after-calls', ({ waitingFor }) => waitingFor.length > 0);

    const answer = await whileNoWorker(() => decide(kit.client, 'after-calls', approves('anna')));

    expect(answer).toMatchObject({ task: 'approveOrder/1', by: 'anna' });
    await ended(kit.client, 'after-calls');
    await replays('after-calls');
  });

  test('when the one that failed is resolved, then the resolution counts', async () => {
    await startCalls('parked', ({ incidents }) => incidents.length > 0, refuses());

    const replaced = resolution('ledger.book', 'replace', { result: { bookingId: 'B-1' } });
    const answer = await whileNoWorker(() => resolve(kit.client, 'parked', replaced));

    expect(answer).toMatchObject({ step: 'ledger.book/1', by: 'olga' });
    await decide(kit.client, 'parked', approves('anna'));
    await ended(kit.client, 'parked');
    await replays('parked');
  });
});

test('given a case that ends with it, and a worker that knows the case not, when its step is resolved, then that is answered', async () => {
  kit.systems.plan('ends', 'ledger.book', refuses());
  await kit.start('book', 'ends', {});
  await until(
    () => getCase(kit.client, 'ends'),
    ({ incidents }) => incidents.length > 0,
  );
  await kit.stopWorker();

  const replaced = resolution('ledger.book', 'replace', { result: { bookingId: 'B-1' } });
  const answer = await whileNoWorker(() => resolve(kit.client, 'ends', replaced));

  expect(answer).toMatchObject({ step: 'ledger.book/1', by: 'olga' });
  await ended(kit.client, 'ends');
  await replays('ends');
});

test('given a case that a signal lets end before a worker begins it, when it is decided besides, then it is said who decided', async () => {
  await kit.stopWorker();
  await kit.start('approval', 'signalled', { role: 'manager' });
  await signalDecision(kit.client, 'signalled', approves('anna'));

  const answer = await whileNoWorker(() => refusalOf(decide(kit.client, 'signalled', approves('carl'))));

  expect(answer).toMatchObject({ code: 'already-decided', field: 'task' });
  expect(await ended(kit.client, 'signalled')).toMatchObject({ status: 'completed', steps: [{ by: 'anna' }] });
  await replays('signalled');
});
