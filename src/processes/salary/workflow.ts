import { ApplicationFailure, workflowInfo } from '@temporalio/workflow';
import { addKeys, approve, exclude, onError, outcome, retryCalls, task, type OpenTask } from '../../kit/workflow';
import type { Money } from '../../service/money';
import type { BaseData, Employee } from '../../systems/accounting/activities';
import type { CalculateBonusResult } from '../../systems/bonus/activities';
import type { Approval } from '../../systems/payroll/activities';
import { smsTo } from '../administrator';
import { accounting, bonuses, notifications, payroll } from '../systems';
import { achievementForm, baseDataForm, type Achievement } from './forms';
import { approversOf, idsOf, nothing, phonesOf, type Group } from './rules';
import type { SalarySettings } from './settings';

export interface SalaryInput {
  /** Employee id or full name; the door makes it the id. */
  employee: string;
  /** `YYYY-MM` */
  month: string;
  settings: SalarySettings;
}

export interface SalaryResult {
  /** `already paid`: the month had been booked before, with the amounts given here. */
  outcome: 'paid' | 'paid without bonus' | 'already paid';
  employeeId: string;
  month: string;
  total: Money;
  bookingId: string;
}

/**
 * Calculates, has approved and books the salary of one employee for one month (seed 003).
 * @label Salary calculation
 * @throws ApplicationFailure `employee-unknown` or `employee-ambiguous`, which the door refuses before.
 */
export async function salary({ employee, month, settings }: SalaryInput): Promise<SalaryResult> {
  onError(smsTo(settings.administrator));
  retryCalls(retryPolicy(settings));

  exclude(employee);
  const person = await findEmployee(employee);
  exclude(person.id);

  const inParallel = settings.calculation === 'parallel';
  const [base, calculated] = inParallel
    ? await Promise.all([calculateBase(person, month, settings), calculateBonus(person, month)])
    : [await calculateBase(person, month, settings), await calculateBonus(person, month)];

  const { bonus, approvals } = await approveBonus(person, month, base, calculated, settings);

  const booking = await payroll.bookSalary({
    employeeId: person.id,
    month,
    costCentre: person.costCentre,
    base,
    bonus,
    approvals,
  });
  addKeys({ booking: booking.bookingId });
  const { bookingId, total } = booking;
  return { outcome: outcome(outcomeOf(booking.status, bonus)), employeeId: person.id, month, total, bookingId };
}

async function findEmployee(employee: string): Promise<Employee> {
  const found = await accounting.findEmployee({ employee });
  switch (found.status) {
    case 'found':
      return found.employee;
    case 'unknown':
      throw ApplicationFailure.nonRetryable('No employee has the id or full name given', 'employee-unknown');
    case 'ambiguous': {
      const candidates = found.candidates.map(({ id }) => id).join(', ');
      throw ApplicationFailure.nonRetryable(`Several employees have this name: ${candidates}`, 'employee-ambiguous');
    }
  }
}

/** Missing base data is entered by an accountant, and again while accounting refuses it. */
async function calculateBase(person: Employee, month: string, settings: SalarySettings): Promise<Money> {
  let calculation = await accounting.calculateBase({ employeeId: person.id, month });
  while (calculation.status === 'missing-base-data') {
    await enterBaseData(person, month, settings);
    calculation = await accounting.calculateBase({ employeeId: person.id, month });
  }
  return calculation.base;
}

async function enterBaseData(person: Employee, month: string, settings: SalarySettings): Promise<void> {
  let refusedBefore: { field: string; message: string }[] = [];
  for (;;) {
    const entry = await task<BaseData>('enterBaseData', {
      ...asking({ role: 'accountant', people: settings.accountants }, settings),
      dueIn: settings.dataEntryDueIn,
      shows: { employee: person.id, fullName: person.fullName, month, refusedBefore },
      form: baseDataForm,
    });
    const recorded = await accounting.recordBaseData({
      employeeId: person.id,
      month,
      baseData: entry.data,
      enteredBy: entry.by,
    });
    const dataTaken = recorded.status === 'recorded';
    if (dataTaken) return;
    refusedBefore = recorded.reasons;
  }
}

function calculateBonus(person: Employee, month: string): Promise<CalculateBonusResult> {
  return bonuses.calculateBonus({ employeeId: person.id, month });
}

/** Everybody asked has to approve; a rejected bonus is not paid, or calculated again, as settings say. */
async function approveBonus(
  person: Employee,
  month: string,
  base: Money,
  calculated: CalculateBonusResult,
  settings: SalarySettings,
): Promise<{ bonus: Money; approvals: Approval[] }> {
  const approvals: Approval[] = [];
  const enteredBy: string[] = [];
  let calculation = calculated;
  for (;;) {
    const nothingToApprove = calculation.status === 'no-target' || calculation.bonus.amountInCents === 0;
    if (calculation.status === 'no-target' || nothingToApprove) return { bonus: nothing(base.currency), approvals };

    const { bonus } = calculation;
    const round: Approval[] = [];
    const approvers = approversOf(bonus, person, settings);
    for (const approver of approvers) {
      const approval = await approve('approveBonus', {
        ...asking(approver, settings),
        excluded: [...enteredBy, ...round.map(({ by }) => by)],
        dueIn: settings.approvalDueIn,
        remindAfter: settings.remindAfter,
        shows: { employee: person.id, fullName: person.fullName, month, base, ...calculation },
      });
      round.push({ task: 'approveBonus', decision: approval.decision, by: approval.by, at: approval.at });
      const rejected = approval.decision === 'reject';
      if (rejected) break;
    }
    approvals.push(...round);

    const approved = round.every(({ decision }) => decision === 'approve');
    if (approved) return { bonus, approvals };
    const payWithoutBonus = settings.onRejection === 'pay without bonus';
    if (payWithoutBonus) return { bonus: nothing(base.currency), approvals };

    const entry = await task<Achievement>('enterAchievement', {
      ...asking({ role: 'office manager', people: settings.officeManagers }, settings),
      dueIn: settings.dataEntryDueIn,
      shows: { employee: person.id, fullName: person.fullName, month, rejected: bonus, by: round.at(-1)?.by },
      form: achievementForm,
    });
    enteredBy.push(entry.by);
    calculation = await bonuses.recalculateBonus({
      employeeId: person.id,
      month,
      achievedBasisPoints: entry.data.achievedBasisPoints,
      enteredBy: entry.by,
      reason: entry.data.reason,
    });
  }
}

/** Who is asked, who instead when nobody of them is left or they are late, and how they are told. */
function asking({ role, people }: Group, { escalateTo }: SalarySettings) {
  return {
    role,
    candidates: idsOf(people),
    escalateTo: { role: escalateTo.role, candidates: idsOf(escalateTo.people) },
    tell: ({ title, since, candidates = [] }: OpenTask) =>
      sendSms(
        phonesOf(candidates, [...people, ...escalateTo.people]),
        `${title} waits for you: ${workflowInfo().workflowId}, since ${since.slice(0, 16).replace('T', ' ')} UTC`,
      ),
  };
}

async function sendSms(phones: string[], text: string): Promise<void> {
  await Promise.all(phones.map((recipient) => notifications.sendSms({ recipient, text: `Whereabouts: ${text}` })));
}

function outcomeOf(booking: 'booked' | 'already-booked', bonus: Money): 'paid' | 'paid without bonus' | 'already paid' {
  if (booking === 'already-booked') return 'already paid';
  return bonus.amountInCents > 0 ? 'paid' : 'paid without bonus';
}

function retryPolicy({ retries: { attempts, firstAfter, atMostEvery } }: SalarySettings) {
  return {
    maximumAttempts: attempts,
    initialInterval: firstAfter,
    maximumInterval: atMostEvery,
    backoffCoefficient: 2,
  };
}
