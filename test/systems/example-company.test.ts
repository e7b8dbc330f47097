import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { exampleChange } from '../../src/platform/example';
import { createAccountingActivities } from '../../src/systems/accounting/activities';
import { accounting } from '../../src/systems/accounting/service';
import { createBonusActivities } from '../../src/systems/bonus/activities';
import { bonus } from '../../src/systems/bonus/service';
import { payroll } from '../../src/systems/payroll/service';
import type { Fault } from '../../src/service/faults';
import type { Money } from '../../src/service/money';
import { testSystem, type TestedSystem } from '../support/system';

const read = <Content>(file: string) =>
  JSON.parse(readFileSync(join(__dirname, '../../examples/company', file), 'utf8')) as Content;

const { employees } = read<{ employees: { id: string; fullName: string }[] }>('accounting.json');
const troubles = read<Record<'bonus' | 'payroll', { rules: Fault[] }>>('faults.json');

const month = '2026-11';
let accountingSystem: TestedSystem;
let bonusSystem: TestedSystem;
let payrollSystem: TestedSystem;

beforeAll(async () => {
  [accountingSystem, bonusSystem, payrollSystem] = await Promise.all([
    testSystem(accounting),
    testSystem(bonus),
    testSystem(payroll),
  ]);
  const systems: Record<string, TestedSystem> = {
    accounting: accountingSystem,
    bonus: bonusSystem,
    payroll: payrollSystem,
  };
  const { apply } = await exampleChange((name) => systems[name]?.url ?? '');
  await apply();
});
afterAll(async () => {
  await Promise.all([accountingSystem.stop(), bonusSystem.stop(), payrollSystem.stop()]);
});

test('what is to go wrong is entered where the fault switch is', async () => {
  expect(await bonusSystem.send('GET', '/faults')).toEqual({ status: 200, body: troubles.bonus });
  expect(await payrollSystem.send('GET', '/faults')).toEqual({ status: 200, body: troubles.payroll });
  await bonusSystem.setFaults();
});

/** Base and bonus of 2026-11 in euros, `none` for no base data or no target. */
const expected = [
  ['E-1001', '9800.00', 'none'],
  ['E-1002', '7600.00', '1272.00'],
  ['E-1003', '4150.00', '277.50'],
  ['E-1004', '4480.00', 'none'],
  ['E-1005', '6900.00', '2300.00'],
  ['E-1006', '4700.00', '700.00'],
  ['E-1007', '4650.50', '800.00'],
  ['E-1008', '5900.00', '2937.50'],
  ['E-1009', '5200.00', '0.00'],
  ['E-1010', 'none', '200.00'],
  ['E-1011', '2868.08', 'none'],
  ['E-1012', '1457.62', '0.00'],
  ['E-1013', '4300.00', 'none'],
  ['E-1014', '3900.00', 'none'],
  ['E-1015', '3197.62', '358.33'],
  ['E-1016', '4116.67', '1400.00'],
] as const;

const inEuros = (money: Money) => {
  expect(money.currency).toBe('EUR');
  return (money.amountInCents / 100).toFixed(2);
};

test('each employee of the example company gets what was worked out by hand', async () => {
  const { calculateBase } = createAccountingActivities(accountingSystem.client('reads'));
  const { calculateBonus } = createBonusActivities(bonusSystem.client('reads'));
  const found = [];
  for (const { id } of employees) {
    const base = await calculateBase({ employeeId: id, month });
    const paid = await calculateBonus({ employeeId: id, month });
    found.push([
      id,
      base.status === 'calculated' ? inEuros(base.base) : 'none',
      paid.status === 'calculated' ? inEuros(paid.bonus) : 'none',
    ]);
  }
  expect(found).toEqual(expected);
});

test('two share a full name, and everybody else is found by theirs', async () => {
  const { findEmployee } = createAccountingActivities(accountingSystem.client('reads'));

  for (const { id, fullName } of employees) {
    const answer = await findEmployee({ employee: fullName });
    if (fullName === 'Thomas Müller') {
      expect(answer).toMatchObject({ status: 'ambiguous', candidates: [{ id: 'E-1013' }, { id: 'E-1014' }] });
    } else {
      expect(answer).toMatchObject({ status: 'found', employee: { id } });
    }
  }
});
