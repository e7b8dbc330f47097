import { z } from 'zod';
import { moneySchema, monthSchema } from '../../service/schemas';

/** Most that a quarter's target may be: 10,000,000.00. */
const largestTargetInCents = 1_000_000_000;

/** A pseudonymous number: letters, a hyphen, digits. */
export const employeeIdSchema = z
  .string()
  .max(40, 'must have at most 40 characters')
  .regex(/^[A-Z]{1,8}-[0-9]+$/, 'must be an employee id such as "E-1001"')
  .meta({ example: 'E-1001' });

/** A calendar quarter, `YYYY-Qn`. */
export const quarterSchema = z
  .string()
  .regex(/^2[0-9]{3}-Q[1-4]$/, 'must be a quarter such as "2026-Q3"')
  .meta({ example: '2026-Q3' });

const achievedSchema = z
  .int('must be whole basis points')
  .min(0, 'must not be below 0')
  .max(100_000, 'must not be above 100000 (1,000 %)')
  .describe('Basis points of the target: 10,000 is all of it')
  .meta({ example: 10_500 });

/** A quarter's target bonus: what is paid for achieving all of it. */
export const targetSchema = z.strictObject({
  target: moneySchema.refine(({ amountInCents }) => amountInCents > 0 && amountInCents <= largestTargetInCents, {
    message: `must be 1 to ${largestTargetInCents} cents; no bonus is no target`,
    path: ['amountInCents'],
  }),
});

/** What was achieved in a quarter. */
export const resultSchema = z.strictObject({ achievedBasisPoints: achievedSchema });

/** Whose bonus of which month to calculate from which achievement, entered by whom and why. */
export const recalculationSchema = z.strictObject({
  employeeId: employeeIdSchema,
  month: monthSchema,
  achievedBasisPoints: achievedSchema,
  enteredBy: z.string().trim().min(1, 'must not be empty').max(100).meta({ example: 'E-1003' }),
  reason: z.string().trim().min(1, 'must not be empty').max(2_000),
});

/** The bonus with what it was made of, or that there is no target. */
export const bonusSchema = z.discriminatedUnion('status', [
  z.object({
    status: z.literal('calculated'),
    bonus: moneySchema,
    quarter: quarterSchema,
    targetBonus: moneySchema,
    achievedBasisPoints: achievedSchema,
  }),
  z.object({ status: z.literal('no-target') }),
]);
