import { createBonusActivities } from '../../../src/systems/bonus/activities';
import { bonus } from '../../../src/systems/bonus/service';
import { testSystem, type TestedSystem } from '../../support/system';

let system: TestedSystem;
let keys = 0;
const calling = (key = `call-${(keys += 1)}`) => createBonusActivities(system.client(key));
const euros = (amountInCents: number) => ({ amountInCents, currency: 'EUR' });
const putTarget = (target: object) => system.send('PUT', '/employees/E-1007/targets/2026-Q3', { target });
const putResult = (achievedBasisPoints: number) =>
  system.send('PUT', '/employees/E-1007/results/2026-Q3', { achievedBasisPoints });
const request = { employeeId: 'E-1007', month: '2026-11' };

beforeAll(async () => {
  system = await testSystem(bonus);
});
afterAll(() => system.stop());
beforeEach(async () => {
  await system.setFaults();
  await system.sql('truncate targets, results, recalculations, idempotent_requests restart identity');
});

describe('targets and results', () => {
  test('are kept, changed and read', async () => {
    await putTarget(euros(100_000));
    await putTarget(euros(240_000));
    await putResult(8_000);

    expect((await system.send('GET', '/employees/E-1007/targets/2026-Q3')).body).toEqual({ target: euros(240_000) });
    expect((await system.send('GET', '/employees/E-1007/results/2026-Q3')).body).toEqual({
      achievedBasisPoints: 8_000,
    });
  });

  test('that are not there are not found', async () => {
    expect(await system.send('GET', '/employees/E-1007/targets/2026-Q3')).toMatchObject({ status: 404 });
    expect(await system.send('GET', '/employees/E-1007/results/2026-Q3')).toMatchObject({ status: 404 });
  });

  test.each([
    [0, 'target.amountInCents'],
    [1_000_000_001, 'target.amountInCents'],
  ])('a target of %i cents is refused', async (amountInCents, field) => {
    expect(await putTarget(euros(amountInCents))).toMatchObject({ status: 400, body: { errors: [{ field }] } });
  });

  test.each([[-1], [0.5], [100_001]])('a result of %p basis points is refused', async (achievedBasisPoints) => {
    expect(await putResult(achievedBasisPoints)).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'achievedBasisPoints', value: achievedBasisPoints }] },
    });
  });
});

describe('calculating a bonus', () => {
  test('given target and result, then the part of the month is calculated and the answer says from what', async () => {
    await putTarget(euros(100_000));
    await putResult(10_500);

    const november = await calling().calculateBonus(request);
    const december = await calling().calculateBonus({ ...request, month: '2026-12' });

    expect(november).toEqual({
      status: 'calculated',
      bonus: euros(35_833),
      quarter: '2026-Q3',
      targetBonus: euros(100_000),
      achievedBasisPoints: 10_500,
    });
    expect(december).toMatchObject({ bonus: euros(35_834) });
    expect(await system.sql('select from recalculations union all select from idempotent_requests')).toEqual([]);
  });

  test('given no target, then the answer says so until one is entered', async () => {
    expect(await calling().calculateBonus(request)).toEqual({ status: 'no-target' });
    await putTarget(euros(240_000));
    await putResult(10_000);

    expect(await calling().calculateBonus(request)).toMatchObject({
      status: 'calculated',
      bonus: euros(80_000),
    });
  });

  test('given a target without a result, then it is a final failure that says how to mend it, and then it goes on', async () => {
    await putTarget(euros(240_000));

    await expect(calling().calculateBonus(request)).rejects.toMatchObject({
      type: 'results-missing',
      nonRetryable: true,
      message:
        'bonus.calculateBonus: E-1007 has no results for 2026-Q3: enter them with PUT /employees/E-1007/results/2026-Q3.',
    });
    await putResult(10_000);
    expect(await calling().calculateBonus(request)).toMatchObject({ status: 'calculated' });
  });

  test('given a bonus of nothing, then it is calculated, which is not the same as no target', async () => {
    await putTarget(euros(240_000));
    await putResult(7_999);

    expect(await calling().calculateBonus(request)).toMatchObject({ status: 'calculated', bonus: euros(0) });
  });
});

describe('calculating a bonus again from what was entered', () => {
  const entry = { ...request, achievedBasisPoints: 9_000, enteredBy: 'E-1003', reason: 'one order was cancelled' };

  test('then it is kept with who entered it and why, and the result of the quarter stays', async () => {
    await putTarget(euros(240_000));
    await putResult(10_000);

    expect(await calling().recalculateBonus(entry)).toEqual({
      status: 'calculated',
      bonus: euros(72_000),
      quarter: '2026-Q3',
      targetBonus: euros(240_000),
      achievedBasisPoints: 9_000,
    });
    expect(await system.sql('select achieved_basis_points, entered_by, reason from recalculations')).toEqual([
      { achieved_basis_points: 9_000, entered_by: 'E-1003', reason: 'one order was cancelled' },
    ]);
    expect(await calling().calculateBonus(request)).toMatchObject({ achievedBasisPoints: 10_000 });
  });

  test('given two equal calls at once, then it is kept once', async () => {
    await putTarget(euros(240_000));

    const [one, other] = await Promise.all([1, 2].map(() => calling('key-1').recalculateBonus(entry)));

    expect(other).toEqual(one);
    expect(await system.sql('select from recalculations')).toHaveLength(1);
  });

  test('given a target without a result, then the entry is enough', async () => {
    await putTarget(euros(240_000));

    expect(await calling().recalculateBonus(entry)).toMatchObject({ status: 'calculated', bonus: euros(72_000) });
  });

  test('given no target, then there is no bonus', async () => {
    expect(await calling().recalculateBonus(entry)).toEqual({ status: 'no-target' });
    expect(await system.sql('select from recalculations')).toEqual([]);
  });

  test('given no reason, then it is refused', async () => {
    await expect(calling().recalculateBonus({ ...entry, reason: ' ' })).rejects.toMatchObject({
      type: 'invalid-request',
      message: 'bonus.recalculateBonus: reason: must not be empty',
    });
  });
});
