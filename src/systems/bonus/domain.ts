import { proportion, type Money } from '../../service/money';

/** Basis points of the whole target. */
const wholeTarget = 10_000;
/** Below this nothing is paid. */
const threshold = 8_000;
/** More than this is not paid. */
const cap = 15_000;

/** The quarter whose results are paid in a month: the one before the month's own, e.g. `2026-Q3` for `2026-11`. */
export function quarterPaidIn(month: string): string {
  const { year, quarter } = partsOf(month);
  return quarter === 1 ? `${year - 1}-Q4` : `${year}-Q${quarter - 1}`;
}

/**
 * The bonus of a whole quarter (docs/salary.md): nothing below 80 % of the target, its share up to 100 %, above that one and
 * a half times what exceeds it, counted to 150 % at most. Exact, rounded once, half to even.
 */
export function quarterBonus(target: Money, achievedBasisPoints: number): Money {
  const counted = Math.min(achievedBasisPoints, cap);
  if (counted < threshold) return { ...target, amountInCents: 0 };
  if (counted <= wholeTarget) return proportion(target, counted, wholeTarget);
  return proportion(target, 2 * wholeTarget + 3 * (counted - wholeTarget), 2 * wholeTarget);
}

/** A quarter's bonus as paid in its three months: equal parts, and the cents left over in the last. */
export function monthlyParts({ amountInCents, currency }: Money): [Money, Money, Money] {
  const part = Math.floor(amountInCents / 3);
  return [
    { amountInCents: part, currency },
    { amountInCents: part, currency },
    { amountInCents: amountInCents - 2 * part, currency },
  ];
}

/** The bonus paid in a month for what was achieved in {@link quarterPaidIn}. */
export function bonusOf(month: string, target: Money, achievedBasisPoints: number): Money {
  const [first, second, last] = monthlyParts(quarterBonus(target, achievedBasisPoints));
  const { monthOfQuarter } = partsOf(month);
  return monthOfQuarter === 0 ? first : monthOfQuarter === 1 ? second : last;
}

function partsOf(month: string): { year: number; quarter: number; monthOfQuarter: number } {
  const [year = 0, monthOfYear = 0] = month.split('-').map(Number);
  return { year, quarter: Math.ceil(monthOfYear / 3), monthOfQuarter: (monthOfYear - 1) % 3 };
}
