import { getCase, resultOf } from '../../../src/kit/client';
import type { BaseData } from '../../../src/systems/accounting/activities';
import {
  accountant,
  approves,
  booking,
  brief,
  decides,
  endAll,
  enterBase,
  euros,
  faults,
  given,
  month,
  monthly,
  officeManager,
  resolves,
  start,
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

const enters = (on: Given, data: unknown, by = accountant) =>
  decides(stack, on, { task: 'enterBaseData', decision: 'submit', by, data });

describe('given missing base data', () => {
  let anna: Given;
  beforeEach(async () => {
    anna = await given(stack, { base: 'missing', bonus: 500 });
    await start(stack, anna);
  });

  test('then an accountant is asked, while the bonus is calculated', async () => {
    const task = await untilWaiting(stack, anna, 'enterBaseData/1');

    expect(task).toMatchObject({
      role: 'accountant',
      candidates: [accountant],
      decisions: ['submit'],
      shows: { employee: anna.employee.id, month, refusedBefore: [] },
    });
    expect(task.form).toMatchObject({ title: 'Base data of the month' });
    expect(brief(await getCase(stack.client, anna.caseId))).toEqual([
      'accounting.findEmployee/1 done',
      'accounting.calculateBase/1 done',
      'bonus.calculateBonus/1 done',
      'enterBaseData/1 open',
    ]);
  });

  test('when a monthly salary is entered, then it is calculated with, approved and booked', async () => {
    await untilWaiting(stack, anna, 'enterBaseData/1');

    await enters(anna, { kind: 'monthly', monthlySalary: euros(4_200), unpaidDays: 7 });

    expect(await untilWaiting(stack, anna, 'approveBonus/1')).toMatchObject({ shows: { base: euros(2_800) } });
    await approves(stack, anna, anna.manager.id);
    expect(await resultOf(stack.client, anna.caseId)).toMatchObject({ outcome: 'paid', total: euros(3_300) });
    expect(await booking(stack, anna)).toMatchObject({ base: euros(2_800), bonus: euros(500) });
  });

  test('when hours are entered, then they are paid at their rate', async () => {
    await untilWaiting(stack, anna, 'enterBaseData/1');

    await enters(anna, { kind: 'hourly', hours: 20.25, hourlyRate: euros(30), unpaidDays: 0 });

    expect(await untilWaiting(stack, anna, 'approveBonus/1')).toMatchObject({ shows: { base: euros(607.5) } });
  });

  test('when it is not what the form asks for, then it is refused by the field and nothing is recorded', async () => {
    await untilWaiting(stack, anna, 'enterBaseData/1');

    await expect(enters(anna, { kind: 'monthly', monthlySalary: euros(4_200), unpaidDays: -1 })).rejects.toMatchObject({
      refusal: { code: 'invalid-data', field: 'data.unpaidDays' },
    });
    await expect(enters(anna, 4_200)).rejects.toMatchObject({ refusal: { code: 'invalid-data', field: 'data' } });
    await expect(enters(anna, undefined)).rejects.toMatchObject({ refusal: { code: 'invalid-data' } });

    expect(brief(await getCase(stack.client, anna.caseId)).at(-1)).toBe('enterBaseData/1 open');
    await enters(anna, monthly(4_200));
    await untilWaiting(stack, anna, 'approveBonus/1');
  });

  test("when it breaks accounting's rules, then it is asked for again with the reasons, and what is right is taken", async () => {
    await untilWaiting(stack, anna, 'enterBaseData/1');

    await enters(anna, { kind: 'monthly', monthlySalary: euros(0), unpaidDays: 22 });

    const again = await untilWaiting(stack, anna, 'enterBaseData/2');
    expect(again.shows).toMatchObject({
      refusedBefore: [
        { field: 'monthlySalary.amountInCents', message: 'must be 1 to 1000000000 cents' },
        { field: 'unpaidDays', message: 'must be whole days, 0 to the 21 working days of 2026-11' },
      ],
    });
    await enters(anna, monthly(4_200));
    await untilWaiting(stack, anna, 'approveBonus/1');
    expect(brief(await getCase(stack.client, anna.caseId)).slice(3)).toEqual([
      'enterBaseData/1 done',
      'accounting.recordBaseData/1 done',
      'enterBaseData/2 done',
      'accounting.recordBaseData/2 done',
      'accounting.calculateBase/2 done',
      'approveBonus/1 open',
    ]);
  });

  test('when the currency is none, then accounting says so and it is asked for again', async () => {
    await untilWaiting(stack, anna, 'enterBaseData/1');

    const monthlySalary = { amountInCents: 420_000, currency: 'EUD' };
    await enters(anna, { kind: 'monthly', monthlySalary, unpaidDays: 0 } satisfies BaseData);

    const again = await untilWaiting(stack, anna, 'enterBaseData/2');
    expect(again.shows).toMatchObject({ refusedBefore: [{ field: 'monthlySalary.currency' }] });
  });

  test('when it was entered in accounting meanwhile, then what the accountant enters replaces it', async () => {
    await untilWaiting(stack, anna, 'enterBaseData/1');
    await enterBase(stack, anna.employee.id, monthly(3_000));

    await enters(anna, monthly(4_200));

    expect(await untilWaiting(stack, anna, 'approveBonus/1')).toMatchObject({ shows: { base: euros(4_200) } });
  });
});

test.each([
  ['skipped', { action: 'skip' }],
  ['answered by hand', { action: 'replace', result: { status: 'recorded' } }],
] as const)(
  'given base data that cannot be recorded but was entered in accounting, then the step can be %s',
  async (_, how) => {
    const anna = await given(stack, { base: 'missing' });
    const { id: employeeId } = anna.employee;
    await start(stack, anna);
    await untilWaiting(stack, anna, 'enterBaseData/1');
    await faults(stack, 'accounting', {
      operation: 'recordBaseData',
      match: { employeeId },
      when: 'before',
      status: 403,
    });
    await enters(anna, monthly(4_200));
    await untilParked(stack, anna, 'accounting.recordBaseData/1');
    await faults(stack, 'accounting');
    await enterBase(stack, employeeId, monthly(3_000));

    await resolves(stack, anna, { step: 'accounting.recordBaseData/1', ...how });

    expect(await resultOf(stack.client, anna.caseId)).toMatchObject({ total: euros(3_000) });
  },
);

describe('given a rejected bonus to be calculated again', () => {
  const enter = (on: Given, data: unknown) =>
    decides(stack, on, { task: 'enterAchievement', decision: 'submit', by: officeManager, data });

  test.each([
    ['more than 1,000 %', { achievedBasisPoints: 100_001, reason: 'Late order' }, 'data.achievedBasisPoints'],
    ['a part of a basis point', { achievedBasisPoints: 99.5, reason: 'Late order' }, 'data.achievedBasisPoints'],
    ['no reason', { achievedBasisPoints: 9_000 }, 'data.reason'],
    ['an empty reason', { achievedBasisPoints: 9_000, reason: '  ' }, 'data.reason'],
    ['a reason too long', { achievedBasisPoints: 9_000, reason: 'x'.repeat(2_001) }, 'data.reason'],
  ])('when %s is entered, then it is refused by its field', async (_, data, field) => {
    const anna = await given(stack, { bonus: 500, settings: { onRejection: 'calculate again' } });
    await start(stack, anna);
    await untilWaiting(stack, anna, 'approveBonus/1');
    await decides(stack, anna, { task: 'approveBonus', decision: 'reject', by: anna.manager.id });
    await untilWaiting(stack, anna, 'enterAchievement/1');

    await expect(enter(anna, data)).rejects.toMatchObject({ refusal: { code: 'invalid-data', field } });

    expect(brief(await getCase(stack.client, anna.caseId)).at(-1)).toBe('enterAchievement/1 open');
  });
});
