import { z } from 'zod';

const currencies = new Set(Intl.supportedValuesOf('currency'));

/** Most that one amount may be: 10,000,000,000.00. */
export const largestAmountInCents = 1_000_000_000_000;

/** Money as JSON: whole cents not below zero, and an ISO 4217 currency. */
export const moneySchema = z.strictObject({
  amountInCents: z
    .int('must be a whole number of cents')
    .min(0, 'must not be below 0')
    .max(largestAmountInCents, `must not be above ${largestAmountInCents}`)
    .meta({ example: 420_000 }),
  currency: z
    .string()
    .refine((code) => currencies.has(code), 'must be an ISO 4217 currency code such as "EUR"')
    .meta({ example: 'EUR' }),
});

/** A calendar month, `YYYY-MM`, of the years 2000 to 2999. */
export const monthSchema = z
  .string()
  .regex(/^2[0-9]{3}-(0[1-9]|1[0-2])$/, 'must be a month such as "2026-11"')
  .meta({ example: '2026-11' });

/** A moment in UTC, ISO 8601. */
export const timestampSchema = z.iso
  .datetime('must be a UTC time such as "2026-11-21T12:00:00Z"')
  .meta({ example: '2026-11-21T12:00:00.000Z' });
