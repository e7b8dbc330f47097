import { proportion, type Money } from '../../service/money';
import type { FieldError } from '../../service/problem';
import type { BaseData } from './activities';

/** Most that a monthly salary or an hour may cost: 10,000,000.00. */
const largestRateInCents = 1_000_000_000;
/** Hours of a month of 31 days. */
const mostHours = 744;

/**
 * Full names are the same when they are equal after Unicode normalisation (NFC), without regard to case and to the amount
 * of white space; this is what is compared.
 */
export function nameKey(fullName: string): string {
  return spaced(fullName).toLowerCase().normalize('NFC');
}

/** A full name as it is kept: NFC, one space between the parts. */
export function spaced(fullName: string): string {
  return fullName.normalize('NFC').trim().replace(/\s+/gu, ' ');
}

/** Mondays to Fridays of a month `YYYY-MM`. Public holidays are working days: they are paid. */
export function workingDays(month: string): number {
  const [year = 0, monthOfYear = 0] = month.split('-').map(Number);
  const days = new Date(Date.UTC(year, monthOfYear, 0)).getUTCDate();
  const weekdays = Array.from({ length: days }, (_, day) =>
    new Date(Date.UTC(year, monthOfYear - 1, day + 1)).getUTCDay(),
  );
  return weekdays.filter((weekday) => weekday >= 1 && weekday <= 5).length;
}

/** Hours in whole hundredths; undefined when they have more than two decimals or are no decimal number. */
export function hundredths(hours: number): number | undefined {
  const [, whole, decimals = ''] = /^([0-9]+)(?:\.([0-9]{1,2}))?$/.exec(String(hours)) ?? [];
  return whole === undefined ? undefined : Number(whole) * 100 + Number(decimals.padEnd(2, '0'));
}

/** What is wrong with base data entered for a month; `paidIn` is the currency of the employee's other months. */
export function refusals(baseData: BaseData, { month, paidIn }: { month: string; paidIn?: string }): FieldError[] {
  const found: FieldError[] = [];
  const refuse = (field: string, value: unknown, message: string) => found.push({ field, value, message });

  const [rateField, rate] =
    baseData.kind === 'monthly'
      ? (['monthlySalary', baseData.monthlySalary] as const)
      : (['hourlyRate', baseData.hourlyRate] as const);
  if (rate.amountInCents <= 0 || rate.amountInCents > largestRateInCents) {
    refuse(`${rateField}.amountInCents`, rate.amountInCents, `must be 1 to ${largestRateInCents} cents`);
  }
  if (paidIn !== undefined && rate.currency !== paidIn) {
    refuse(`${rateField}.currency`, rate.currency, `must be ${paidIn}, the currency of the employee's other months`);
  }

  const { unpaidDays } = baseData;
  if (baseData.kind === 'hourly') {
    const { hours } = baseData;
    if (!(hours >= 0 && hours <= mostHours)) refuse('hours', hours, `must be 0 to ${mostHours}`);
    else if (hundredths(hours) === undefined) refuse('hours', hours, 'must have at most two decimals');
    if (unpaidDays !== 0) refuse('unpaidDays', unpaidDays, 'must be 0: of hourly pay only hours worked are entered');
  } else {
    const most = workingDays(month);
    if (!Number.isInteger(unpaidDays) || unpaidDays < 0 || unpaidDays > most) {
      refuse('unpaidDays', unpaidDays, `must be whole days, 0 to the ${most} working days of ${month}`);
    }
  }
  return found;
}

/**
 * The salary base of a month (docs/salary.md): the monthly salary pro rata of the working days that are paid, or hours at
 * their rate. Exact, rounded once, half to even. The base data has no {@link refusals}.
 */
export function baseOf(baseData: BaseData, month: string): Money {
  if (baseData.kind === 'monthly') {
    const days = workingDays(month);
    return proportion(baseData.monthlySalary, days - baseData.unpaidDays, days);
  }
  const hours = hundredths(baseData.hours);
  if (hours === undefined) throw new RangeError(`${baseData.hours} hours have more than two decimals`);
  return proportion(baseData.hourlyRate, hours, 100);
}
