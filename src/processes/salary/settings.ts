import { msToNumber } from '@temporalio/common/lib/time';
import { z } from 'zod';
import { administrator, duration, phone } from '../settings-fields';

const text = z.string().min(1, 'must not be empty');
const person = z.strictObject({ id: text, phone: phone.optional() });
const people = z.array(person).min(1, 'must name at least one person');

const money = z.strictObject({
  amountInCents: z.int().min(0),
  currency: z.string().regex(/^[A-Z]{3}$/, 'must be a currency code such as "EUR"'),
});

/** What a user configures about the salary process; `settings/salary.yaml` explains each and holds the defaults. */
export const salarySettings = z.strictObject({
  calculation: z.enum(['parallel', 'one after the other']),
  bonusLimit: money,
  approvals: z
    .array(
      z.strictObject({
        role: text,
        /** Absent: the employee's own manager. */
        people: people.optional(),
        when: z.enum(['always', 'bonus over limit']),
      }),
    )
    .refine((approvals) => approvals.some(({ when }) => when === 'always'), {
      message: 'must name somebody who is asked "always": no bonus is paid without an approval',
    }),
  approvalDueIn: duration,
  remindAfter: duration,
  escalateTo: z.strictObject({ role: text, people }),
  onRejection: z.enum(['pay without bonus', 'calculate again']),
  officeManagers: people,
  accountants: people,
  dataEntryDueIn: duration,
  retries: z
    .strictObject({ attempts: z.int().min(1).max(100), firstAfter: duration, atMostEvery: duration })
    .refine(({ firstAfter, atMostEvery }) => msToNumber(firstAfter) <= msToNumber(atMostEvery), {
      message: 'must not be longer than atMostEvery',
      path: ['firstAfter'],
    }),
  administrator,
});

export type SalarySettings = z.infer<typeof salarySettings>;
