import {
  cancelCase,
  CaseClosed,
  decide,
  getCase,
  resultOf,
  signalDecision,
  type Decision,
  type RecordedDecision,
} from '../../src/kit/client';
import { approves, refusalOf, startWaiting } from './fixtures/acting';
import { ended, runKit, type RunningKit } from './fixtures/server';
import { until } from './fixtures/until';
import { answers, held } from './fixtures/systems';
import type { ApprovalInput } from './fixtures/people';

let kit: RunningKit;
beforeAll(async () => (kit = await runKit('time-skipping')));
afterAll(() => kit.tearDown());

const record = (caseId: string) => getCase(kit.client, caseId);
const openTask = async (caseId: string) => (await record(caseId)).waitingFor[0];
const decides = (caseId: string, sent: Decision) => decide(kit.client, caseId, sent);
const signals = (caseId: string, sent: Decision) => signalDecision(kit.client, caseId, sent);
const later = (howLong: Parameters<RunningKit['environment']['sleep']>[0]) => kit.environment.sleep(howLong);

const manager: ApprovalInput = { role: 'manager', candidates: ['anna', 'bert'] };

describe('a task', () => {
  test('given it is open, then it says who has to decide what, on which data, and until when', async () => {
    const shows = { amount: { amountInCents: 500, currency: 'EUR' }, order: 'O-1' };
    const { status, waitingFor, steps } = await startWaiting(kit, 'open', {
      ...manager,
      excluded: ['otto'],
      decisions: ['ask-back'],
      dueIn: '2 days',
      shows,
    });

    const dueAt = new Date(Date.parse(steps[0]?.startedAt ?? '') + 2 * 86_400_000).toISOString();
    expect(status).toBe('waiting');
    expect(waitingFor).toEqual([
      {
        id: 'approveOrder/1',
        name: 'approveOrder',
        title: 'Approve order',
        role: 'manager',
        candidates: ['anna', 'bert'],
        excluded: ['otto'],
        since: steps[0]?.startedAt,
        dueAt,
        escalated: false,
        decisions: ['approve', 'reject', 'ask-back'],
        shows,
        // SHA-256 of {"amount":{"amountInCents":500,"currency":"EUR"},"order":"O-1"}
        shownHash: '0ff0febfb062433f165010fa5ee20fff21c25792dd8a6c5549164b12cc52cc6b',
      },
    ]);
    expect(steps).toMatchObject([
      { id: 'approveOrder/1', kind: 'task', status: 'open', role: 'manager', candidates: ['anna', 'bert'], dueAt },
    ]);
    await decides('open', approves('anna', { decision: 'ask-back' }));
    await expect(ended(kit.client, 'open')).resolves.toMatchObject({ steps: [{ decision: 'ask-back' }] });
  });

  test('given a call is under way beside it, then the case is running; alone, then it is waiting', async () => {
    const { behaviour, begun, release } = held(answers({ bookingId: 'B-1' }));
    kit.systems.plan('beside', 'ledger.book', behaviour);
    await kit.start('approvalBesideCall', 'beside', { role: 'manager' });
    await begun;
    const during = await record('beside');
    release();
    const after = await until(
      () => record('beside'),
      ({ status }) => status === 'waiting',
    );

    expect(during.status).toBe('running');
    expect(during.waitingFor).toHaveLength(1);
    expect(after.waitingFor).toHaveLength(1);
    await decides('beside', approves('anna'));
    await ended(kit.client, 'beside');
  });

  test('given no due time, then it waits for as long as it takes, and nobody is told', async () => {
    await startWaiting(kit, 'no-due', manager);
    await later('400 days');

    expect(await openTask('no-due')).not.toHaveProperty('dueAt');
    expect(kit.systems.callsOf('no-due')).toEqual([]);
    await decides('no-due', approves('anna'));
    await ended(kit.client, 'no-due');
  });

  test('given the case is cancelled, then it ends with it', async () => {
    await startWaiting(kit, 'cancelled', { ...manager, dueIn: '1 day' });
    await cancelCase(kit.client, 'cancelled', { by: 'otto', reason: 'order withdrawn' });

    await expect(ended(kit.client, 'cancelled')).resolves.toMatchObject({
      status: 'cancelled',
      waitingFor: [],
      steps: [{ id: 'approveOrder/1', status: 'cancelled' }],
    });
  });
});

describe('deciding', () => {
  test('by update: then the answer is the decision as recorded, and the step keeps it', async () => {
    await startWaiting(kit, 'by-update', manager);

    const recorded = await decides('by-update', approves('bert', { decision: 'reject', comment: 'too dear' }));

    expect(recorded).toEqual({
      task: 'approveOrder/1',
      decision: 'reject',
      by: 'bert',
      at: expect.stringMatching(/Z$/) as string,
      comment: 'too dear',
    });
    const { steps } = await ended(kit.client, 'by-update');
    expect(steps).toMatchObject([{ status: 'done', by: 'bert', decision: 'reject', comment: 'too dear' }]);
    await expect(resultOf(kit.client, 'by-update')).resolves.toEqual(recorded);
  });

  test('by signal: then the case goes on with it', async () => {
    await startWaiting(kit, 'by-signal', manager);

    await signals('by-signal', approves('anna', { task: 'approveOrder/1' }));

    const { steps } = await ended(kit.client, 'by-signal');
    expect(steps).toMatchObject([{ id: 'approveOrder/1', status: 'done', by: 'anna', decision: 'approve' }]);
    await expect(resultOf<RecordedDecision>(kit.client, 'by-signal')).resolves.toMatchObject({ by: 'anna' });
  });

  test('by signal before the task is open: then it counts when it opens', async () => {
    const { behaviour, begun, release } = held(answers({ bookingId: 'B-1' }));
    kit.systems.plan('early', 'ledger.book', behaviour);
    await kit.start('approval', 'early', { ...manager, bookFirst: true });
    await begun;
    await signals('early', approves('anna'));
    release();

    await expect(ended(kit.client, 'early')).resolves.toMatchObject({
      steps: [{ name: 'ledger.book' }, { id: 'approveOrder/1', status: 'done', by: 'anna' }],
    });
  });

  test('by a signal sent with the start: then it counts when the task opens', async () => {
    await kit.client.workflow.signalWithStart('approval', {
      workflowId: 'with-start',
      taskQueue: 'whereabouts',
      args: [{ ...manager, bookFirst: true }],
      signal: 'decide',
      signalArgs: [approves('anna')],
    });

    await expect(ended(kit.client, 'with-start')).resolves.toMatchObject({
      status: 'completed',
      steps: [{ name: 'ledger.book' }, { id: 'approveOrder/1', by: 'anna' }],
    });
  });

  test('by an early signal of somebody who is not asked: then it is refused when the task opens, and kept with it', async () => {
    const { behaviour, begun, release } = held(answers({ bookingId: 'B-1' }));
    kit.systems.plan('early-wrong', 'ledger.book', behaviour);
    await kit.start('approval', 'early-wrong', { ...manager, bookFirst: true });
    await begun;
    await signals('early-wrong', approves('carl'));
    release();

    const { steps } = await until(
      () => record('early-wrong'),
      ({ status }) => status === 'waiting',
    );

    expect(steps[1]?.refusals).toMatchObject([{ by: 'carl', decision: 'approve' }]);
    await decides('early-wrong', approves('anna'));
    await ended(kit.client, 'early-wrong');
  });

  test('by update before the task is open: then it is refused, and says what is open', async () => {
    const { behaviour, begun, release } = held(answers({ bookingId: 'B-1' }));
    kit.systems.plan('early-update', 'ledger.book', behaviour);
    await kit.start('approval', 'early-update', { ...manager, bookFirst: true });
    await begun;

    expect(await refusalOf(decides('early-update', approves('anna')))).toEqual({
      code: 'no-such-task',
      field: 'task',
      message: 'task: "approveOrder" is not open; no task is open now',
    });
    release();
    await until(
      () => record('early-update'),
      ({ waitingFor }) => waitingFor.length > 0,
    );
    await decides('early-update', approves('anna'));
    await ended(kit.client, 'early-update');
  });

  test('after the end: then it is answered that the case is closed', async () => {
    await startWaiting(kit, 'after-the-end', manager);
    await decides('after-the-end', approves('anna'));
    await ended(kit.client, 'after-the-end');

    await expect(decides('after-the-end', approves('bert'))).rejects.toThrow(CaseClosed);
    await expect(signals('after-the-end', approves('bert'))).rejects.toThrow(CaseClosed);
  });
});

describe('data entry', () => {
  const entered = (data: unknown): Decision => ({ task: 'enterHours', decision: 'submit', by: 'anna', data });

  test('given data that fits the form, then the case goes on with it', async () => {
    await kit.start('hoursEntry', 'hours');
    const { waitingFor } = await until(
      () => record('hours'),
      (known) => known.waitingFor.length > 0,
    );
    await decides('hours', entered({ hours: 160 }));

    const { steps } = await ended(kit.client, 'hours');
    expect(waitingFor[0]).toMatchObject({ decisions: ['submit'], form: { required: ['hours'] } });
    expect(steps[0]).toMatchObject({ status: 'done', decision: 'submit', by: 'anna', result: '{"hours":160}' });
    await expect(resultOf(kit.client, 'hours')).resolves.toMatchObject({ data: { hours: 160 } });
  });

  test('given data that does not fit, then the field is named, by update and with the task by signal', async () => {
    await kit.start('hoursEntry', 'wrong-hours');
    await until(
      () => record('wrong-hours'),
      ({ waitingFor }) => waitingFor.length > 0,
    );

    expect(await refusalOf(decides('wrong-hours', entered({ hours: 800 })))).toEqual({
      code: 'invalid-data',
      field: 'data.hours',
      message: 'data.hours: 800 is greater than 744.',
    });
    expect(await refusalOf(decides('wrong-hours', entered({})))).toMatchObject({ field: 'data.hours' });
    expect(await refusalOf(decides('wrong-hours', entered(undefined)))).toMatchObject({ field: 'data' });
    await signals('wrong-hours', entered({ hours: 160, minutes: 5 }));
    await decides('wrong-hours', entered({ hours: 160 }));
    const { steps } = await ended(kit.client, 'wrong-hours');
    expect(steps[0]?.refusals).toMatchObject([{ by: 'anna', reason: 'data.minutes: is not asked for' }]);
  });
});
