import { resultOf, startCase } from '../../src/kit/client';
import type { SalarySettings } from '../../src/processes/salary/settings';
import {
  accountant,
  approves,
  caseWhen,
  cancels,
  decides,
  enterBase,
  euros,
  faults,
  financeDirector,
  given,
  managingDirector,
  month,
  monthly,
  officeManager,
  resolves,
  restart,
  start,
  untilCancelHeard,
  untilParked,
  untilWaiting,
  type Given,
} from '../support/salary';
import type { Stack } from '../support/stack';

/** Drives one case to its end, and answers with its id. Each is one way that the salary process can go. */
export type Scenario = (stack: Stack) => Promise<string>;

async function begun(stack: Stack, options: Parameters<typeof given>[1]): Promise<Given> {
  const one = await given(stack, options);
  await start(stack, one);
  return one;
}

async function approved(stack: Stack, one: Given, by = one.manager.id, task = 'approveBonus/1'): Promise<void> {
  await untilWaiting(stack, one, task);
  await approves(stack, one, by);
}

async function rejected(stack: Stack, one: Given): Promise<void> {
  await untilWaiting(stack, one, 'approveBonus/1');
  await decides(stack, one, { task: 'approveBonus', decision: 'reject', by: one.manager.id });
}

async function entered(stack: Stack, one: Given, task: string, data: unknown): Promise<void> {
  await untilWaiting(stack, one, task);
  await decides(stack, one, { task, decision: 'submit', by: accountant, data });
}

async function ended(stack: Stack, { caseId }: { caseId: string }): Promise<string> {
  await resultOf(stack.client, caseId).catch(() => undefined);
  await caseWhen(stack, caseId, ({ endedAt }) => endedAt !== undefined);
  return caseId;
}

async function cancelled(stack: Stack, one: Given): Promise<string> {
  await cancels(stack, one);
  return ended(stack, one);
}

/** Lets the employee's calls of an operation fail for good, or as told. */
const failing = (stack: Stack, { employee }: Given, system: string, operation: string, how: object = {}) =>
  faults(stack, system, { operation, match: { employeeId: employee.id }, when: 'before', status: 422, ...how });

/** Where the history of a scenario is kept. */
export function fileOf(scenario: string): string {
  return `${scenario.replaceAll(/[^a-z]+/g, '-')}.json`;
}

const soon: Partial<SalarySettings> = { remindAfter: '300 ms', approvalDueIn: '600 ms' };

export const scenarios: Record<string, Scenario> = {
  async paid(stack) {
    const one = await begun(stack, { bonus: 500 });
    await approved(stack, one);
    return ended(stack, one);
  },

  async 'one after the other'(stack) {
    const one = await begun(stack, { bonus: 500, settings: { calculation: 'one after the other' } });
    await approved(stack, one);
    return ended(stack, one);
  },

  async 'over the limit'(stack) {
    const one = await begun(stack, { bonus: 3_000 });
    await approved(stack, one);
    await approved(stack, one, financeDirector, 'approveBonus/2');
    return ended(stack, one);
  },

  async 'rejected, paid without bonus'(stack) {
    const one = await begun(stack, { bonus: 500 });
    await rejected(stack, one);
    return ended(stack, one);
  },

  async 'rejected, calculated again'(stack) {
    const one = await begun(stack, { bonus: 500, settings: { onRejection: 'calculate again' } });
    await rejected(stack, one);
    await untilWaiting(stack, one, 'enterAchievement');
    const data = { achievedBasisPoints: 9_000, reason: 'Late order' };
    await decides(stack, one, { task: 'enterAchievement', decision: 'submit', by: officeManager, data });
    await approved(stack, one, one.manager.id, 'approveBonus/2');
    return ended(stack, one);
  },

  async 'no target'(stack) {
    return ended(stack, await begun(stack, {}));
  },

  async 'base data entered twice'(stack) {
    const one = await begun(stack, { base: 'missing', bonus: 500 });
    await entered(stack, one, 'enterBaseData/1', { kind: 'monthly', monthlySalary: euros(0), unpaidDays: 0 });
    await entered(stack, one, 'enterBaseData/2', monthly(4_200));
    await approved(stack, one);
    return ended(stack, one);
  },

  async 'reminded, escalated, overdue'(stack) {
    const one = await begun(stack, { bonus: 500, settings: soon });
    await caseWhen(stack, one.caseId, ({ steps }) => {
      return steps.some(({ name, status }) => name === 'notifications.raiseAlert' && status === 'done');
    });
    await approves(stack, one, managingDirector);
    return ended(stack, one);
  },

  async 'call tried again by the operator'(stack) {
    const one = await given(stack, { bonus: 500 });
    await failing(stack, one, 'bonus', 'calculateBonus');
    await start(stack, one);
    await untilParked(stack, one, 'bonus.calculateBonus/1');
    await faults(stack, 'bonus');
    await resolves(stack, one, { step: 'bonus.calculateBonus', action: 'retry' });
    await approved(stack, one);
    return ended(stack, one);
  },

  async 'reads that were not answered at once'(stack) {
    const one = await given(stack, { bonus: 500 });
    await failing(stack, one, 'accounting', 'calculateBase', { status: 503, times: 1 });
    await failing(stack, one, 'bonus', 'calculateBonus', { status: undefined, latencyMs: 1_500, times: 1 });
    await start(stack, one);
    await approved(stack, one);
    return ended(stack, one);
  },

  async 'bonus skipped'(stack) {
    const one = await given(stack, { bonus: 500 });
    await failing(stack, one, 'bonus', 'calculateBonus');
    await start(stack, one);
    await untilParked(stack, one, 'bonus.calculateBonus/1');
    await resolves(stack, one, { step: 'bonus.calculateBonus', action: 'skip' });
    return ended(stack, one);
  },

  async 'base given by hand'(stack) {
    const one = await given(stack, { bonus: 500 });
    await failing(stack, one, 'accounting', 'calculateBase');
    await start(stack, one);
    await untilParked(stack, one, 'accounting.calculateBase/1');
    const result = { status: 'calculated', base: euros(3_000), baseData: monthly(3_000) };
    await resolves(stack, one, { step: 'accounting.calculateBase', action: 'replace', result });
    await approved(stack, one);
    return ended(stack, one);
  },

  async 'booking failed'(stack) {
    const one = await given(stack);
    await failing(stack, one, 'payroll', 'bookSalary');
    await start(stack, one);
    await untilParked(stack, one, 'payroll.bookSalary/1');
    await resolves(stack, one, { step: 'payroll.bookSalary', action: 'fail' });
    return ended(stack, one);
  },

  async 'cancelled while an approval is awaited'(stack) {
    const one = await begun(stack, { bonus: 500 });
    await untilWaiting(stack, one, 'approveBonus');
    return cancelled(stack, one);
  },

  async 'cancelled while parked'(stack) {
    const one = await given(stack, { bonus: 500 });
    await failing(stack, one, 'bonus', 'calculateBonus');
    await start(stack, one);
    await untilParked(stack, one, 'bonus.calculateBonus/1');
    return cancelled(stack, one);
  },

  async 'cancelled while booking'(stack) {
    const one = await given(stack);
    const held = await stack.hold('payroll', 'bookings');
    await start(stack, one);
    await held.blocking();
    await cancels(stack, one);
    await untilCancelHeard(stack, one);
    await held.release();
    return ended(stack, one);
  },

  async 'started again after a cancellation'(stack) {
    const one = await begun(stack, { bonus: 500 });
    await untilWaiting(stack, one, 'approveBonus');
    await cancelled(stack, one);
    await enterBase(stack, one.employee.id, monthly(5_000));
    await restart(stack, one);
    await approved(stack, one);
    return ended(stack, one);
  },

  async 'already paid'(stack) {
    const one = await given(stack);
    await failing(stack, one, 'payroll', 'bookSalary', { when: 'after', times: 1 });
    await start(stack, one);
    await untilParked(stack, one, 'payroll.bookSalary/1');
    await cancelled(stack, one);
    await restart(stack, one);
    return ended(stack, one);
  },

  async 'told late, since notifications were down'(stack) {
    const one = await given(stack, { bonus: 500 });
    await failing(stack, one, 'bonus', 'calculateBonus');
    const match = { recipient: one.administrator };
    await faults(stack, 'notifications', { operation: 'raiseAlert', match, when: 'before', status: 503, times: 2 });
    await start(stack, one);
    await untilParked(stack, one, 'bonus.calculateBonus/1');
    await resolves(stack, one, { step: 'bonus.calculateBonus', action: 'skip' });
    return ended(stack, one);
  },

  async 'employee unknown'(stack) {
    const { settings } = await given(stack);
    const caseId = `salary-E-9999-${month}`;
    const input = { employee: 'E-9999', month, settings };
    await startCase(stack.client, { process: 'salary', caseId, keys: [], input });
    return ended(stack, { caseId });
  },
};
