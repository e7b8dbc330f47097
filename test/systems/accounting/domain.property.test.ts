import fc from 'fast-check';
import type { BaseData } from '../../../src/systems/accounting/activities';
import { baseOf, hundredths, refusals, workingDays } from '../../../src/systems/accounting/domain';

const month = fc
  .record({ year: fc.integer({ min: 2000, max: 2999 }), month: fc.integer({ min: 1, max: 12 }) })
  .map(({ year, month }) => `${year}-${String(month).padStart(2, '0')}`);
const cents = fc.integer({ min: 1, max: 1_000_000_000 });
const hoursInHundredths = fc.integer({ min: 0, max: 74_400 });

const monthly = (amountInCents: number, unpaidDays: number): BaseData => ({
  kind: 'monthly',
  monthlySalary: { amountInCents, currency: 'EUR' },
  unpaidDays,
});
const hourly = (inHundredths: number, rateInCents: number): BaseData => ({
  kind: 'hourly',
  hours: inHundredths / 100,
  hourlyRate: { amountInCents: rateInCents, currency: 'EUR' },
  unpaidDays: 0,
});

/** Whether `amount` is the whole number nearest to the fraction, the even one of two. */
function isRoundedHalfEven(amount: number, numerator: bigint, denominator: bigint): boolean {
  const twiceOff = 2n * (BigInt(amount) * denominator - numerator);
  const size = twiceOff < 0n ? -twiceOff : twiceOff;
  return size < denominator || (size === denominator && amount % 2 === 0);
}

test('a month has 20 to 23 working days, and four weeks of five at least', () => {
  fc.assert(
    fc.property(month, (of) => {
      const days = workingDays(of);
      return days >= 20 && days <= 23;
    }),
  );
});

test('every number of hours with two decimals is exact', () => {
  fc.assert(fc.property(hoursInHundredths, (inHundredths) => hundredths(inHundredths / 100) === inHundredths));
});

test('a monthly base is the pro rata share, rounded once, half to even', () => {
  fc.assert(
    fc.property(month, cents, fc.nat(), (of, salary, choice) => {
      const days = workingDays(of);
      const unpaid = choice % (days + 1);
      const { amountInCents } = baseOf(monthly(salary, unpaid), of);
      return isRoundedHalfEven(amountInCents, BigInt(salary) * BigInt(days - unpaid), BigInt(days));
    }),
  );
});

test('an hourly base is hours times rate, rounded once, half to even', () => {
  fc.assert(
    fc.property(month, hoursInHundredths, cents, (of, inHundredths, rate) => {
      const { amountInCents } = baseOf(hourly(inHundredths, rate), of);
      return isRoundedHalfEven(amountInCents, BigInt(inHundredths) * BigInt(rate), 100n);
    }),
  );
});

test('whoever is paid every day gets the whole salary, whoever is paid none gets nothing', () => {
  fc.assert(
    fc.property(month, cents, (of, salary) => {
      expect(baseOf(monthly(salary, 0), of)).toEqual({ amountInCents: salary, currency: 'EUR' });
      expect(baseOf(monthly(salary, workingDays(of)), of)).toEqual({ amountInCents: 0, currency: 'EUR' });
    }),
  );
});

test('another unpaid day never pays more', () => {
  fc.assert(
    fc.property(month, cents, fc.nat(), (of, salary, choice) => {
      const unpaid = choice % workingDays(of);
      return baseOf(monthly(salary, unpaid + 1), of).amountInCents <= baseOf(monthly(salary, unpaid), of).amountInCents;
    }),
  );
});

test('data within the bounds is taken, and unpaid days outside of them are refused', () => {
  fc.assert(
    fc.property(month, cents, fc.integer({ min: -40, max: 40 }), hoursInHundredths, (of, amount, unpaid, hours) => {
      expect(refusals(hourly(hours, amount), { month: of })).toEqual([]);
      const within = unpaid >= 0 && unpaid <= workingDays(of);
      expect(refusals(monthly(amount, unpaid), { month: of })).toHaveLength(within ? 0 : 1);
    }),
  );
});
