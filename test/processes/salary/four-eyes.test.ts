import { resolve, resultOf } from '../../../src/kit/client';
import {
  accountant,
  approves,
  booking,
  decides,
  endAll,
  faults,
  given,
  managingDirector,
  monthly,
  start,
  untilParked,
  untilSms,
  untilWaiting,
  type Given,
} from '../../support/salary';
import { startStack, type Stack } from '../../support/stack';
import { baseByHand, bonusByHand } from './calls';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterEach(() => endAll(stack));
afterAll(() => stack.tearDown());

/** With settings that name the employee where `of` says so. */
const naming = (one: Given, changed: (self: { id: string }) => Partial<Given['settings']>): Given => ({
  ...one,
  settings: { ...one.settings, ...changed({ id: one.employee.id }) },
});
const excluded = { name: 'Refused', refusal: { code: 'excluded', field: 'by' } };
const notAsked = { name: 'Refused', refusal: { code: 'not-a-candidate', field: 'by' } };

test('given any bonus, then the employee does not approve it', async () => {
  const anna = await given(stack, { bonus: 500 });
  await start(stack, anna);
  await untilWaiting(stack, anna, 'approveBonus/1');

  await expect(approves(stack, anna, anna.employee.id)).rejects.toMatchObject(excluded);

  expect(await untilWaiting(stack, anna, 'approveBonus/1')).toMatchObject({ candidates: [anna.manager.id] });
  expect(await booking(stack, anna)).toBeUndefined();
});

test('given somebody else who is not asked, then they do not approve', async () => {
  const anna = await given(stack, { bonus: 500 });
  await start(stack, anna);
  await untilWaiting(stack, anna, 'approveBonus/1');

  await expect(approves(stack, anna, accountant)).rejects.toMatchObject(notAsked);
});

test('given settings that name the employee as approver, then whom tasks are escalated to is asked', async () => {
  const anna = naming(await given(stack, { bonus: 500 }), (self) => ({
    approvals: [{ role: 'team lead', people: [self], when: 'always' }],
  }));
  await start(stack, anna);

  expect(await untilWaiting(stack, anna, 'approveBonus/1')).toMatchObject({
    role: 'managing director',
    candidates: [managingDirector],
  });
  await expect(approves(stack, anna, anna.employee.id)).rejects.toMatchObject(excluded);
});

test('given a step of their own salary has failed, then the employee does not resolve it', async () => {
  const anna = await given(stack, { bonus: 500 });
  const { id: employeeId } = anna.employee;
  await faults(stack, 'accounting', { operation: 'calculateBase', match: { employeeId }, when: 'before', status: 403 });
  await start(stack, anna);
  await untilParked(stack, anna, 'accounting.calculateBase/1');

  const own = { step: 'accounting.calculateBase/1', action: 'replace', by: employeeId, reason: 'I know it' } as const;
  await expect(resolve(stack.client, anna.caseId, { ...own, result: baseByHand })).rejects.toMatchObject(excluded);

  await untilParked(stack, anna, 'accounting.calculateBase/1');
  expect(await booking(stack, anna)).toBeUndefined();
});

test('given a manager who entered the bonus as operator, then whom it is escalated to approves it', async () => {
  const anna = await given(stack, { bonus: 500 });
  const { id: employeeId } = anna.employee;
  await faults(stack, 'bonus', { operation: 'calculateBonus', match: { employeeId }, when: 'before', status: 403 });
  await start(stack, anna);
  await untilParked(stack, anna, 'bonus.calculateBonus/1');
  await resolve(stack.client, anna.caseId, {
    step: 'bonus.calculateBonus/1',
    action: 'replace',
    by: anna.manager.id,
    reason: 'I know it',
    result: bonusByHand,
  });
  expect(await untilWaiting(stack, anna, 'approveBonus/1')).toMatchObject({ candidates: [managingDirector] });

  await expect(approves(stack, anna, anna.manager.id)).rejects.toMatchObject(excluded);
  await approves(stack, anna, managingDirector);
  expect(await resultOf(stack.client, anna.caseId)).toMatchObject({ outcome: 'paid' });
});

test('given a bonus over the limit of somebody managed by the finance director, then nobody approves twice', async () => {
  const boss = await given(stack);
  const anna = await given(stack, { bonus: 3_000, manager: boss.employee.id });
  anna.settings.approvals = [
    { role: 'manager', when: 'always' },
    { role: 'finance director', people: [{ id: boss.employee.id }], when: 'bonus over limit' },
  ];
  await start(stack, anna);
  await untilWaiting(stack, anna, 'approveBonus/1');
  await approves(stack, anna, boss.employee.id);
  expect(await untilWaiting(stack, anna, 'approveBonus/2')).toMatchObject({ candidates: [managingDirector] });

  await expect(
    decides(stack, anna, { task: 'approveBonus/2', decision: 'approve', by: boss.employee.id }),
  ).rejects.toMatchObject(excluded);
  await approves(stack, anna, managingDirector);

  await resultOf(stack.client, anna.caseId);
  expect((await booking(stack, anna))?.approvals.map(({ by }) => by)).toEqual([boss.employee.id, managingDirector]);
});

test('given an employee without a manager, then whom tasks are escalated to approves', async () => {
  const clara = await given(stack, { bonus: 500, manager: null });
  await start(stack, clara);
  expect(await untilWaiting(stack, clara, 'approveBonus/1')).toMatchObject({ candidates: [managingDirector] });

  await approves(stack, clara, managingDirector);

  expect(await resultOf(stack.client, clara.caseId)).toMatchObject({ outcome: 'paid' });
});

test('given nobody is left who may approve, then the case waits where all can see it and the administrator is told', async () => {
  const clara = naming(await given(stack, { bonus: 500, manager: null }), (self) => ({
    escalateTo: { role: 'managing director', people: [self] },
  }));
  await start(stack, clara);
  expect(await untilWaiting(stack, clara, 'approveBonus/1')).toMatchObject({ candidates: [] });

  await stack.environment.sleep('1 minute');

  const sms = await untilSms(stack, clara.administrator);
  expect(sms).toEqual([expect.stringContaining('salary: approveBonus overdue')]);
  expect(sms).toEqual([expect.stringContaining('nobody is left who may decide')]);
  await expect(approves(stack, clara, clara.employee.id)).rejects.toMatchObject(excluded);
  await expect(approves(stack, clara, accountant)).rejects.toMatchObject(notAsked);
});

test('given an employee who is one of two accountants, then the other one enters their base data', async () => {
  const paula = naming(await given(stack, { base: 'missing' }), (self) => ({
    accountants: [self, { id: accountant }],
  }));
  await start(stack, paula);
  const task = await untilWaiting(stack, paula, 'enterBaseData/1');
  expect(task).toMatchObject({ candidates: [accountant], excluded: [paula.employee.id] });
  const entry = { task: 'enterBaseData', decision: 'submit', data: monthly(9_000) };

  await expect(decides(stack, paula, { ...entry, by: paula.employee.id })).rejects.toMatchObject(excluded);
  await decides(stack, paula, { ...entry, by: accountant });

  expect(await resultOf(stack.client, paula.caseId)).toMatchObject({ outcome: 'paid without bonus' });
});

test('given an employee who is the only accountant, then whom tasks are escalated to enters their base data', async () => {
  const paula = naming(await given(stack, { base: 'missing' }), (self) => ({ accountants: [self] }));
  await start(stack, paula);

  expect(await untilWaiting(stack, paula, 'enterBaseData/1')).toMatchObject({
    role: 'managing director',
    candidates: [managingDirector],
  });
});

test('given an employee who is the office manager, then somebody else enters what they achieved', async () => {
  const oscar = naming(await given(stack, { bonus: 500 }), (self) => ({
    onRejection: 'calculate again',
    officeManagers: [self],
  }));
  await start(stack, oscar);
  await untilWaiting(stack, oscar, 'approveBonus/1');
  await decides(stack, oscar, { task: 'approveBonus', decision: 'reject', by: oscar.manager.id });
  const entry = {
    task: 'enterAchievement',
    decision: 'submit',
    data: { achievedBasisPoints: 15_000, reason: 'It was a good quarter' },
  };
  expect(await untilWaiting(stack, oscar, 'enterAchievement/1')).toMatchObject({ candidates: [managingDirector] });

  await expect(decides(stack, oscar, { ...entry, by: oscar.employee.id })).rejects.toMatchObject(excluded);
  await decides(stack, oscar, { ...entry, by: managingDirector });

  await untilWaiting(stack, oscar, 'approveBonus/2');
});

test('given an employee who is whom tasks are escalated to, then an approval overdue stays with the manager', async () => {
  const clara = naming(await given(stack, { bonus: 500 }), (self) => ({
    escalateTo: { role: 'managing director', people: [self] },
  }));
  await start(stack, clara);
  await untilWaiting(stack, clara, 'approveBonus/1');

  await stack.environment.sleep('73 hours');

  expect(await untilSms(stack, clara.administrator)).toEqual([expect.stringContaining('approveBonus overdue')]);
  expect(await untilWaiting(stack, clara, 'approveBonus/1')).toMatchObject({
    candidates: [clara.manager.id],
    escalated: false,
  });
  await expect(approves(stack, clara, clara.employee.id)).rejects.toMatchObject(excluded);
  await approves(stack, clara, clara.manager.id);
  expect(await resultOf(stack.client, clara.caseId)).toMatchObject({ outcome: 'paid' });
});
