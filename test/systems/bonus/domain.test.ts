import { bonusOf, monthlyParts, quarterBonus, quarterPaidIn } from '../../../src/systems/bonus/domain';
import { moneyIn, workedFigures } from '../../support/worked-figures';

const euros = (amountInCents: number) => ({ amountInCents, currency: 'EUR' });

describe('the worked figures of docs/salary.md', () => {
  const figures = workedFigures('docs/salary.md').filter((row) => 'Achieved' in row);

  test('are six of the bonus', () => {
    expect(figures).toHaveLength(6);
  });

  test.each(figures.map((row) => [row['No.'], row] as const))('No. %s', (_, row) => {
    const month = row['Month'] ?? '';
    const target = moneyIn(row['Target']);
    const [, percent = '', hundredths = ''] = /^([0-9]+)\.([0-9]{2}) %$/.exec(row['Achieved'] ?? '') ?? [];
    const achieved = Number(percent + hundredths);

    expect(quarterPaidIn(month)).toBe(row['Quarter']);
    expect(quarterBonus(target, achieved)).toEqual(moneyIn(row['Bonus of the quarter']));
    expect(bonusOf(month, target, achieved)).toEqual(moneyIn(row['Paid in the month']));
  });
});

test.each([
  ['2026-01', '2025-Q4'],
  ['2026-03', '2025-Q4'],
  ['2026-04', '2026-Q1'],
  ['2026-06', '2026-Q1'],
  ['2026-07', '2026-Q2'],
  ['2026-10', '2026-Q3'],
  ['2026-12', '2026-Q3'],
])('%s pays what was achieved in %s', (month, quarter) => {
  expect(quarterPaidIn(month)).toBe(quarter);
});

test.each([
  [0, 0],
  [7_999, 0],
  [8_000, 80_000],
  [9_999, 99_990],
  [10_000, 100_000],
  [10_001, 100_015],
  [14_999, 174_985],
  [15_000, 175_000],
  [15_001, 175_000],
  [100_000, 175_000],
])('for %i basis points of a target of 1,000.00 the quarter pays %i cents', (achieved, cents) => {
  expect(quarterBonus(euros(100_000), achieved)).toEqual(euros(cents));
});

test.each([
  ['half a cent, to the even one below', 50, 8_100, 40],
  ['half a cent, to the even one above', 50, 8_300, 42],
  ['half a cent above the target', 5, 11_333, 6],
])('given %s, then it is rounded once', (_, target, achieved, cents) => {
  expect(quarterBonus(euros(target), achieved)).toEqual(euros(cents));
});

test('a quarter is paid in three parts, with the cents left over in the last month', () => {
  expect(monthlyParts(euros(100_000))).toEqual([euros(33_333), euros(33_333), euros(33_334)]);
  expect(monthlyParts(euros(99_999))).toEqual([euros(33_333), euros(33_333), euros(33_333)]);
  expect(monthlyParts(euros(2))).toEqual([euros(0), euros(0), euros(2)]);
  expect(
    ['2026-10', '2026-11', '2026-12'].map((month) => bonusOf(month, euros(100_000), 10_000).amountInCents),
  ).toEqual([33_333, 33_333, 33_334]);
});
