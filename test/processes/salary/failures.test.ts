import { getCase, resultOf } from '../../../src/kit/client';
import type { Fault } from '../../../src/service/faults';
import {
  approves,
  booking,
  brief,
  caseWhen,
  endAll,
  enterBonus,
  euros,
  faults,
  given,
  resolves,
  smsTo,
  start,
  stepOf,
  untilParked,
  untilWaiting,
  type Given,
} from '../../support/salary';
import { startStack, type Stack } from '../../support/stack';
import { bookSalary, calculateBase, calculateBonus, calls, nameOf, type Call } from './calls';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterEach(() => endAll(stack));
afterAll(() => stack.tearDown());

/** Lets the call fail for this employee as told, for good unless told. */
const fails = ({ system, operation }: Call, { employee }: Given, how: Partial<Fault> = {}) =>
  faults(stack, system, {
    operation,
    match: { employeeId: employee.id },
    when: 'before',
    status: 422,
    type: 'rule-broken',
    ...how,
  });

const approve = async (anna: Given) => {
  await untilWaiting(stack, anna, 'approveBonus/1');
  await approves(stack, anna, anna.manager.id);
};

describe.each(calls.map((call) => [nameOf(call), call] as const))('given %s has failed for good', (name, call) => {
  let anna: Given;
  beforeEach(async () => {
    anna = await given(stack, { bonus: 500 });
    await fails(call, anna);
    await start(stack, anna);
    if (call === bookSalary) await approve(anna);
    await untilParked(stack, anna, call.step);
  });
  const cause = `salary: ${name} failed (rule-broken)`;
  const untilDone = async () => {
    if (call !== bookSalary) await approve(anna);
    return resultOf(stack.client, anna.caseId);
  };
  /** Has exactly one SMS told of it, and one that it is over. */
  const expectToldAndCleared = async () => {
    const sms = await smsTo(stack, anna.administrator);
    expect(sms).toEqual([expect.stringContaining(cause), `Whereabouts: all clear: ${cause}`]);
    expect(sms[0]).toContain(anna.caseId);
  };

  test('then it is parked with its error, nothing is booked and the administrator knows', async () => {
    expect(await getCase(stack.client, anna.caseId)).toMatchObject({
      status: 'incident',
      incidents: [{ step: call.step, name, system: call.system, error: { type: 'rule-broken' }, retries: 0 }],
    });
    expect(await booking(stack, anna)).toBeUndefined();
    await caseWhen(stack, anna.caseId, ({ steps }) =>
      steps.some(({ kind, status }) => kind === 'alert' && status === 'done'),
    );
    expect(await smsTo(stack, anna.administrator)).toEqual([expect.stringContaining(cause)]);
  });

  test('when it is mended and tried again, then the case goes on as if nothing had happened', async () => {
    await faults(stack, call.system);

    await resolves(stack, anna, { step: call.step, action: 'retry' });

    expect(await untilDone()).toMatchObject({ outcome: 'paid', total: euros(4_700) });
    expect(stepOf(await getCase(stack.client, anna.caseId), call.step)).toMatchObject({
      status: 'done',
      resolutions: [{ action: 'retry', by: 'operator', reason: 'looked into it' }],
    });
    await expectToldAndCleared();
  });

  test('when it is tried again before it is mended, then it is parked again and no second SMS is sent', async () => {
    await resolves(stack, anna, { step: call.step, action: 'retry' });

    await caseWhen(stack, anna.caseId, ({ incidents }) => incidents[0]?.retries === 1);
    await faults(stack, call.system);
    await resolves(stack, anna, { step: call.step, action: 'retry' });
    await untilDone();
    await expectToldAndCleared();
  });

  const { byHand } = call;
  if (byHand) {
    test('when its result is given by hand, then the case goes on with that', async () => {
      const [wrong, field] = byHand.wrong;
      await expect(resolves(stack, anna, { step: call.step, action: 'replace', result: wrong })).rejects.toMatchObject({
        refusal: { code: 'invalid-data', field },
      });

      await resolves(stack, anna, { step: call.step, action: 'replace', result: byHand.result(anna) });

      expect(await untilDone()).toMatchObject({ outcome: 'paid', total: euros(byHand.total) });
      expect(stepOf(await getCase(stack.client, anna.caseId), call.step)).toMatchObject({ status: 'replaced' });
      if (call === bookSalary) expect(await booking(stack, anna)).toBeUndefined();
      else expect(await booking(stack, anna)).toMatchObject({ total: euros(byHand.total) });
      await expectToldAndCleared();
    });
  } else {
    test('when somebody would give its result by hand, then that is refused and it stays parked', async () => {
      const result = { status: 'found', employee: { id: 'E-1007', fullName: 'Anna Schmidt', costCentre: 'CC-300' } };

      await expect(resolves(stack, anna, { step: call.step, action: 'replace', result })).rejects.toMatchObject({
        refusal: { code: 'invalid-message', field: 'action', message: expect.stringContaining('cannot be replaced') },
      });

      expect(await getCase(stack.client, anna.caseId)).toMatchObject({ status: 'incident' });
    });
  }

  test('when it is failed, then the case has failed and nothing is booked', async () => {
    await resolves(stack, anna, { step: call.step, action: 'fail' });

    await expect(resultOf(stack.client, anna.caseId)).rejects.toThrow();
    const record = await getCase(stack.client, anna.caseId);
    expect(record).toMatchObject({ status: 'failed', failure: { type: 'rule-broken' }, incidents: [], waitingFor: [] });
    expect(record.failure?.message).toContain(`${name} failed for good, as operator decided`);
    expect(stepOf(record, call.step)).toMatchObject({ status: 'failed' });
    expect(await booking(stack, anna)).toBeUndefined();
    await expectToldAndCleared();
  });

  if (call === calculateBonus) {
    test('when it is skipped, then the base is paid without bonus and nobody is asked', async () => {
      await resolves(stack, anna, { step: call.step, action: 'skip' });

      expect(await resultOf(stack.client, anna.caseId)).toMatchObject({ outcome: 'paid without bonus' });
      expect(await booking(stack, anna)).toMatchObject({ total: euros(4_200), approvals: [] });
      expect(stepOf(await getCase(stack.client, anna.caseId), call.step)).toMatchObject({ status: 'skipped' });
      await expectToldAndCleared();
    });
  } else {
    test('when it is skipped, then that is refused, since the case needs its result', async () => {
      await expect(resolves(stack, anna, { step: call.step, action: 'skip' })).rejects.toMatchObject({
        refusal: { field: 'action', message: expect.stringContaining(byHand ? 'replace it' : 'let it fail') as string },
      });

      expect(await getCase(stack.client, anna.caseId)).toMatchObject({ status: 'incident' });
    });
  }
});

test.each(calls.map((call) => [nameOf(call), call] as const))(
  'given %s answers 503 twice, then the third try counts and nobody is bothered',
  async (_, call) => {
    const anna = await given(stack, { bonus: 500 });
    await fails(call, anna, { status: 503, type: 'service-unavailable', times: 2 });
    await start(stack, anna);

    await approve(anna);

    expect(await resultOf(stack.client, anna.caseId)).toMatchObject({ outcome: 'paid', total: euros(4_700) });
    expect(await attemptsOf(anna, nameOf(call))).toBe(call.read ? 2 : 3);
    expect(stepOf(await getCase(stack.client, anna.caseId), call.step)).not.toHaveProperty('resolutions');
    expect(await smsTo(stack, anna.administrator)).toEqual([]);
  },
);

test('given the answer of a booking is lost after the commit, then the next try gets it and nothing is booked twice', async () => {
  const anna = await given(stack);
  await fails(bookSalary, anna, { when: 'after', status: 503, times: 1 });
  await start(stack, anna);

  const result = await resultOf(stack.client, anna.caseId);

  expect(await attemptsOf(anna, 'payroll.bookSalary')).toBe(2);
  expect(result).toMatchObject({ outcome: 'paid without bonus', bookingId: (await booking(stack, anna))?.bookingId });
});

test('given a bonus without results, when they are entered and it is tried again, then it is approved', async () => {
  const anna = await given(stack);
  await fetch(`${stack.url('bonus')}/employees/${anna.employee.id}/targets/2026-Q3`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ target: euros(1_500) }),
  });
  await start(stack, anna);
  expect(await untilParked(stack, anna, 'bonus.calculateBonus/1')).toMatchObject({
    error: { type: 'results-missing' },
  });

  await enterBonus(stack, anna.employee.id, 500);
  await resolves(stack, anna, { step: 'bonus.calculateBonus/1', action: 'retry' });

  expect(await untilWaiting(stack, anna, 'approveBonus/1')).toMatchObject({ shows: { bonus: euros(500) } });
});

test('given base and bonus have both failed, then they are resolved one by one', async () => {
  const anna = await given(stack, { bonus: 500 });
  await fails(calculateBase, anna);
  await fails(calculateBonus, anna);
  await start(stack, anna);
  await untilParked(stack, anna, calculateBase.step);
  await untilParked(stack, anna, calculateBonus.step);
  await faults(stack, 'accounting');
  await faults(stack, 'bonus');

  await resolves(stack, anna, { step: calculateBase.step, action: 'retry' });
  await caseWhen(stack, anna.caseId, ({ incidents }) => incidents.length === 1);
  await resolves(stack, anna, { step: calculateBonus.step, action: 'retry' });

  await approve(anna);
  expect(await resultOf(stack.client, anna.caseId)).toMatchObject({ outcome: 'paid' });
  expect(await smsTo(stack, anna.administrator)).toHaveLength(4);
});

test('given notifications are down, when a call fails for good, then nothing else is parked and the SMS comes later', async () => {
  const anna = await given(stack, { bonus: 500 });
  const { administrator: recipient } = anna;
  await faults(stack, 'notifications', { operation: 'raiseAlert', match: { recipient }, when: 'before', status: 503 });
  await fails(calculateBonus, anna);
  await start(stack, anna);
  await untilParked(stack, anna, calculateBonus.step);
  await faults(stack, 'bonus');
  await resolves(stack, anna, { step: calculateBonus.step, action: 'retry' });
  await approve(anna);

  const paid = await caseWhen(stack, anna.caseId, ({ outcome }) => outcome === 'paid');
  expect(paid).toMatchObject({ incidents: [], waitingFor: [] });
  expect(stepOf(paid, 'notifications.raiseAlert/1')).toMatchObject({ kind: 'alert', status: 'open' });
  expect(await booking(stack, anna)).toMatchObject({ total: euros(4_700) });
  expect(await smsTo(stack, recipient)).toEqual([]);
  await faults(stack, 'notifications');

  expect(await resultOf(stack.client, anna.caseId)).toMatchObject({ outcome: 'paid' });
  expect(await smsTo(stack, recipient)).toEqual([
    expect.stringContaining('bonus.calculateBonus failed'),
    expect.stringContaining('all clear'),
  ]);
  expect(brief(await getCase(stack.client, anna.caseId)).filter((step) => step.startsWith('notifications'))).toEqual([
    'notifications.raiseAlert/1 done',
    'notifications.clearAlert/1 done',
  ]);
});

/** How often the one call of this operation was tried as an ordinary activity. */
async function attemptsOf({ caseId }: Given, operation: string): Promise<number | undefined> {
  const { events } = await stack.client.workflow.getHandle(caseId).fetchHistory();
  const scheduled = events?.find((event) => {
    return event.activityTaskScheduledEventAttributes?.activityType?.name === operation;
  });
  const started = events?.find(({ activityTaskStartedEventAttributes: started }) => {
    return started && String(started.scheduledEventId) === String(scheduled?.eventId);
  });
  return started?.activityTaskStartedEventAttributes?.attempt ?? undefined;
}
