import type { Money } from '../../service/money';
import { largestAmountInCents } from '../../service/schemas';
import type { Approval } from './activities';

/** What a salary is booked on. */
export type Account = 'salary-expense' | 'bonus-expense' | 'wages-payable';

/** One line of a booking: debits are above zero, credits below. */
export interface Entry {
  account: Account;
  amountInCents: number;
}

export interface Salary {
  base: Money;
  bonus: Money;
  approvals: Approval[];
}

export type BookingDecision =
  | { status: 'book'; total: Money; entries: Entry[] }
  | { status: 'refused'; type: 'currency-mismatch' | 'approval-missing' | 'amount-too-large'; reason: string };

/**
 * How a salary is booked: base and bonus are expenses, their sum is owed to the employee; lines of zero are left out, and
 * the entries add up to zero. Refused are two currencies, and a bonus that nobody approved.
 */
export function decideBooking({ base, bonus, approvals }: Salary): BookingDecision {
  if (base.currency !== bonus.currency) {
    return refused(
      'currency-mismatch',
      `The base is in ${base.currency}, the bonus in ${bonus.currency}; book one currency.`,
    );
  }
  if (bonus.amountInCents > 0 && !approvals.some(({ decision }) => decision === 'approve')) {
    return refused(
      'approval-missing',
      `A bonus of ${bonus.amountInCents} cents needs an approval with the decision "approve"; there is none among ${approvals.length}.`,
    );
  }
  const totalInCents = base.amountInCents + bonus.amountInCents;
  if (totalInCents > largestAmountInCents) {
    return refused(
      'amount-too-large',
      `Base and bonus are ${totalInCents} cents; at most ${largestAmountInCents} are booked.`,
    );
  }
  const lines: Entry[] = [
    { account: 'salary-expense', amountInCents: base.amountInCents },
    { account: 'bonus-expense', amountInCents: bonus.amountInCents },
    { account: 'wages-payable', amountInCents: -totalInCents },
  ];
  const entries = lines.filter(({ amountInCents }) => amountInCents !== 0);
  return { status: 'book', total: { amountInCents: totalInCents, currency: base.currency }, entries };
}

function refused(type: 'currency-mismatch' | 'approval-missing' | 'amount-too-large', reason: string): BookingDecision {
  return { status: 'refused', type, reason };
}
