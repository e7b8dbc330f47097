import fc from 'fast-check';
import { readSettings } from '../../../src/platform/settings';
import { approversOf, askedOf, dueIn, escalation, isOver } from '../../../src/processes/salary/rules';
import { salaryProcess } from '../../../src/processes/salary/process';
import type { SalarySettings } from '../../../src/processes/salary/settings';
import { euros } from '../../support/salary';

let defaults: SalarySettings;
beforeAll(async () => {
  defaults = await readSettings(salaryProcess);
});

/** Few, so that the same person is often in several roles. */
const id = fc.integer({ min: 1, max: 6 }).map((number) => `E-${number}`);
const person = fc.record({ id, phone: fc.constantFrom('+4915550100001', undefined) });
const people = fc.uniqueArray(person, { selector: (one) => one.id, minLength: 1, maxLength: 4 });
const approvals = fc.array(
  fc.record(
    {
      role: fc.string({ minLength: 1 }),
      people,
      when: fc.constantFrom('always' as const, 'bonus over limit' as const),
    },
    { requiredKeys: ['role', 'when'] },
  ),
  { minLength: 1, maxLength: 4 },
);
const employee = fc
  .record({ id, managerId: fc.option(id) })
  .filter((one) => one.id !== one.managerId)
  .map(({ id: employeeId, managerId }) => ({
    id: employeeId,
    fullName: 'Anna Schmidt',
    costCentre: 'CC-300',
    ...(managerId !== null && { manager: { id: managerId, fullName: 'Jonas Weber' } }),
  }));
const cents = fc.integer({ min: 0, max: 1_000_000_000 });
const company = fc.record({ approvals, escalateTo: fc.record({ role: fc.constant('board'), people }), limit: cents });

const settingsOf = ({ limit, ...given }: { limit: number } & Pick<SalarySettings, 'approvals' | 'escalateTo'>) => ({
  ...defaults,
  ...given,
  bonusLimit: euros(limit / 100),
});

test('nobody approves their own bonus, and nobody approves it twice', () => {
  fc.assert(
    fc.property(cents, employee, company, fc.array(fc.nat()), (bonus, who, given, choices) => {
      const decided: string[] = [];
      for (const [turn, approver] of approversOf(euros(bonus / 100), who, settingsOf(given)).entries()) {
        const { candidates } = approver([who.id, ...decided]);
        const choice = candidates[(choices[turn] ?? 0) % Math.max(candidates.length, 1)];
        if (choice !== undefined) decided.push(choice);
      }
      expect(decided).not.toContain(who.id);
      expect(new Set(decided).size).toBe(decided.length);
    }),
  );
});

test('the approvals asked for are those of the settings in their order, escalated where nobody else is left', () => {
  fc.assert(
    fc.property(cents, employee, company, (bonus, who, given) => {
      const managers = who.manager ? [who.manager] : [];
      const expected = given.approvals
        .filter(({ when }) => when === 'always' || bonus > given.limit)
        .map(({ role, people: named = managers }) => (named.some((one) => one.id !== who.id) ? role : 'board'));
      const asked = approversOf(euros(bonus / 100), who, settingsOf(given)).map((approver) => approver([who.id]));
      expect(asked.map(({ role }) => role)).toEqual(expected);
    }),
  );
});

test('no more approvals are asked for at the limit than below it, and no fewer above it', () => {
  fc.assert(
    fc.property(employee, company, (who, given) => {
      const settings = settingsOf(given);
      const asked = (amountInCents: number) => approversOf({ amountInCents, currency: 'EUR' }, who, settings).length;
      expect(asked(given.limit)).toBe(asked(0));
      expect(asked(given.limit + 1)).toBe(given.approvals.length);
      expect(isOver(euros(given.limit / 100), settings.bonusLimit)).toBe(false);
    }),
  );
});

test('a task goes to those of the role who are not excluded, and to whom it is escalated to when there are none', () => {
  fc.assert(
    fc.property(people, fc.array(id), company, (named, excluded, given) => {
      const settings = settingsOf(given);
      const asked = askedOf('accountant', named, excluded, settings);
      const left = named.filter((one) => !excluded.includes(one.id)).map((one) => one.id);
      const instead = given.escalateTo.people.map((one) => one.id).filter((one) => !excluded.includes(one));
      expect(asked.candidates).toEqual(left.length > 0 ? left : instead);
      expect(escalation(settings, excluded).escalateTo?.candidates ?? []).toEqual(instead);
      expect(dueIn(asked, '3 days')).toBe(asked.candidates.length > 0 ? '3 days' : '1 second');
    }),
  );
});
