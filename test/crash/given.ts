import type { Decision, NewCase, Resolution } from '../../src/kit/client';
import { readSettings } from '../../src/platform/settings';
import { salaryProcess } from '../../src/processes/salary/process';
import type { SalarySettings } from '../../src/processes/salary/settings';
import type { SalaryInput, SalaryResult } from '../../src/processes/salary/workflow';
import type { Fault } from '../../src/service/faults';
import type { Installation } from './installation';
import { systemOf, type CasePlan, type Operation, type Scenario } from './scenario';

export const month = '2026-11';
const quarter = '2026-Q3';
const accountant = 'E-1004';
const officeManager = 'E-1003';

/** A case as it is to be played, and what has to come of it. */
export interface GivenCase {
  plan: CasePlan;
  newCase: NewCase;
  employeeId: string;
  /** Whom the case texts by SMS: the approvers, when they are reminded. */
  phones: { manager: string; director: string };
  /** In the order in which they are due; `after` counts the reminders that the person has to have had before. */
  decisions: (Decision & { data?: unknown; reminders?: { phone: string; after: number } })[];
  resolution?: Omit<Resolution, 'step'>;
  expected: Expected;
}

export interface Expected {
  /** Undefined: an operator let the case fail, or it is left open. */
  outcome: SalaryResult['outcome'] | undefined;
  /** The step at which the case is left open. */
  leftAt?: string;
  booking?: { baseInCents: number; bonusInCents: number; approvals: { task: string; decision: string; by: string }[] };
  /** How often a bonus is calculated again, exactly; undefined when the case does not end well. */
  recalculations?: number;
  /** What went wrong, as the administrator is told. */
  cause?: string;
  reminders: Record<string, number>;
}

/** Enters what the systems have to know for the run `number` of an installation, and sets their faults. */
export async function enterGiven(
  installation: Installation,
  { cases, kills }: Scenario,
  number: number,
): Promise<{ cases: GivenCase[]; administrator: string }> {
  const usual = await readSettings(salaryProcess);
  const administrator = phone(number, 0);
  const all = cases.map((plan, index) => describe(plan, { number, index, usual, administrator }));
  for (const each of all) await enter(installation, each);

  const rules: { system: string; rule: Fault }[] = [];
  const add = (operation: Operation, of: GivenCase, fault: Omit<Fault, 'operation' | 'match'>) =>
    rules.push({ system: systemOf[operation], rule: { operation, match: requestsOf(operation, of), ...fault } });
  for (const each of all) {
    const { trouble } = each.plan;
    switch (trouble?.kind) {
      case 'refuses':
        add(trouble.operation, each, { when: 'before', status: 503, times: 2 });
        break;
      case 'loses its answer':
        add(trouble.operation, each, { when: 'after', status: 503, times: 1 });
        break;
      case 'breaks off':
        add(trouble.operation, each, { when: 'after', disconnect: true, times: 1 });
        break;
      case 'fails':
        add(trouble.operation, each, { when: 'before', status: 422, type: problemOf(each.plan) });
        break;
      case undefined:
    }
  }
  // The first rule that fits a request hits it alone: a call that is refused is held up when it is tried again.
  for (const { moment } of kills) {
    if (moment.at !== 'call') continue;
    add(moment.operation, all[moment.case] as GivenCase, { when: moment.timing, latencyMs: longestCallMs, times: 1 });
  }
  for (const system of ['accounting', 'bonus', 'payroll', 'notifications']) {
    const own = rules.filter((each) => each.system === system).map(({ rule }) => rule);
    await put(`${installation.url(system)}/faults`, { rules: own });
  }
  if (kills.some(({ moment }) => moment.at === 'sms')) installation.provider.misbehave('hold-after-taking');
  return { cases: all, administrator };
}

/** The problem that a system answers until {@link repair}, which nobody does for a case that is left open. */
function problemOf({ leftOpen }: CasePlan): string {
  return leftOpen ? 'broken-for-good' : 'broken';
}

/** The operation works again that fails for good in this case. */
export async function repair(installation: Installation, { plan, ...of }: GivenCase): Promise<void> {
  const { trouble } = plan;
  if (!trouble) return;
  const match = JSON.stringify(requestsOf(trouble.operation, of));
  await installation.sql(
    systemOf[trouble.operation],
    'delete from faults where operation = $1 and match = $2 and type = $3',
    [trouble.operation, match, problemOf(plan)],
  );
}

/** How long a call is held up during which something is killed. */
const longestCallMs = 2_500;

/** What tells the requests of a case from those of others. */
export function requestsOf(
  operation: Operation,
  { employeeId, newCase, phones }: Pick<GivenCase, 'employeeId' | 'newCase' | 'phones'>,
): Record<string, string> {
  if (operation === 'sendSms') return { recipient: phones.manager };
  return systemOf[operation] === 'notifications' ? { subject: newCase.caseId } : { employeeId };
}

interface Surroundings {
  number: number;
  index: number;
  usual: SalarySettings;
  administrator: string;
}

function describe(plan: CasePlan, { number, index, usual, administrator }: Surroundings): GivenCase {
  const employeeId = `E-${100_000 + number * 10 + index}`;
  const people = { manager: `M-${100_000 + number * 10 + index}`, director: 'E-1002' };
  const phones = { manager: phone(number, 1 + index), director: phone(number, 11 + index) };
  const settings: SalarySettings = {
    ...usual,
    approvals: [
      { role: 'manager', when: 'always' },
      { role: 'finance director', people: [{ id: people.director, phone: phones.director }], when: 'bonus over limit' },
    ],
    onRejection: plan.manager === 'rejects, then approves' ? 'calculate again' : 'pay without bonus',
    ...(plan.reminded && { remindAfter: '1 second' as const }),
    retries: { attempts: 100, firstAfter: '100 milliseconds', atMostEvery: '1 second' },
    administrator: { phone: administrator, windowInMinutes: 60 },
  };
  const input: SalaryInput = { employee: employeeId, month, settings };
  const newCase: NewCase = {
    process: 'salary',
    caseId: `salary-${employeeId}-${month}`,
    keys: [`employee:${employeeId}`, `month:${month}`],
    input,
  };
  const toTheEnd = { plan, newCase, employeeId, phones, ...decisionsOf(plan, people, phones, index) };
  const given = plan.leftOpen ? leftOpen(toTheEnd) : toTheEnd;
  const parked = plan.trouble?.kind === 'fails' ? plan.trouble : undefined;
  if (!parked || plan.leftOpen) return given;
  const { resolution: action } = parked;
  const result = { status: 'calculated', ...byHand };
  const resolution = { action, by: 'operator', reason: 'looked into it', ...(action === 'replace' && { result }) };
  return { ...given, resolution };
}

/** The same, played up to its last approval; nobody resolves its call that fails. */
function leftOpen({ decisions, ...given }: GivenCase): GivenCase {
  const { trouble } = given.plan;
  const { cause } = given.expected;
  const leftAt = trouble ? `${stepOf[trouble.operation]}/1` : decisions.at(-1)?.task;
  return {
    ...given,
    decisions: decisions.slice(0, -1),
    expected: { outcome: undefined, reminders: {}, ...(leftAt && { leftAt }), ...(cause && { cause }) },
  };
}

const byHand = {
  bonus: euros(50_000),
  quarter,
  targetBonus: euros(150_000),
  achievedBasisPoints: 10_000,
};

/** Who decides what until the salary is booked, and what is booked then. */
function decisionsOf(
  plan: CasePlan,
  people: { manager: string; director: string },
  phones: { manager: string; director: string },
  index: number,
): Pick<GivenCase, 'decisions' | 'expected'> {
  const decisions: GivenCase['decisions'] = [];
  const approvals: { task: string; decision: string; by: string }[] = [];
  const reminders: Record<string, number> = {};
  let round = 0;
  const asks = (who: 'manager' | 'director', decision: 'approve' | 'reject') => {
    const by = people[who];
    const reminder = plan.reminded && {
      reminders: { phone: phones[who], after: (reminders[phones[who]] = (reminders[phones[who]] ?? 0) + 1) },
    };
    decisions.push({ task: `approveBonus/${(round += 1)}`, decision, by, ...reminder });
    approvals.push({ task: 'approveBonus', decision, by });
  };
  const approved = (bonusInCents: number) => {
    asks('manager', 'approve');
    if (bonusInCents > 250_000) asks('director', 'approve');
    return bonusInCents;
  };

  const parked = plan.trouble?.kind === 'fails' ? plan.trouble : undefined;
  const bonusParked = parked?.operation === 'calculateBonus' ? parked.resolution : undefined;
  const calculatedInCents = bonusOf(plan, index);
  const first = bonusParked === 'skip' ? 0 : bonusParked === 'replace' ? byHand.bonus.amountInCents : calculatedInCents;
  const again = plan.manager === 'rejects, then approves';

  if (plan.base === 'missing') {
    decisions.push({ task: 'enterBaseData/1', decision: 'submit', by: accountant, data: baseData(index) });
  }
  let bonusInCents = 0;
  if (first > 0 && plan.manager === 'approves') bonusInCents = approved(first);
  else if (first > 0) {
    asks('manager', 'reject');
    if (again) {
      const data = { achievedBasisPoints: 9_000, reason: 'a customer has left' };
      decisions.push({ task: 'enterAchievement/1', decision: 'submit', by: officeManager, data });
      bonusInCents = approved((calculatedInCents * 9) / 10);
    }
  }
  const failed = parked?.resolution === 'fail';
  return {
    decisions,
    expected: {
      outcome: failed ? undefined : bonusInCents > 0 ? 'paid' : 'paid without bonus',
      ...(!failed && {
        booking: { baseInCents: baseOf(index), bonusInCents, approvals },
        recalculations: first > 0 && again ? 1 : 0,
      }),
      ...(parked && { cause: `salary: ${stepOf[parked.operation]} failed (${problemOf(plan)})` }),
      reminders: failed ? {} : reminders,
    },
  };
}

const stepOf: Record<Operation, string> = {
  getEmployee: 'accounting.findEmployee',
  calculateBase: 'accounting.calculateBase',
  recordBaseData: 'accounting.recordBaseData',
  calculateBonus: 'bonus.calculateBonus',
  recalculateBonus: 'bonus.recalculateBonus',
  bookSalary: 'payroll.bookSalary',
  raiseAlert: 'notifications.raiseAlert',
  clearAlert: 'notifications.clearAlert',
  sendSms: 'notifications.sendSms',
};

async function enter(installation: Installation, { plan, employeeId, phones }: GivenCase): Promise<void> {
  const accounting = `${installation.url('accounting')}/employees`;
  const managerId = employeeId.replace('E-', 'M-');
  await put(`${accounting}/${managerId}`, {
    fullName: `Manager of ${employeeId}`,
    costCentre: 'CC-100',
    phone: phones.manager,
  });
  await put(`${accounting}/${employeeId}`, { fullName: `Employee ${employeeId}`, costCentre: 'CC-300', managerId });
  const index = Number(employeeId.slice(-1));
  if (plan.base === 'known') {
    const entry = { baseData: baseData(index), enteredBy: accountant };
    await put(`${accounting}/${employeeId}/base-data/${month}`, entry);
  }
  if (plan.bonus === 'none') return;
  const ofEmployee = `${installation.url('bonus')}/employees/${employeeId}`;
  await put(`${ofEmployee}/targets/${quarter}`, { target: euros(bonusOf(plan, index) * 3) });
  await put(`${ofEmployee}/results/${quarter}`, { achievedBasisPoints: 10_000 });
}

function euros(amountInCents: number) {
  return { amountInCents, currency: 'EUR' };
}

function baseOf(index: number): number {
  return 420_000 + index * 1_001;
}

function baseData(index: number) {
  return { kind: 'monthly', monthlySalary: euros(baseOf(index)), unpaidDays: 0 };
}

/** What is paid in the month for a third of the quarter's target; whole tens, so that 90 % of it are whole cents. */
function bonusOf({ bonus }: CasePlan, index: number): number {
  if (bonus === 'none') return 0;
  return (bonus === 'over limit' ? 300_000 : 30_000) + index * 10;
}

function phone(number: number, person: number): string {
  return `+49155${String(number).padStart(5, '0')}${String(person).padStart(2, '0')}`;
}

async function put(url: string, body: object): Promise<void> {
  const response = await fetch(url, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
}
