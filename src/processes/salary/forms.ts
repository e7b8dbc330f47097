import { baseDataSchema } from '../json-schemas';

/** What an accountant enters for a month: a monthly salary, or hours at a rate. */
export const baseDataForm = {
  title: 'Base data of the month',
  examples: [{ kind: 'monthly', monthlySalary: { amountInCents: 420_000, currency: 'EUR' }, unpaidDays: 0 }],
  ...baseDataSchema,
};

/** What an office manager enters after a bonus was rejected. */
export interface Achievement {
  achievedBasisPoints: number;
  reason: string;
}

export const achievementForm = {
  title: 'What was achieved of the target',
  examples: [{ achievedBasisPoints: 8_000, reason: 'two projects were late' }],
  type: 'object',
  properties: {
    achievedBasisPoints: { type: 'integer', minimum: 0, maximum: 100_000, title: 'Achieved (10,000 is all of it)' },
    reason: { type: 'string', pattern: '\\S', maxLength: 2_000 },
  },
  required: ['achievedBasisPoints', 'reason'],
  additionalProperties: false,
};
