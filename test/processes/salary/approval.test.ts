import { getCase, resultOf } from '../../../src/kit/client';
import type { SalarySettings } from '../../../src/processes/salary/settings';
import {
  approves,
  booking,
  brief,
  decides,
  endAll,
  euros,
  faults,
  financeDirector,
  given,
  managingDirector,
  month,
  officeManager,
  resolves,
  smsTo,
  start,
  untilParked,
  untilWaiting,
  type Given,
} from '../../support/salary';
import { startStack, type Stack } from '../../support/stack';
import { bonusByHand } from './calls';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterEach(() => endAll(stack));
afterAll(() => stack.tearDown());

const approvalBy = (by: string, decision = 'approve') => ({ task: 'approveBonus', decision, by });
const rejects = (on: Given, by: string) => decides(stack, on, { task: 'approveBonus', decision: 'reject', by });
const enters = (on: Given, by: string, achievedBasisPoints: number) =>
  decides(stack, on, {
    task: 'enterAchievement',
    decision: 'submit',
    by,
    data: { achievedBasisPoints, reason: 'The order of October came late' },
  });

test('given a bonus within the limit, when the manager approves it, then base and bonus are booked', async () => {
  const anna = await given(stack, { bonus: 500 });
  await start(stack, anna);
  const task = await untilWaiting(stack, anna, 'approveBonus/1');
  expect(task).toMatchObject({
    role: 'manager',
    candidates: [anna.manager.id],
    excluded: [anna.employee.id],
    decisions: ['approve', 'reject'],
    shows: {
      employee: anna.employee.id,
      fullName: anna.employee.fullName,
      month,
      base: euros(4_200),
      bonus: euros(500),
    },
  });
  expect(await booking(stack, anna)).toBeUndefined();

  await approves(stack, anna, anna.manager.id);

  expect(await resultOf(stack.client, anna.caseId)).toMatchObject({
    outcome: 'paid',
    employeeId: anna.employee.id,
    month,
    total: euros(4_700),
  });
  expect(await booking(stack, anna)).toMatchObject({
    month,
    costCentre: 'CC-300',
    base: euros(4_200),
    bonus: euros(500),
    total: euros(4_700),
    approvals: [approvalBy(anna.manager.id)],
  });
  const record = await getCase(stack.client, anna.caseId);
  expect(record).toMatchObject({ status: 'completed', outcome: 'paid', waitingFor: [], incidents: [] });
  expect(record.keys).toContain(`booking:${(await booking(stack, anna))?.bookingId}`);
  expect(brief(record)).toEqual([
    'accounting.findEmployee/1 done',
    'accounting.calculateBase/1 done',
    'bonus.calculateBonus/1 done',
    'approveBonus/1 done',
    'payroll.bookSalary/1 done',
  ]);
  expect(await smsTo(stack, anna.administrator)).toEqual([]);
});

test('given an approval was booked, then it is the one decided before, by whom and when', async () => {
  const anna = await given(stack, { bonus: 500 });
  await start(stack, anna);
  await untilWaiting(stack, anna, 'approveBonus/1');

  const decided = await approves(stack, anna, anna.manager.id);

  await resultOf(stack.client, anna.caseId);
  const booked = await booking(stack, anna);
  expect(booked?.approvals).toEqual([{ ...approvalBy(anna.manager.id), at: decided.at }]);
});

test('given no target for the quarter, then the base is paid and nobody is asked', async () => {
  const anna = await given(stack);
  await start(stack, anna);

  expect(await resultOf(stack.client, anna.caseId)).toMatchObject({ outcome: 'paid without bonus' });

  expect(await booking(stack, anna)).toMatchObject({ base: euros(4_200), bonus: euros(0), approvals: [] });
  expect(brief(await getCase(stack.client, anna.caseId))).not.toContainEqual(expect.stringContaining('approveBonus'));
});

test('given a bonus of zero, then the base is paid and nobody is asked', async () => {
  const anna = await given(stack, { bonus: 0 });
  await start(stack, anna);

  expect(await resultOf(stack.client, anna.caseId)).toMatchObject({ outcome: 'paid without bonus' });

  expect(await booking(stack, anna)).toMatchObject({ base: euros(4_200), bonus: euros(0), approvals: [] });
  expect(brief(await getCase(stack.client, anna.caseId))).not.toContainEqual(expect.stringContaining('approveBonus'));
});

describe('given a bonus over the limit', () => {
  test('when manager and then finance director approve, then both approvals are booked in that order', async () => {
    const anna = await given(stack, { bonus: 3_000 });
    await start(stack, anna);
    await untilWaiting(stack, anna, 'approveBonus/1');
    await approves(stack, anna, anna.manager.id);
    const second = await untilWaiting(stack, anna, 'approveBonus/2');
    expect(second).toMatchObject({ role: 'finance director', candidates: [financeDirector] });
    expect(second.excluded).toEqual([anna.employee.id, anna.manager.id]);
    expect(await booking(stack, anna)).toBeUndefined();

    await approves(stack, anna, financeDirector);

    expect(await resultOf(stack.client, anna.caseId)).toMatchObject({ outcome: 'paid', total: euros(7_200) });
    expect(await booking(stack, anna)).toMatchObject({
      approvals: [approvalBy(anna.manager.id), approvalBy(financeDirector)],
    });
  });

  test('when settings name the finance director first, then the manager is asked second', async () => {
    const approvals: SalarySettings['approvals'] = [
      { role: 'finance director', people: [{ id: financeDirector }], when: 'bonus over limit' },
      { role: 'manager', when: 'always' },
    ];
    const anna = await given(stack, { bonus: 3_000, settings: { approvals } });
    await start(stack, anna);
    expect(await untilWaiting(stack, anna, 'approveBonus/1')).toMatchObject({ role: 'finance director' });
    await approves(stack, anna, financeDirector);
    expect(await untilWaiting(stack, anna, 'approveBonus/2')).toMatchObject({ role: 'manager' });
    await approves(stack, anna, anna.manager.id);

    await resultOf(stack.client, anna.caseId);

    expect(await booking(stack, anna)).toMatchObject({
      approvals: [approvalBy(financeDirector), approvalBy(anna.manager.id)],
    });
  });

  test('when the manager approves and the finance director rejects, then it is paid without bonus', async () => {
    const anna = await given(stack, { bonus: 3_000 });
    await start(stack, anna);
    await untilWaiting(stack, anna, 'approveBonus/1');
    await approves(stack, anna, anna.manager.id);
    await untilWaiting(stack, anna, 'approveBonus/2');

    await rejects(anna, financeDirector);

    expect(await resultOf(stack.client, anna.caseId)).toMatchObject({ outcome: 'paid without bonus' });
    expect(await booking(stack, anna)).toMatchObject({
      bonus: euros(0),
      approvals: [approvalBy(anna.manager.id), approvalBy(financeDirector, 'reject')],
    });
  });

  test('when the manager rejects, then nobody else is asked', async () => {
    const anna = await given(stack, { bonus: 3_000 });
    await start(stack, anna);
    await untilWaiting(stack, anna, 'approveBonus/1');

    await rejects(anna, anna.manager.id);

    await resultOf(stack.client, anna.caseId);
    expect(brief(await getCase(stack.client, anna.caseId))).not.toContain('approveBonus/2 done');
    expect(await booking(stack, anna)).toMatchObject({ approvals: [approvalBy(anna.manager.id, 'reject')] });
  });
});

test('given a bonus of exactly the limit, when the manager approves it, then it is paid', async () => {
  const anna = await given(stack, { bonus: 2_500 });
  await start(stack, anna);
  await untilWaiting(stack, anna, 'approveBonus/1');

  await approves(stack, anna, anna.manager.id);

  expect(await resultOf(stack.client, anna.caseId)).toMatchObject({ outcome: 'paid', total: euros(6_700) });
});

test('given a rejected bonus, when settings pay without it, then the base alone is booked with the rejection', async () => {
  const anna = await given(stack, { bonus: 500 });
  await start(stack, anna);
  await untilWaiting(stack, anna, 'approveBonus/1');

  await decides(stack, anna, {
    task: 'approveBonus',
    decision: 'reject',
    by: anna.manager.id,
    comment: 'The figures are wrong',
  });

  expect(await resultOf(stack.client, anna.caseId)).toMatchObject({
    outcome: 'paid without bonus',
    total: euros(4_200),
  });
  expect(await booking(stack, anna)).toMatchObject({
    bonus: euros(0),
    approvals: [approvalBy(anna.manager.id, 'reject')],
  });
  expect((await getCase(stack.client, anna.caseId)).steps).toContainEqual(
    expect.objectContaining({ id: 'approveBonus/1', decision: 'reject', comment: 'The figures are wrong' }),
  );
});

describe('given a rejected bonus that settings have calculated again', () => {
  const again: Partial<SalarySettings> = { onRejection: 'calculate again' };

  test('when the office manager enters what was achieved, then that bonus is approved and booked', async () => {
    const anna = await given(stack, { bonus: 500, settings: again });
    await start(stack, anna);
    await untilWaiting(stack, anna, 'approveBonus/1');
    await rejects(anna, anna.manager.id);
    const entry = await untilWaiting(stack, anna, 'enterAchievement/1');
    expect(entry).toMatchObject({
      role: 'office manager',
      candidates: [officeManager],
      shows: { rejected: euros(500), by: anna.manager.id },
    });

    await enters(anna, officeManager, 9_000);

    const second = await untilWaiting(stack, anna, 'approveBonus/2');
    expect(second).toMatchObject({ candidates: [anna.manager.id], shows: { bonus: euros(450) } });
    await approves(stack, anna, anna.manager.id);
    expect(await resultOf(stack.client, anna.caseId)).toMatchObject({ outcome: 'paid', total: euros(4_650) });
    expect(await booking(stack, anna)).toMatchObject({
      bonus: euros(450),
      approvals: [approvalBy(anna.manager.id, 'reject'), approvalBy(anna.manager.id)],
    });
  });

  test('when the new bonus is over the limit, then the finance director is asked, too', async () => {
    const anna = await given(stack, { bonus: 2_000, settings: again });
    await start(stack, anna);
    await untilWaiting(stack, anna, 'approveBonus/1');
    await rejects(anna, anna.manager.id);
    await untilWaiting(stack, anna, 'enterAchievement/1');

    await enters(anna, officeManager, 14_000);

    await untilWaiting(stack, anna, 'approveBonus/2');
    await approves(stack, anna, anna.manager.id);
    expect(await untilWaiting(stack, anna, 'approveBonus/3')).toMatchObject({ role: 'finance director' });
  });

  test('when nothing was achieved, then the base is paid and nobody is asked again', async () => {
    const anna = await given(stack, { bonus: 500, settings: again });
    await start(stack, anna);
    await untilWaiting(stack, anna, 'approveBonus/1');
    await rejects(anna, anna.manager.id);
    await untilWaiting(stack, anna, 'enterAchievement/1');

    await enters(anna, officeManager, 0);

    expect(await resultOf(stack.client, anna.caseId)).toMatchObject({ outcome: 'paid without bonus' });
  });

  test('when the manager entered it, then somebody else approves it', async () => {
    const anna = await given(stack, { bonus: 500 });
    const settings = { ...anna.settings, ...again, officeManagers: [{ id: anna.manager.id }] };
    await start(stack, { ...anna, settings });
    await untilWaiting(stack, anna, 'approveBonus/1');
    await rejects(anna, anna.manager.id);
    await untilWaiting(stack, anna, 'enterAchievement/1');
    await enters(anna, anna.manager.id, 10_000);
    expect(await untilWaiting(stack, anna, 'approveBonus/2')).toMatchObject({ candidates: [managingDirector] });

    await expect(approves(stack, anna, anna.manager.id, 'approveBonus/2')).rejects.toMatchObject({
      refusal: { code: 'excluded' },
    });
    await approves(stack, anna, managingDirector);

    expect(await resultOf(stack.client, anna.caseId)).toMatchObject({ outcome: 'paid' });
  });

  const recalculationParked = async () => {
    const anna = await given(stack, { bonus: 500, settings: again });
    const { id: employeeId } = anna.employee;
    await start(stack, anna);
    await untilWaiting(stack, anna, 'approveBonus/1');
    await rejects(anna, anna.manager.id);
    await untilWaiting(stack, anna, 'enterAchievement/1');
    await faults(stack, 'bonus', { operation: 'recalculateBonus', match: { employeeId }, when: 'before', status: 403 });
    await enters(anna, officeManager, 9_000);
    await untilParked(stack, anna, 'bonus.recalculateBonus/1');
    return anna;
  };

  test('when that fails for good and is given by hand, then that is put to the manager', async () => {
    const anna = await recalculationParked();

    await resolves(stack, anna, { step: 'bonus.recalculateBonus/1', action: 'replace', result: bonusByHand });

    expect(await untilWaiting(stack, anna, 'approveBonus/2')).toMatchObject({ shows: { bonus: bonusByHand.bonus } });
    await approves(stack, anna, anna.manager.id, 'approveBonus/2');
    expect(await resultOf(stack.client, anna.caseId)).toMatchObject({ outcome: 'paid', total: euros(4_300) });
  });

  test('when that fails for good and is skipped, then the base is paid without bonus', async () => {
    const anna = await recalculationParked();

    await resolves(stack, anna, { step: 'bonus.recalculateBonus/1', action: 'skip' });

    expect(await resultOf(stack.client, anna.caseId)).toMatchObject({ outcome: 'paid without bonus' });
    expect(await booking(stack, anna)).toMatchObject({ approvals: [approvalBy(anna.manager.id, 'reject')] });
  });
});
