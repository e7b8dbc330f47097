import { system } from '../kit/workflow';
import type { AccountingActivities } from '../systems/accounting/activities';
import type { BonusActivities } from '../systems/bonus/activities';
import type { NotificationsActivities } from '../systems/notifications/activities';
import type { PayrollActivities } from '../systems/payroll/activities';
import { answerSchema, baseDataSchema, moneySchema, textSchema } from './json-schemas';

export const accounting = system<AccountingActivities>('accounting', {
  reads: ['findEmployee', 'calculateBase'],
  byHand: {
    findEmployee: { result: false },
    calculateBase: { result: answerSchema('calculated', { base: moneySchema, baseData: baseDataSchema }) },
    recordBaseData: { skipAs: { status: 'recorded' }, result: answerSchema('recorded', {}) },
  },
});

const bonusByHand = answerSchema('calculated', {
  bonus: moneySchema,
  quarter: { type: 'string', pattern: '^[0-9]{4}-Q[1-4]$' },
  targetBonus: moneySchema,
  achievedBasisPoints: { type: 'integer', minimum: 0 },
});

export const bonuses = system<BonusActivities>('bonus', {
  reads: ['calculateBonus'],
  byHand: {
    calculateBonus: { skipAs: { status: 'no-target' }, result: bonusByHand },
    recalculateBonus: { skipAs: { status: 'no-target' }, result: bonusByHand },
  },
});

export const payroll = system<PayrollActivities>('payroll', {
  pivots: ['bookSalary'],
  byHand: {
    bookSalary: {
      result: answerSchema('booked', { bookingId: textSchema, total: moneySchema, bookedAt: textSchema }),
    },
  },
});

export const notifications = system<NotificationsActivities>('notifications', { kind: 'alert' });
