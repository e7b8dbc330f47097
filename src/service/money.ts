/** An exact amount of money: integer minor units (cents) and an ISO 4217 currency code. */
export interface Money {
  amountInCents: number;
  currency: string;
}

/**
 * `amount x numerator / denominator` in whole cents, computed exactly and rounded once, half to even. All three are
 * integers not below zero, the denominator is above it.
 */
export function proportion({ amountInCents, currency }: Money, numerator: number, denominator: number): Money {
  const product = BigInt(amountInCents) * BigInt(numerator);
  const divisor = BigInt(denominator);
  const quotient = product / divisor;
  const twiceRest = 2n * (product % divisor);
  const roundUp = twiceRest > divisor || (twiceRest === divisor && quotient % 2n === 1n);
  return { amountInCents: Number(roundUp ? quotient + 1n : quotient), currency };
}
