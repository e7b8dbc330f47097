import fc from 'fast-check';
import type { Approval } from '../../../src/systems/payroll/activities';
import { decideBooking } from '../../../src/systems/payroll/domain';

const euros = (amountInCents: number) => ({ amountInCents, currency: 'EUR' });
const decided = (decision: string): Approval => ({
  task: 'approveBonus',
  decision,
  by: 'E-1005',
  at: '2026-11-21T12:00:00.000Z',
});

test('given base and an approved bonus, then both are expenses and their sum is owed', () => {
  expect(decideBooking({ base: euros(465_050), bonus: euros(80_000), approvals: [decided('approve')] })).toEqual({
    status: 'book',
    total: euros(545_050),
    entries: [
      { account: 'salary-expense', amountInCents: 465_050 },
      { account: 'bonus-expense', amountInCents: 80_000 },
      { account: 'wages-payable', amountInCents: -545_050 },
    ],
  });
});

test('given no bonus, then there is no entry for it and no approval is needed', () => {
  expect(decideBooking({ base: euros(465_050), bonus: euros(0), approvals: [] })).toMatchObject({
    entries: [
      { account: 'salary-expense', amountInCents: 465_050 },
      { account: 'wages-payable', amountInCents: -465_050 },
    ],
  });
});

test.each([
  ['no approval', []],
  ['a rejection only', [decided('reject')]],
])('given a bonus and %s, then it is refused', (_, approvals) => {
  expect(decideBooking({ base: euros(465_050), bonus: euros(1), approvals })).toMatchObject({
    status: 'refused',
    type: 'approval-missing',
  });
});

test('given two currencies, then it is refused', () => {
  const bonus = { amountInCents: 0, currency: 'CHF' };

  expect(decideBooking({ base: euros(465_050), bonus, approvals: [] })).toEqual({
    status: 'refused',
    type: 'currency-mismatch',
    reason: 'The base is in EUR, the bonus in CHF; book one currency.',
  });
});

test('given a sum beyond what is booked, then it is refused', () => {
  const most = euros(1_000_000_000_000);

  expect(decideBooking({ base: most, bonus: euros(0), approvals: [] })).toMatchObject({ status: 'book' });
  expect(decideBooking({ base: most, bonus: euros(1), approvals: [decided('approve')] })).toMatchObject({
    type: 'amount-too-large',
  });
});

test('whatever is booked, the entries add up to zero and the debits to the total', () => {
  const amount = fc.integer({ min: 0, max: 500_000_000_000 }).map(euros);
  fc.assert(
    fc.property(amount, amount, (base, bonus) => {
      const decision = decideBooking({ base, bonus, approvals: [decided('approve')] });
      if (decision.status !== 'book') throw new Error(decision.reason);
      const amounts = decision.entries.map(({ amountInCents }) => amountInCents);
      expect(amounts.reduce((sum, part) => sum + part, 0)).toBe(0);
      expect(amounts.filter((part) => part > 0).reduce((sum, part) => sum + part, 0)).toBe(
        decision.total.amountInCents,
      );
      expect(amounts).not.toContain(0);
    }),
  );
});
