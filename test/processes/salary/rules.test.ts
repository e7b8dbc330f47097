import { approversOf, askedOf, dueIn, escalation, isOver } from '../../../src/processes/salary/rules';
import { readSettings } from '../../../src/platform/settings';
import { salaryProcess } from '../../../src/processes/salary/process';
import type { SalarySettings } from '../../../src/processes/salary/settings';
import { euros } from '../../support/salary';

const jonas = { id: 'E-1005', fullName: 'Jonas Weber', phone: '+4915550100005' };
const anna = { id: 'E-1007', fullName: 'Anna Schmidt', costCentre: 'CC-300', manager: jonas };
const withoutManager = { id: 'E-1001', fullName: 'Clara Vogt', costCentre: 'CC-100' };

let settings: SalarySettings;
beforeAll(async () => {
  settings = await readSettings(salaryProcess);
});

/** Whom the approvals are put to, one after the other, each excluding who approved before. */
function askedInTurn(...[bonus, employee, given]: Parameters<typeof approversOf>) {
  const approved = [employee.id];
  return approversOf(bonus, employee, given).map((approver) => {
    const asked = approver(approved);
    approved.push(...asked.candidates.slice(0, 1));
    return asked;
  });
}

describe('who approves a bonus', () => {
  test('within the limit it is the manager alone', () => {
    expect(askedInTurn(euros(500), anna, settings)).toEqual([
      { role: 'manager', candidates: ['E-1005'], phones: ['+4915550100005'] },
    ]);
  });

  test('the limit itself is within the limit', () => {
    expect(askedInTurn(euros(2_500), anna, settings)).toHaveLength(1);
  });

  test('a cent over the limit the finance director is asked after the manager', () => {
    expect(askedInTurn(euros(2_500.01), anna, settings)).toEqual([
      { role: 'manager', candidates: ['E-1005'], phones: ['+4915550100005'] },
      { role: 'finance director', candidates: ['E-1002'], phones: ['+4915550100002'] },
    ]);
  });

  test('the order is that of the settings', () => {
    const approvals = settings.approvals.toReversed();
    expect(askedInTurn(euros(3_000), anna, { ...settings, approvals }).map(({ role }) => role)).toEqual([
      'finance director',
      'manager',
    ]);
  });

  test('somebody without a manager is approved by whom approvals are escalated to', () => {
    const people = [{ id: 'E-1006', phone: '+4915550100006' }];
    const given = { ...settings, escalateTo: { role: 'supervisory board', people } };
    expect(askedInTurn(euros(500), withoutManager, given)).toEqual([
      { role: 'supervisory board', candidates: ['E-1006'], phones: ['+4915550100006'] },
    ]);
  });

  test('whose manager is the finance director is approved by the managing director, too', () => {
    const manager = { id: 'E-1002', fullName: 'Paul Braun' };
    expect(askedInTurn(euros(3_000), { ...anna, manager }, settings)).toEqual([
      { role: 'manager', candidates: ['E-1002'], phones: [] },
      { role: 'managing director', candidates: ['E-1001'], phones: ['+4915550100001'] },
    ]);
  });

  test('of several persons the others stay when one has approved', () => {
    const people = [{ id: 'E-1005' }, { id: 'E-1002' }];
    const approvals = [
      { role: 'manager', when: 'always' as const },
      { role: 'director', people, when: 'always' as const },
    ];
    expect(askedInTurn(euros(500), anna, { ...settings, approvals })[1]).toEqual({
      role: 'director',
      candidates: ['E-1002'],
      phones: [],
    });
  });

  test('nobody is left for a managing director who alone approvals are escalated to', () => {
    expect(askedInTurn(euros(500), withoutManager, settings)).toEqual([
      { role: 'managing director', candidates: [], phones: [] },
    ]);
  });
});

describe('who enters data', () => {
  test('it is everybody in the role', () => {
    const accountants = [{ id: 'E-1004' }, { id: 'E-1008', phone: '+4915550100008' }];
    expect(askedOf('accountant', accountants, ['E-1007'], settings)).toEqual({
      role: 'accountant',
      candidates: ['E-1004', 'E-1008'],
      phones: ['+4915550100008'],
    });
  });

  test('for an accountant it is the other accountant', () => {
    const accountants = [{ id: 'E-1004' }, { id: 'E-1008' }];
    expect(askedOf('accountant', accountants, ['E-1004'], settings).candidates).toEqual(['E-1008']);
  });

  test('for the only accountant it is whom tasks are escalated to', () => {
    expect(askedOf('accountant', [{ id: 'E-1004' }], ['E-1004'], settings)).toMatchObject({
      role: 'managing director',
      candidates: ['E-1001'],
    });
  });
});

describe('what happens when a task is due', () => {
  test('it is escalated', () => {
    expect(escalation(settings, ['E-1007'])).toMatchObject({
      escalateTo: { role: 'managing director', candidates: ['E-1001'] },
    });
  });

  test('it stays where it is when everybody it would go to is excluded', () => {
    expect(escalation(settings, ['E-1007', 'E-1001'])).toEqual({});
  });

  test('it is due after the time set, and at once when nobody is left who may act', () => {
    expect(dueIn({ role: 'manager', candidates: ['E-1005'], phones: [] }, '3 days')).toBe('3 days');
    expect(dueIn({ role: 'manager', candidates: [], phones: [] }, '3 days')).toBe('1 second');
  });
});

test('an amount in another currency than the limit is over it, however small', () => {
  expect(isOver({ amountInCents: 1, currency: 'CHF' }, euros(2_500))).toBe(true);
  expect(isOver({ amountInCents: 1, currency: 'EUR' }, euros(2_500))).toBe(false);
});
