import type { CaseRecord, OpenTask, Step } from '../../src/kit/client';

/** How many people, customers and agents there are of whom cases are. */
export const employees = 3_000;
export const managers = 200;
const customers = 20_000;
export const agents = 400;

const hour = 3_600_000;
/** Cases began one after the other up to now, so many a day. */
const casesADay = 400;
const now = Date.now();

/** The case of a number, of which the last ones are open: salaries, orders and insurances, as the view knows them. */
export function knownCase(number: number, { of, open }: { of: number; open: number }): CaseRecord {
  const startedAt = now - (of - number) * (86_400_000 / casesADay);
  const isOpen = number >= of - open;
  const kind = number % 20;
  if (kind < 12) return salary(number, startedAt, isOpen);
  return kind < 17 ? order(number, startedAt, isOpen) : insurance(number, startedAt, isOpen);
}

export const employeeOf = (number: number) => `E-${10_000 + (number % employees)}`;
export const managerOf = (number: number) => `M-${100 + (number % managers)}`;
export const agentOf = (number: number) => `A-${1_000 + (number % agents)}`;

function salary(number: number, startedAt: number, isOpen: boolean): CaseRecord {
  const month = new Date(startedAt).toISOString().slice(0, 7);
  const asked = number % 3 === 0 ? { role: 'accountant' } : { role: 'manager', candidates: [managerOf(number)] };
  const names = ['accounting.findEmployee', 'bonus.calculateBonus', 'approveBonus', 'payroll.book', 'payroll.pay'];
  return caseOf('salary', `salary-${employeeOf(number)}-${month}-${number}`, startedAt, isOpen, {
    keys: [`employee:${employeeOf(number)}`, `month:${month}`, `salary:S-${number}`],
    names,
    task: { name: 'approveBonus', title: `Approve the bonus of ${employeeOf(number)}`, ...asked },
    outcome: number % 9 === 0 ? 'paid without bonus' : 'paid',
  });
}

function order(number: number, startedAt: number, isOpen: boolean): CaseRecord {
  const names = ['payments.authorise', 'payments.capture', 'shipments.pack', 'shipments.send', 'invoices.write'];
  return caseOf('order', `order-${number}`, startedAt, isOpen, {
    keys: [`order:O-${number}`, `customer:C-${number % customers}`],
    names,
    outcome: 'delivered',
  });
}

function insurance(number: number, startedAt: number, isOpen: boolean): CaseRecord {
  const names = [
    'contracts.apply',
    'contracts.validate',
    'scoring.request',
    'review',
    'contracts.issue',
    'payouts.pay',
  ];
  return caseOf('insurance', `insurance-${number}`, startedAt, isOpen, {
    keys: [`offer:F-${number}`, `contract:P-${number}`, `agent:${agentOf(number)}`],
    names,
    task: { name: 'review', title: 'Review the application', role: 'operator' },
    outcome: number % 7 === 0 ? 'declined' : 'issued',
  });
}

interface Kind {
  keys: string[];
  names: string[];
  task?: Pick<OpenTask, 'name' | 'title' | 'role'> & { candidates?: string[] };
  outcome: string;
}

/** Open ones wait for their task; those without one have a call that runs or, one in a hundred, that is parked. */
function caseOf(process: string, caseId: string, startedAt: number, isOpen: boolean, kind: Kind): CaseRecord {
  const { keys, names, task, outcome } = kind;
  const at = (hours: number) => new Date(Math.min(now, startedAt + hours * hour)).toISOString();
  const isParked = isOpen && !task && startedAt % 100 === 0;
  const openAt = isOpen ? Math.max(1, names.indexOf(task?.name ?? '')) : names.length;
  const steps = names.slice(0, openAt + 1).map((name, index): Step => {
    const isTask = name === task?.name;
    const ended = index < openAt && { endedAt: at(index + 1), result: '{"amountInCents":412000,"currency":"EUR"}' };
    return {
      ...{ id: `${name}/1`, name, title: isTask ? task.title : name, startedAt: at(index) },
      kind: isTask ? 'task' : 'call',
      status: ended ? 'done' : isParked ? 'parked' : 'open',
      ...(isTask
        ? { role: task.role, ...(task.candidates && { candidates: task.candidates }) }
        : { system: name.split('.')[0] ?? '' }),
      ...(isTask && ended && { by: task.candidates?.[0] ?? 'E-1', decision: 'approve' }),
      ...ended,
    };
  });
  const last = steps.at(-1);
  const waits = isOpen &&
    task &&
    last && { id: last.id, ...task, since: last.startedAt, escalated: false, decisions: ['approve', 'reject'] };
  const error = { type: 'Unavailable', message: '503' };
  return {
    ...{ process, caseId, runId: `run-${caseId}`, restart: 0, keys, steps },
    status: !isOpen ? 'completed' : waits ? 'waiting' : isParked ? 'incident' : 'running',
    waitingFor: waits ? [waits] : [],
    incidents:
      isParked && last
        ? [{ step: last.id, name: last.name, title: last.title, error, since: last.startedAt, retries: 0 }]
        : [],
    startedAt: at(0),
    ...(!isOpen && { endedAt: at(names.length), outcome }),
    historyLength: 12 + 6 * steps.length,
  };
}
