import { z } from 'zod';
import { moneySchema } from '../../service/schemas';

/** A pseudonymous number: letters, a hyphen, digits. */
export const employeeIdSchema = z
  .string()
  .max(40, 'must have at most 40 characters')
  .regex(/^[A-Z]{1,8}-[0-9]+$/, 'must be an employee id such as "E-1001"')
  .meta({ example: 'E-1001' });

const fullName = z.string().trim().min(1, 'must not be empty').max(200).meta({ example: 'Jonas Weber' });
const costCentre = z.string().trim().min(1, 'must not be empty').max(40).meta({ example: 'CC-300' });
const phone = z
  .string()
  .regex(/^\+[1-9][0-9]{6,14}$/, 'must be a phone number such as "+4915550100001" (E.164)')
  .meta({ example: '+4915550100001' });

const personSchema = z.object({ id: employeeIdSchema, fullName, phone: phone.exactOptional() });

/** An employee as the API gives it. */
export const employeeSchema = z.object({
  id: employeeIdSchema,
  fullName,
  costCentre,
  manager: personSchema.exactOptional().describe('Absent for those who report to nobody'),
});

/** Member `candidates` of the problem `ambiguous-employee`. */
export const candidatesSchema = z.array(z.object({ id: employeeIdSchema, fullName, costCentre }));

/** What is entered about an employee. */
export const employeeChangeSchema = z.strictObject({
  fullName,
  costCentre,
  managerId: employeeIdSchema.optional(),
  phone: phone.optional(),
});

const unpaidDays = z
  .int('must be whole days')
  .describe('Working days of the month that are not paid; 0 for hourly pay');

const baseDataSchema = z.discriminatedUnion(
  'kind',
  [
    z.strictObject({ kind: z.literal('monthly'), monthlySalary: moneySchema, unpaidDays }),
    z.strictObject({
      kind: z.literal('hourly'),
      hours: z.number().describe('0 to 744, at most two decimals'),
      hourlyRate: moneySchema,
      unpaidDays,
    }),
  ],
  'must be "monthly" or "hourly"',
);

/** Base data of a month as entered; its rules are in domain.ts. */
export const baseDataEntrySchema = z.strictObject({
  baseData: baseDataSchema,
  enteredBy: z.string().min(1).max(100).meta({ example: 'E-1004' }),
});

/** Answer to base data that was taken. */
export const recordedSchema = z.object({ status: z.literal('recorded') });

/** Base data of a month as kept. */
export const keptBaseDataSchema = z.object({
  baseData: baseDataSchema,
  enteredBy: z.string(),
  enteredAt: z.string(),
});

/** The base with what it was made of, or that its data is missing. */
export const baseSchema = z.discriminatedUnion('status', [
  z.object({ status: z.literal('calculated'), base: moneySchema, baseData: baseDataSchema }),
  z.object({ status: z.literal('missing-base-data') }),
]);
