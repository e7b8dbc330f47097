import { system } from '../kit/workflow';
import type { AccountingActivities } from '../systems/accounting/activities';
import type { BonusActivities } from '../systems/bonus/activities';
import type { NotificationsActivities } from '../systems/notifications/activities';
import type { PayrollActivities } from '../systems/payroll/activities';

const money = {
  type: 'object',
  properties: { amountInCents: { type: 'integer', minimum: 0 }, currency: { type: 'string', pattern: '^[A-Z]{3}$' } },
  required: ['amountInCents', 'currency'],
  additionalProperties: false,
};

function answer(status: string, properties: Record<string, object>): object {
  return {
    type: 'object',
    properties: { status: { const: status }, ...properties },
    required: ['status', ...Object.keys(properties)],
  };
}

const text = { type: 'string', minLength: 1 };

const bonusByHand = answer('calculated', {
  calculationId: text,
  bonus: money,
  quarter: { type: 'string', pattern: '^[0-9]{4}-Q[1-4]$' },
  targetBonus: money,
  achievedBasisPoints: { type: 'integer', minimum: 0 },
});

const person = {
  type: 'object',
  properties: { id: text, fullName: text, phone: { type: 'string', pattern: '^\\+[1-9][0-9]{6,14}$' } },
  required: ['id', 'fullName'],
  additionalProperties: false,
};

const employee = {
  type: 'object',
  properties: { id: text, fullName: text, costCentre: text, manager: person },
  required: ['id', 'fullName', 'costCentre'],
  additionalProperties: false,
};

export const accounting = system<AccountingActivities>('accounting', {
  byHand: {
    findEmployee: { result: answer('found', { employee }) },
    calculateBase: { result: answer('calculated', { calculationId: text, base: money }) },
    recordBaseData: { skipAs: { status: 'recorded' }, result: answer('recorded', {}) },
  },
});

export const bonuses = system<BonusActivities>('bonus', {
  byHand: {
    calculateBonus: { skipAs: { status: 'no-target' }, result: bonusByHand },
    recalculateBonus: { skipAs: { status: 'no-target' }, result: bonusByHand },
  },
});

export const payroll = system<PayrollActivities>('payroll', {
  byHand: { bookSalary: { result: answer('booked', { bookingId: text, total: money, bookedAt: text }) } },
});

export const notifications = system<NotificationsActivities>('notifications', { kind: 'alert' });
