/** JSON Schemas (draft 2020-12) of what people enter and operators give by hand. */

export const moneySchema = {
  type: 'object',
  properties: {
    amountInCents: { type: 'integer', minimum: 0, maximum: 1_000_000_000_000 },
    currency: { type: 'string', pattern: '^[A-Z]{3}$' },
  },
  required: ['amountInCents', 'currency'],
  additionalProperties: false,
};

export const textSchema = { type: 'string', minLength: 1 };

const unpaidDays = { type: 'integer', minimum: 0, maximum: 23, title: 'Working days not paid' };

/** Base data of a month: a monthly salary, or hours at a rate. */
export const baseDataSchema = {
  oneOf: [
    {
      type: 'object',
      properties: { kind: { const: 'monthly' }, monthlySalary: moneySchema, unpaidDays },
      required: ['kind', 'monthlySalary', 'unpaidDays'],
      additionalProperties: false,
    },
    {
      type: 'object',
      properties: {
        kind: { const: 'hourly' },
        hours: { type: 'number', minimum: 0, maximum: 744 },
        hourlyRate: moneySchema,
        unpaidDays: { ...unpaidDays, maximum: 0 },
      },
      required: ['kind', 'hours', 'hourlyRate', 'unpaidDays'],
      additionalProperties: false,
    },
  ],
};

/** An answer of a system, told apart by its status; all properties are required. */
export function answerSchema(status: string, properties: Record<string, object>): object {
  return {
    type: 'object',
    properties: { status: { const: status }, ...properties },
    required: ['status', ...Object.keys(properties)],
  };
}
