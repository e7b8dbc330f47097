import fc from 'fast-check';
import { readSettings } from '../../../src/platform/settings';
import { salaryProcess } from '../../../src/processes/salary/process';
import { approversOf, isOver, phonesOf } from '../../../src/processes/salary/rules';
import type { SalarySettings } from '../../../src/processes/salary/settings';
import { euros } from '../../support/salary';

const jonas = { id: 'E-1005', fullName: 'Jonas Weber', phone: '+4915550100005' };
const anna = { id: 'E-1007', fullName: 'Anna Schmidt', costCentre: 'CC-300', manager: jonas };
const withoutManager = { id: 'E-1001', fullName: 'Clara Vogt', costCentre: 'CC-100' };
const financeDirector = { role: 'finance director', people: [{ id: 'E-1002', phone: '+4915550100002' }] };

let settings: SalarySettings;
beforeAll(async () => {
  settings = await readSettings(salaryProcess);
});

describe('who approves a bonus', () => {
  test('within the limit it is the manager alone', () => {
    expect(approversOf(euros(500), anna, settings)).toEqual([{ role: 'manager', people: [jonas] }]);
  });

  test('the limit itself is within the limit', () => {
    expect(approversOf(euros(2_500), anna, settings)).toHaveLength(1);
  });

  test('a cent over the limit the finance director is asked after the manager', () => {
    expect(approversOf(euros(2_500.01), anna, settings)).toEqual([
      { role: 'manager', people: [jonas] },
      financeDirector,
    ]);
  });

  test('the order is that of the settings', () => {
    const approvals = settings.approvals.toReversed();
    expect(approversOf(euros(3_000), anna, { ...settings, approvals }).map(({ role }) => role)).toEqual([
      'finance director',
      'manager',
    ]);
  });

  test('an approval by the manager stays one where there is no manager', () => {
    expect(approversOf(euros(500), withoutManager, settings)).toEqual([{ role: 'manager', people: [] }]);
  });

  test('at the limit as many approve as below it, and above it everybody whom settings name', () => {
    const when = fc.constantFrom('always' as const, 'bonus over limit' as const);
    const approvals = fc.array(fc.record({ role: fc.string({ minLength: 1 }), when }), { minLength: 1 });
    fc.assert(
      fc.property(approvals, fc.integer({ min: 0, max: 1_000_000_000 }), (given, limit) => {
        const company = { ...settings, approvals: given, bonusLimit: euros(limit / 100) };
        const rolesFor = (cents: number) => approversOf(euros(cents / 100), anna, company).map(({ role }) => role);
        expect(rolesFor(limit)).toEqual(rolesFor(0));
        expect(rolesFor(limit + 1)).toEqual(given.map(({ role }) => role));
      }),
    );
  });
});

test('an amount in another currency than the limit is over it, however small', () => {
  expect(isOver({ amountInCents: 1, currency: 'CHF' }, euros(2_500))).toBe(true);
  expect(isOver({ amountInCents: 1, currency: 'EUR' }, euros(2_500))).toBe(false);
});

test('whoever is asked is told where their phone is known, each phone once', () => {
  const people = [jonas, { id: 'E-1002' }, { id: 'E-1003', phone: '+4915550100003' }, jonas];
  expect(phonesOf(['E-1005', 'E-1002'], people)).toEqual(['+4915550100005']);
});
