import { z } from 'zod';
import { moneySchema, monthSchema, timestampSchema } from '../../service/schemas';

const employeeIdSchema = z
  .string()
  .max(40, 'must have at most 40 characters')
  .regex(/^[A-Z]{1,8}-[0-9]+$/, 'must be an employee id such as "E-1001"')
  .meta({ example: 'E-1001' });

const costCentre = z.string().trim().min(1, 'must not be empty').max(40).meta({ example: 'CC-300' });

const approvalSchema = z.strictObject({
  task: z.string().min(1).meta({ example: 'approveBonus' }),
  decision: z.string().min(1).meta({ example: 'approve' }),
  by: z.string().min(1).meta({ example: 'E-1003' }),
  at: timestampSchema,
});

/** The salary to book. */
export const bookingRequestSchema = z.strictObject({
  employeeId: employeeIdSchema,
  month: monthSchema,
  costCentre,
  base: moneySchema,
  bonus: moneySchema,
  approvals: z.array(approvalSchema).max(100),
});

const booking = {
  bookingId: z.string().meta({ example: 'B-000001' }),
  total: moneySchema,
  bookedAt: timestampSchema,
};

/** What was booked, now or before. */
export const bookingAnswerSchema = z.discriminatedUnion('status', [
  z.object({ status: z.literal('booked'), ...booking }),
  z.object({ status: z.literal('already-booked'), ...booking }),
]);

/** A booking as kept, with its entries and approvals. */
export const keptBookingSchema = z.object({
  ...booking,
  employeeId: employeeIdSchema,
  month: monthSchema,
  costCentre,
  base: moneySchema,
  bonus: moneySchema,
  approvals: z.array(approvalSchema),
  entries: z
    .array(z.object({ account: z.string(), amountInCents: z.int() }))
    .describe('Debits above zero, credits below'),
});

/** Which bookings to list. */
export const bookingsQuerySchema = z.strictObject({
  employeeId: employeeIdSchema.optional(),
  month: monthSchema.optional(),
});
