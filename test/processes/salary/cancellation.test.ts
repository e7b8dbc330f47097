import { setTimeout as sleep } from 'node:timers/promises';
import { describeCase, getCase, resultOf } from '../../../src/kit/client';
import {
  accountant,
  approves,
  booking,
  brief,
  cancels,
  caseWhen,
  decides,
  endAll,
  enterBase,
  euros,
  faults,
  given,
  monthly,
  resolves,
  restart,
  smsTo,
  start,
  stepOf,
  untilCancelHeard,
  untilParked,
  untilWaiting,
  type Given,
} from '../../support/salary';
import { startStack, type Stack } from '../../support/stack';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterEach(() => endAll(stack));
afterAll(() => stack.tearDown());

/** A call has failed and waits to be tried again. */
const untilRetrying = async ({ caseId }: Given) => {
  while ((await describeCase(stack.client, caseId)).retrying.length === 0) await sleep(20);
};
const untilCancelled = ({ caseId }: Given) => caseWhen(stack, caseId, ({ status }) => status === 'cancelled');

describe('when the case is cancelled', () => {
  test('given a call is under way, then it is waited for, and nothing is asked or booked after it', async () => {
    const anna = await given(stack, { base: 'missing', bonus: 500 });
    await start(stack, anna);
    await untilWaiting(stack, anna, 'enterBaseData/1');
    const held = await stack.hold('accounting', 'base_data');
    const entry = { task: 'enterBaseData', decision: 'submit', by: accountant, data: monthly(4_200) };
    await decides(stack, anna, entry);
    await held.blocking();

    await cancels(stack, anna);
    await untilCancelHeard(stack, anna);
    await held.release();

    const record = await untilCancelled(anna);
    expect(brief(record)).toEqual([
      'accounting.findEmployee/1 done',
      'accounting.calculateBase/1 done',
      'bonus.calculateBonus/1 done',
      'enterBaseData/1 done',
      'accounting.recordBaseData/1 done',
    ]);
    expect(record).toMatchObject({ waitingFor: [], incidents: [] });
    expect(await booking(stack, anna)).toBeUndefined();
  });

  test('given a call is to be tried again, then it is not', async () => {
    const retries = { attempts: 100, firstAfter: '1 hour', atMostEvery: '1 hour' } as const;
    const anna = await given(stack, { bonus: 500, settings: { retries } });
    const { id: employeeId } = anna.employee;
    await faults(stack, 'bonus', { operation: 'calculateBonus', match: { employeeId }, when: 'before', status: 503 });
    await start(stack, anna);
    await caseWhen(stack, anna.caseId, (record) => brief(record).includes('accounting.calculateBase/1 done'));
    await untilRetrying(anna);

    await cancels(stack, anna);

    expect(stepOf(await untilCancelled(anna), 'bonus.calculateBonus/1')).toMatchObject({ status: 'cancelled' });
    expect(await booking(stack, anna)).toBeUndefined();
  });

  test('given base data is awaited, then nobody can enter it any more', async () => {
    const anna = await given(stack, { base: 'missing' });
    await start(stack, anna);
    await untilWaiting(stack, anna, 'enterBaseData/1');

    await cancels(stack, anna);

    const record = await untilCancelled(anna);
    expect(stepOf(record, 'enterBaseData/1')).toMatchObject({ status: 'cancelled' });
    await expect(
      decides(stack, anna, { task: 'enterBaseData', decision: 'submit', by: accountant, data: monthly(4_200) }),
    ).rejects.toMatchObject({ name: 'CaseClosed' });
    expect(await booking(stack, anna)).toBeUndefined();
  });

  test('given an approval is awaited, then nobody can give it any more, and nobody is reminded', async () => {
    const anna = await given(stack, { bonus: 500 });
    await start(stack, anna);
    await untilWaiting(stack, anna, 'approveBonus/1');

    await cancels(stack, anna);

    expect(stepOf(await untilCancelled(anna), 'approveBonus/1')).toMatchObject({ status: 'cancelled' });
    await expect(approves(stack, anna, anna.manager.id)).rejects.toMatchObject({ name: 'CaseClosed' });
    await stack.environment.sleep('10 days');
    expect(await smsTo(stack, anna.manager.phone)).toEqual([]);
    expect(await booking(stack, anna)).toBeUndefined();
  });

  test('given an approval that was escalated and is overdue, then the administrator gets the all-clear', async () => {
    const anna = await given(stack, { bonus: 500 });
    await start(stack, anna);
    await untilWaiting(stack, anna, 'approveBonus/1');
    await stack.environment.sleep('7 days');
    await caseWhen(stack, anna.caseId, (record) => brief(record).includes('notifications.raiseAlert/1 done'));

    await cancels(stack, anna);

    await untilCancelled(anna);
    expect(await smsTo(stack, anna.administrator)).toEqual([
      expect.stringContaining('approveBonus overdue'),
      'Whereabouts: all clear: salary: approveBonus overdue',
    ]);
  });

  test('given a step is parked, then the incident is over and the administrator gets the all-clear', async () => {
    const anna = await given(stack, { bonus: 500 });
    const { id: employeeId } = anna.employee;
    await faults(stack, 'bonus', { operation: 'calculateBonus', match: { employeeId }, when: 'before', status: 403 });
    await start(stack, anna);
    await untilParked(stack, anna, 'bonus.calculateBonus/1');
    await caseWhen(stack, anna.caseId, (record) => brief(record).includes('accounting.calculateBase/1 done'));

    await cancels(stack, anna);

    const record = await untilCancelled(anna);
    expect(record.incidents).toEqual([]);
    expect(stepOf(record, 'bonus.calculateBonus/1')).toMatchObject({ status: 'cancelled' });
    expect(await smsTo(stack, anna.administrator)).toEqual([
      expect.stringContaining('bonus.calculateBonus failed (forbidden)'),
      'Whereabouts: all clear: salary: bonus.calculateBonus failed (forbidden)',
    ]);
  });

  test('given what was achieved is to be entered, then nobody can enter it any more', async () => {
    const anna = await given(stack, { bonus: 500, settings: { onRejection: 'calculate again' } });
    await start(stack, anna);
    await untilWaiting(stack, anna, 'approveBonus/1');
    await decides(stack, anna, { task: 'approveBonus', decision: 'reject', by: anna.manager.id });
    await untilWaiting(stack, anna, 'enterAchievement/1');

    await cancels(stack, anna);

    expect(stepOf(await untilCancelled(anna), 'enterAchievement/1')).toMatchObject({ status: 'cancelled' });
    expect(await booking(stack, anna)).toBeUndefined();
  });

  test('given the booking was refused and is parked, then nothing is booked and the administrator gets the all-clear', async () => {
    const anna = await given(stack);
    const refused = { operation: 'bookSalary', match: { employeeId: anna.employee.id }, when: 'before' } as const;
    await faults(stack, 'payroll', { ...refused, status: 422 });
    await start(stack, anna);
    await untilParked(stack, anna, 'payroll.bookSalary/1');

    await cancels(stack, anna);

    expect(stepOf(await untilCancelled(anna), 'payroll.bookSalary/1')).toMatchObject({ status: 'cancelled' });
    expect(await smsTo(stack, anna.administrator)).toHaveLength(2);
    expect(await booking(stack, anna)).toBeUndefined();
  });

  test('given a booking whose answers were all lost, then it is parked, and tried again it ends paid', async () => {
    const anna = await given(stack);
    const lost = { operation: 'bookSalary', match: { employeeId: anna.employee.id }, when: 'after' } as const;
    await faults(stack, 'payroll', { ...lost, status: 503 });
    await start(stack, anna);
    await untilParked(stack, anna, 'payroll.bookSalary/1');

    await cancels(stack, anna);
    await untilCancelHeard(stack, anna);

    expect(await getCase(stack.client, anna.caseId)).toMatchObject({ status: 'incident' });
    await faults(stack, 'payroll');
    await resolves(stack, anna, { step: 'payroll.bookSalary/1', action: 'retry' });
    expect(await resultOf(stack.client, anna.caseId)).toMatchObject({ outcome: 'paid without bonus' });
    expect(await booking(stack, anna)).toMatchObject({ total: euros(4_200) });
  });

  test('given the salary is being booked, then it stays booked and the case ends paid', async () => {
    const anna = await given(stack, { bonus: 500 });
    await start(stack, anna);
    await untilWaiting(stack, anna, 'approveBonus/1');
    const held = await stack.hold('payroll', 'bookings');
    await approves(stack, anna, anna.manager.id);
    await held.blocking();

    await cancels(stack, anna);
    await untilCancelHeard(stack, anna);
    await held.release();

    expect(await resultOf(stack.client, anna.caseId)).toMatchObject({ outcome: 'paid' });
    expect(await getCase(stack.client, anna.caseId)).toMatchObject({ status: 'completed', outcome: 'paid' });
    expect(await booking(stack, anna)).toMatchObject({ total: euros(4_700) });
  });
});

test('given a booking whose answer was lost is to be tried again, when the case is cancelled, then it ends paid', async () => {
  const anna = await given(stack, {
    settings: { retries: { attempts: 100, firstAfter: '1 hour', atMostEvery: '1 hour' } },
  });
  const lost = { operation: 'bookSalary', match: { employeeId: anna.employee.id }, when: 'after', times: 1 } as const;
  await faults(stack, 'payroll', { ...lost, status: 503 });
  await start(stack, anna);
  await untilRetrying(anna);

  await cancels(stack, anna);
  await untilCancelHeard(stack, anna);
  await stack.environment.sleep('2 hours');

  expect(await resultOf(stack.client, anna.caseId)).toMatchObject({ outcome: 'paid without bonus' });
  expect(await booking(stack, anna)).toMatchObject({ total: euros(4_200) });
});

describe('given a case that was cancelled, when it is started again', () => {
  test('then what accounting now knows counts, and its calls are others', async () => {
    const anna = await given(stack, { bonus: 500 });
    await start(stack, anna);
    expect(await untilWaiting(stack, anna, 'approveBonus/1')).toMatchObject({ shows: { base: euros(4_200) } });
    await cancels(stack, anna);
    await untilCancelled(anna);
    await enterBase(stack, anna.employee.id, monthly(5_000));

    expect(await restart(stack, anna)).toMatchObject({ caseId: anna.caseId, restart: 1 });

    expect(await untilWaiting(stack, anna, 'approveBonus/1')).toMatchObject({ shows: { base: euros(5_000) } });
    await approves(stack, anna, anna.manager.id);
    expect(await resultOf(stack.client, anna.caseId)).toMatchObject({ outcome: 'paid', total: euros(5_500) });
    expect(await getCase(stack.client, anna.caseId)).toMatchObject({ restart: 1, status: 'completed' });
    expect(await keysAtPayroll(anna)).toEqual([`${anna.caseId}~1/payroll.bookSalary/1`]);
  });

  test('then a decision of before does not count', async () => {
    const anna = await given(stack, { bonus: 3_000 });
    await start(stack, anna);
    await untilWaiting(stack, anna, 'approveBonus/1');
    await approves(stack, anna, anna.manager.id);
    await untilWaiting(stack, anna, 'approveBonus/2');
    await cancels(stack, anna);
    await untilCancelled(anna);

    await restart(stack, anna);

    expect(await untilWaiting(stack, anna, 'approveBonus/1')).toMatchObject({ candidates: [anna.manager.id] });
  });
});

test('given a salary that was booked although its case has failed, when it is started again, then it is already paid', async () => {
  const anna = await given(stack);
  const { id: employeeId } = anna.employee;
  const lost = { operation: 'bookSalary', match: { employeeId }, when: 'after', status: 403 } as const;
  await faults(stack, 'payroll', lost);
  await start(stack, anna);
  await untilParked(stack, anna, 'payroll.bookSalary/1');
  const booked = await booking(stack, anna);
  expect(booked).toMatchObject({ total: euros(4_200) });
  await caseWhen(stack, anna.caseId, (record) => brief(record).includes('notifications.raiseAlert/1 done'));
  await stack.client.workflow.getHandle(anna.caseId).terminate('out of patience');
  await faults(stack, 'payroll');
  await enterBase(stack, employeeId, monthly(5_000));

  await restart(stack, anna);

  expect(await resultOf(stack.client, anna.caseId)).toMatchObject({
    outcome: 'already paid',
    bookingId: booked?.bookingId,
    total: euros(4_200),
  });
  expect(await booking(stack, anna)).toEqual(booked);
});

/** Idempotency keys that payroll keeps of a case, in order. */
async function keysAtPayroll({ caseId }: Given): Promise<string[]> {
  const statement = 'select key from idempotent_requests where key like $1 order by key';
  const rows = await stack.sql<{ key: string }>('payroll', statement, [`${caseId}~%`]);
  return rows.map(({ key }) => key);
}
