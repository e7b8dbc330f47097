import { setTimeout as sleep } from 'node:timers/promises';
import { cancelCase, decide, describeCase, getCase, resolve, restartCase, startCase } from '../../src/kit/client';
import type { CaseRecord, Decision, NewCase, Resolution, Step } from '../../src/kit/client';
import { readSettings } from '../../src/platform/settings';
import { salaryProcess } from '../../src/processes/salary/process';
import type { SalarySettings } from '../../src/processes/salary/settings';
import type { SalaryInput } from '../../src/processes/salary/workflow';
import type { Fault } from '../../src/service/faults';
import type { Money } from '../../src/service/money';
import type { BaseData } from '../../src/systems/accounting/activities';
import type { Message } from '../../src/systems/notifications/messages';
import type { keptBookingSchema } from '../../src/systems/payroll/schemas';
import type { z } from 'zod';
import { mustBeOnMap } from './on-map';
import type { Stack } from './stack';

export const month = '2026-11';

/** Who is asked by the default settings. */
export const accountant = 'E-1004';
export const financeDirector = 'E-1002';
export const managingDirector = 'E-1001';
export const officeManager = 'E-1003';

export const euros = (amount: number): Money => ({ amountInCents: Math.round(amount * 100), currency: 'EUR' });

export const monthly = (amount: number): BaseData => ({
  kind: 'monthly',
  monthlySalary: euros(amount),
  unpaidDays: 0,
});

/** An employee, and the settings that a salary is calculated with. */
export interface Given {
  caseId: string;
  employee: { id: string; fullName: string };
  manager: { id: string; phone: string };
  settings: SalarySettings;
  /** The administrator's phone, which no other employee's case uses. */
  administrator: string;
}

type Booking = z.infer<typeof keptBookingSchema>;

let people = 0;
const startedIds = new Set<string>();

/**
 * An employee of their own for a test, with 4,200.00 EUR a month and a manager, unless told. `bonus` is what the bonus
 * system will calculate for the month, in euros; without it there is no target. Calls are retried twice, at once.
 */
export async function given(
  stack: Stack,
  options: {
    base?: BaseData | 'missing';
    bonus?: number;
    /** A person that is known already, or nobody. */
    manager?: string | null;
    settings?: Partial<SalarySettings>;
  } = {},
): Promise<Given> {
  const { base = monthly(4_200), bonus, manager } = options;
  const number = (people += 1);
  const employee = { id: `E-${2000 + number}`, fullName: `Employee ${number}` };
  const phones = { manager: `+4915550${20_000 + number}`, administrator: `+4915550${30_000 + number}` };
  const managerId = manager ?? `E-${5000 + number}`;
  const accounting = stack.url('accounting');
  if (manager === undefined) {
    await put(`${accounting}/employees/${managerId}`, {
      fullName: `Manager ${number}`,
      costCentre: 'CC-100',
      phone: phones.manager,
    });
  }
  await put(`${accounting}/employees/${employee.id}`, {
    fullName: employee.fullName,
    costCentre: 'CC-300',
    ...(manager !== null && { managerId }),
  });
  if (base !== 'missing') await enterBase(stack, employee.id, base);
  if (bonus !== undefined) await enterBonus(stack, employee.id, bonus);
  const usual = await readSettings(salaryProcess);
  return {
    caseId: `salary-${employee.id}-${month}`,
    employee,
    manager: { id: managerId, phone: phones.manager },
    administrator: phones.administrator,
    settings: {
      ...usual,
      retries: { attempts: 3, firstAfter: '10 ms', atMostEvery: '20 ms' },
      administrator: { ...usual.administrator, phone: phones.administrator },
      ...options.settings,
    },
  };
}

/** What accounting calculates the base of the month from. */
export async function enterBase(stack: Stack, employeeId: string, baseData: BaseData): Promise<void> {
  await put(`${stack.url('accounting')}/employees/${employeeId}/base-data/${month}`, {
    baseData,
    enteredBy: accountant,
  });
}

/** A target and results by which the month's bonus is of so many euros. */
export async function enterBonus(stack: Stack, employeeId: string, amount: number): Promise<void> {
  const ofEmployee = `${stack.url('bonus')}/employees/${employeeId}`;
  await put(`${ofEmployee}/targets/2026-Q3`, { target: euros(Math.max(amount, 100) * 3) });
  await put(`${ofEmployee}/results/2026-Q3`, { achievedBasisPoints: amount === 0 ? 0 : 10_000 });
}

/** Lets calls fail as told until {@link endAll}; of one system, and in place of what was told before. */
export async function faults(stack: Stack, system: string, ...rules: Fault[]): Promise<void> {
  await put(`${stack.url(system)}/faults`, { rules });
}

/** Starts the case with what the door makes of the employee's id. */
export function start(stack: Stack, on: Given) {
  startedIds.add(on.caseId);
  return startCase(stack.client, newCase(on));
}

/** Starts the case again. */
export function restart(stack: Stack, on: Given) {
  return restartCase(stack.client, newCase(on));
}

function newCase({ caseId, employee: { id }, settings }: Given): NewCase {
  const input: SalaryInput = { employee: id, month, settings };
  return { process: salaryProcess.name, caseId, keys: [`employee:${id}`, `month:${month}`], input };
}

/** The case's record once it is as wanted; fails with the last one when it does not become so. */
export async function caseWhen(
  { client }: Stack,
  caseId: string,
  wanted: (record: CaseRecord) => boolean,
): Promise<CaseRecord> {
  const attempts = 500;
  for (let attempt = 1; ; attempt += 1) {
    const record = await getCase(client, caseId);
    if (wanted(record)) return record;
    if (attempt === attempts) throw new Error(`did not come: ${wanted.toString()}; last: ${JSON.stringify(record)}`);
    await sleep(20);
  }
}

/** Waits until the case waits for a decision on the task alone, and answers with the task. */
export async function untilWaiting(stack: Stack, { caseId }: Given, task: string) {
  const record = await caseWhen(stack, caseId, ({ status, waitingFor: [first] }) => {
    return status === 'waiting' && (first?.id === task || first?.name === task);
  });
  const [open] = record.waitingFor;
  if (!open) throw new Error(`${caseId} waits for nothing`);
  return open;
}

/** Waits until a step is parked, and answers with the incident. */
export async function untilParked(stack: Stack, { caseId }: Given, step: string) {
  const record = await caseWhen(stack, caseId, ({ incidents }) => incidents.some((incident) => incident.step === step));
  const found = record.incidents.find((incident) => incident.step === step);
  if (!found) throw new Error(`${step} is not parked`);
  return found;
}

export function decides({ client }: Stack, { caseId }: Given, decision: Decision) {
  return decide(client, caseId, decision);
}

export function approves(stack: Stack, on: Given, by: string, task = 'approveBonus') {
  return decides(stack, on, { task, decision: 'approve', by });
}

export function resolves({ client }: Stack, { caseId }: Given, resolution: Omit<Resolution, 'by' | 'reason'>) {
  return resolve(client, caseId, { by: 'operator', reason: 'looked into it', ...resolution });
}

export function cancels({ client }: Stack, { caseId }: Given) {
  return cancelCase(client, caseId, { by: 'operator', reason: 'not wanted' });
}

/** Waits until a case with a call under way has heard that it is cancelled. */
export async function untilCancelHeard({ client }: Stack, { caseId }: Given): Promise<void> {
  for (;;) {
    const { events = [] } = await client.workflow.getHandle(caseId).fetchHistory();
    const asked = events?.findIndex(({ workflowExecutionCancelRequestedEventAttributes: request }) => request) ?? -1;
    const heard = events?.slice(asked).some(({ workflowTaskCompletedEventAttributes: task }) => task);
    if (asked >= 0 && heard) return;
    await sleep(20);
  }
}

/** What payroll booked for the employee, undefined when nothing. */
export async function booking(stack: Stack, { employee }: Given): Promise<Booking | undefined> {
  const url = `${stack.url('payroll')}/bookings?employeeId=${employee.id}`;
  const { bookings } = (await get(url)) as { bookings: Booking[] };
  if (bookings.length > 1) throw new Error(`${employee.id} was booked ${bookings.length} times`);
  return bookings[0];
}

/** Texts of the SMS to a phone, oldest first. */
export async function smsTo(stack: Stack, phone: string): Promise<string[]> {
  const { messages } = (await get(`${stack.url('notifications')}/messages?limit=200`)) as { messages: Message[] };
  return messages
    .filter(({ recipient }) => recipient === phone)
    .map(({ text }) => text)
    .reverse();
}

/** Texts of the SMS to a phone once there is one. */
export async function untilSms(stack: Stack, phone: string): Promise<string[]> {
  for (;;) {
    const texts = await smsTo(stack, phone);
    if (texts.length > 0) return texts;
    await sleep(20);
  }
}

/** `<id> <status>` of each step in order. */
export function brief({ steps }: Pick<CaseRecord, 'steps'>): string[] {
  return steps.map(({ id, status }) => `${id} ${status}`);
}

export function stepOf({ steps }: Pick<CaseRecord, 'steps'>, id: string): Step {
  const found = steps.find((step) => step.id === id);
  if (!found) throw new Error(`there is no step ${id} among ${steps.map((step) => step.id).join(', ')}`);
  return found;
}

/** Ends what a test left open, so that the next one's time is its own: for `afterEach`. */
export async function endAll(stack: Stack): Promise<void> {
  await Promise.all(['accounting', 'bonus', 'payroll', 'notifications'].map((system) => faults(stack, system)));
  for (const caseId of startedIds) {
    const { status } = await describeCase(stack.client, caseId);
    await mustBeOnMap(await getCase(stack.client, caseId));
    if (status !== 'running') continue;
    // The time-skipping server skips no more time once a workflow was terminated during an activity.
    const idle = await caseWhen(stack, caseId, ({ steps }) =>
      steps.every(({ status: of, kind }) => of !== 'open' || kind === 'task'),
    );
    if (idle.endedAt === undefined) await stack.client.workflow.getHandle(caseId).terminate('the test is over');
  }
  startedIds.clear();
}

async function put(url: string, body: object): Promise<void> {
  await answered(
    await fetch(url, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }),
  );
}

async function get(url: string): Promise<unknown> {
  return answered(await fetch(url));
}

async function answered(response: Response): Promise<unknown> {
  const body: unknown = await response.json();
  if (!response.ok) throw new Error(`${response.url} answered ${response.status}: ${JSON.stringify(body)}`);
  return body;
}
