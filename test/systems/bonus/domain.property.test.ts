import fc from 'fast-check';
import { bonusOf, monthlyParts, quarterBonus, quarterPaidIn } from '../../../src/systems/bonus/domain';

const target = fc.integer({ min: 1, max: 1_000_000_000 }).map((amountInCents) => ({ amountInCents, currency: 'EUR' }));
const achieved = fc.oneof(fc.integer({ min: 0, max: 20_000 }), fc.integer({ min: 0, max: 100_000 }));
const quarter = fc.record({ year: fc.integer({ min: 2000, max: 2998 }), quarter: fc.integer({ min: 0, max: 3 }) });

test('the three parts add up to the whole, and differ by the cents left over only', () => {
  fc.assert(
    fc.property(target, (whole) => {
      const [first, second, last] = monthlyParts(whole).map(({ amountInCents }) => amountInCents);
      expect((first ?? 0) + (second ?? 0) + (last ?? 0)).toBe(whole.amountInCents);
      expect(second).toBe(first);
      expect((last ?? 0) - (first ?? 0)).toBeGreaterThanOrEqual(0);
      expect((last ?? 0) - (first ?? 0)).toBeLessThanOrEqual(2);
    }),
  );
});

test('the months of a quarter pay the bonus of the quarter before, no cent more or less', () => {
  fc.assert(
    fc.property(target, achieved, quarter, (of, result, { year, quarter: index }) => {
      const months = [1, 2, 3].map((month) => `${year}-${String(3 * index + month).padStart(2, '0')}`);
      const paid = months.map((month) => bonusOf(month, of, result).amountInCents);
      expect(new Set(months.map(quarterPaidIn)).size).toBe(1);
      expect(paid.reduce((sum, part) => sum + part, 0)).toBe(quarterBonus(of, result).amountInCents);
    }),
  );
});

test('achieving more never pays less, and a larger target never pays less', () => {
  fc.assert(
    fc.property(target, achieved, fc.nat(20_000), fc.nat(1_000_000), (of, result, more, larger) => {
      const { amountInCents } = quarterBonus(of, result);
      expect(quarterBonus(of, result + more).amountInCents).toBeGreaterThanOrEqual(amountInCents);
      const largerTarget = { ...of, amountInCents: of.amountInCents + larger };
      expect(quarterBonus(largerTarget, result).amountInCents).toBeGreaterThanOrEqual(amountInCents);
    }),
  );
});

test('a bonus is nothing below 80 %, at most 175 % of the target, and a whole number of cents', () => {
  fc.assert(
    fc.property(target, achieved, (of, result) => {
      const { amountInCents, currency } = quarterBonus(of, result);
      expect(Number.isSafeInteger(amountInCents)).toBe(true);
      expect(currency).toBe('EUR');
      expect(amountInCents === 0 || result >= 8_000).toBe(true);
      expect(4 * amountInCents).toBeLessThanOrEqual(7 * of.amountInCents + 2);
    }),
  );
});

test('the rule is exact: the bonus is never half a cent off', () => {
  fc.assert(
    fc.property(target, fc.integer({ min: 8_000, max: 15_000 }), (of, result) => {
      const share = result <= 10_000 ? 2 * result : 20_000 + 3 * (result - 10_000);
      const twiceOff =
        2n * (BigInt(quarterBonus(of, result).amountInCents) * 20_000n - BigInt(of.amountInCents) * BigInt(share));
      return twiceOff >= -20_000n && twiceOff <= 20_000n;
    }),
  );
});
