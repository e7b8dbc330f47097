import type { BaseData } from '../../../src/systems/accounting/activities';
import { baseOf, hundredths, nameKey, refusals, workingDays } from '../../../src/systems/accounting/domain';
import { moneyIn, workedFigures } from '../../support/worked-figures';

const euros = (amountInCents: number) => ({ amountInCents, currency: 'EUR' });
const monthly = (amountInCents: number, unpaidDays = 0): BaseData => ({
  kind: 'monthly',
  monthlySalary: euros(amountInCents),
  unpaidDays,
});
const hourly = (hours: number, rateInCents = 1_890, unpaidDays = 0): BaseData => ({
  kind: 'hourly',
  hours,
  hourlyRate: euros(rateInCents),
  unpaidDays,
});

describe('the worked figures of docs/salary.md', () => {
  const figures = workedFigures('docs/salary.md').filter((row) => 'Base' in row);

  test('are twelve with those of the bonus', () => {
    expect(workedFigures('docs/salary.md').map((row) => row['No.'])).toEqual(
      Array.from({ length: 12 }, (_, index) => String(index + 1)),
    );
    expect(figures).toHaveLength(6);
  });

  test.each(figures.map((row) => [row['No.'], row] as const))('No. %s', (_, row) => {
    const month = row['Month'] ?? '';
    const [, paidDays, days] = /^([0-9]+) of ([0-9]+) days$/.exec(row['Paid'] ?? '') ?? [];
    const [, hours] = /^([0-9.]+) hours$/.exec(row['Paid'] ?? '') ?? [];
    const rate = moneyIn(row['Pay']);

    if (row['Pay']?.endsWith('a month')) {
      expect(workingDays(month)).toBe(Number(days));
      const baseData: BaseData = { kind: 'monthly', monthlySalary: rate, unpaidDays: Number(days) - Number(paidDays) };
      expect(baseOf(baseData, month)).toEqual(moneyIn(row['Base']));
    } else {
      expect(row['Pay']).toMatch(/an hour$/);
      const baseData: BaseData = { kind: 'hourly', hours: Number(hours), hourlyRate: rate, unpaidDays: 0 };
      expect(baseOf(baseData, month)).toEqual(moneyIn(row['Base']));
    }
  });
});

describe('working days', () => {
  test.each([
    ['2026-02', 20],
    ['2026-11', 21],
    ['2026-12', 23],
    ['2027-01', 21],
    ['2028-02', 21],
  ])('of %s are %i', (month, days) => {
    expect(workingDays(month)).toBe(days);
  });
});

describe('hours', () => {
  test.each([
    [0, 0],
    [7.35, 735],
    [37.75, 3_775],
    [152, 15_200],
    [744, 74_400],
    [1.1, 110],
    [4.35, 435],
    [1.005, undefined],
    [0.1 + 0.2, undefined],
    [1e-7, undefined],
    [1e21, undefined],
    [-1, undefined],
    [Number.NaN, undefined],
  ])('%p are %p hundredths', (hours, expected) => {
    expect(hundredths(hours)).toBe(expected);
  });
});

describe('base data', () => {
  const november = { month: '2026-11' };

  test.each<[string, BaseData]>([
    ['a cent a month', monthly(1)],
    ['the largest salary', monthly(1_000_000_000)],
    ['a month without a paid day', monthly(420_000, 21)],
    ['no hours', hourly(0)],
    ['all hours of the longest month', hourly(744)],
    ['hours with two decimals', hourly(151.75)],
  ])('given %s, then it is taken', (_, baseData) => {
    expect(refusals(baseData, november)).toEqual([]);
  });

  test.each<[string, BaseData, string, string]>([
    ['no salary', monthly(0), 'monthlySalary.amountInCents', 'must be 1 to 1000000000 cents'],
    ['too much salary', monthly(1_000_000_001), 'monthlySalary.amountInCents', 'must be 1 to 1000000000 cents'],
    [
      'more unpaid days than there are',
      monthly(420_000, 22),
      'unpaidDays',
      'must be whole days, 0 to the 21 working days of 2026-11',
    ],
    [
      'unpaid days below zero',
      monthly(420_000, -1),
      'unpaidDays',
      'must be whole days, 0 to the 21 working days of 2026-11',
    ],
    ['half a day', monthly(420_000, 0.5), 'unpaidDays', 'must be whole days, 0 to the 21 working days of 2026-11'],
    ['no rate', hourly(100, 0), 'hourlyRate.amountInCents', 'must be 1 to 1000000000 cents'],
    ['hours below zero', hourly(-0.01), 'hours', 'must be 0 to 744'],
    ['more hours than a month has', hourly(744.01), 'hours', 'must be 0 to 744'],
    ['no number of hours', hourly(Number.NaN), 'hours', 'must be 0 to 744'],
    ['hours with three decimals', hourly(7.125), 'hours', 'must have at most two decimals'],
    [
      'unpaid days of hourly pay',
      hourly(100, 1_890, 1),
      'unpaidDays',
      'must be 0: of hourly pay only hours worked are entered',
    ],
  ])('given %s, then it is refused with the field and the reason', (_, baseData, field, message) => {
    expect(refusals(baseData, november)).toEqual([expect.objectContaining({ field, message })]);
  });

  test('given several things wrong, then each is named with its value', () => {
    expect(refusals(hourly(7.125, 0, 2), november)).toEqual([
      expect.objectContaining({ field: 'hourlyRate.amountInCents', value: 0 }),
      expect.objectContaining({ field: 'hours', value: 7.125 }),
      expect.objectContaining({ field: 'unpaidDays', value: 2 }),
    ]);
  });

  test('given another currency than the other months, then it is refused', () => {
    expect(refusals(monthly(420_000), { ...november, paidIn: 'CHF' })).toEqual([
      {
        field: 'monthlySalary.currency',
        value: 'EUR',
        message: "must be CHF, the currency of the employee's other months",
      },
    ]);
    expect(refusals(monthly(420_000), { ...november, paidIn: 'EUR' })).toEqual([]);
  });
});

describe('full names', () => {
  test.each([
    ['Jonas Weber', 'jonas  WEBER '],
    ['Sabine Krüger', 'Sabine Kru\u0308ger'],
    ['Sabine KRÜGER', 'sabine kru\u0308ger'],
    ['Ana\u00a0Maria Ruiz', 'ana maria ruiz'],
  ])('%s and %s are the same', (one, other) => {
    expect(nameKey(one)).toBe(nameKey(other));
  });

  test('other names are others', () => {
    expect(nameKey('Anna Schmidt')).not.toBe(nameKey('Anne Schmidt'));
    expect(nameKey('Anna Schmidt')).not.toBe(nameKey('AnnaSchmidt'));
  });
});
