import { Ability, AbilityBuilder, type MatchConditions } from '@casl/ability';
import type { CaseRecord, Step } from '../kit/client';
import { roles, type Person, type Role } from './person';

export type Action = 'read' | 'start' | 'decide' | 'resolve' | 'cancel' | 'restart' | 'stop' | 'publish' | 'manage';
/** `Own`: one's own sessions, tokens and password. `Batch`: an act on many cases. */
export type Subject = 'Case' | 'Process' | 'Batch' | 'Event' | 'Audit' | 'Person' | 'Own';

/**
 * The cases that a person may read: all, or those with one of the keys, of one of the processes, or that ask, asked or
 * were decided by the person; a task that names no candidates asks whoever has its role.
 */
export type Readable = 'all' | { keys: string[]; processes: string[]; person: string; roles: Role[] };

type This =
  { kind: 'Case'; record: CaseRecord } | { kind: 'Process'; process: string } | { kind: 'Batch'; madeBy: string };
type Rules = Ability<[Action, Subject | This], MatchConditions>;

/**
 * Who may do what. Whether somebody is a candidate of a task, and four eyes, is held by the workflow as well; that a role
 * is really held, only here. `manage` is every action.
 */
function rulesOf(person: Person): Rules {
  const { can, build } = new AbilityBuilder<Rules>(Ability);
  const is = (...any: Role[]) => any.some((role) => person.roles.includes(role));

  can('manage', 'Own');
  can('read', 'Process');
  can('read', 'Case', ({ record }) => fits(record, person));
  if (!is('auditor') || person.roles.length > 1) {
    can('decide', 'Case', ({ record }) => tasksOf(record).some((task) => asks(task, person)));
    can(['start', 'stop'], 'Batch', ({ madeBy }) => madeBy === person.id);
  }
  can('read', 'Batch', ({ madeBy }) => readable(person) === 'all' || madeBy === person.id);
  if (is('accountant', 'office manager')) can('start', 'Process', ({ process }) => process === 'salary');
  if (is('operator', 'administrator')) {
    can('start', 'Process');
    can(['resolve', 'cancel', 'restart'], 'Case');
    can(['read', 'publish'], 'Event');
  }
  if (is('auditor', 'administrator')) can('read', ['Audit', 'Event', 'Person']);
  if (is('administrator')) {
    can('manage', 'Person');
    can('stop', 'Batch');
  }

  return build({
    conditionsMatcher: (conditions) => conditions,
    detectSubjectType: ({ kind }) => kind,
  });
}

/** The cases that a person may read; the same that {@link mayOn} lets read. */
export function readable({ id, roles: own }: Person): Readable {
  if (own.some((role) => role === 'administrator' || role === 'operator' || role === 'auditor')) return 'all';
  const ofSalary = own.some(
    (role) => role === 'accountant' || role === 'office manager' || role === 'finance director',
  );
  return {
    keys: own.includes('employee') ? [`employee:${id}`] : [],
    processes: ofSalary ? ['salary'] : [],
    person: id,
    roles: own,
  };
}

/** Whether the rules let the person do that at all, to some case or other. */
export function may(person: Person, action: Action, subject: Subject): boolean {
  return rulesOf(person).can(action, subject);
}

/** Whether the rules let the person do that to this case. */
export function mayOn(person: Person, action: Action, record: CaseRecord): boolean {
  return rulesOf(person).can(action, { kind: 'Case', record });
}

/** Whether the rules let the person start a case of the process. */
export function mayStart(person: Person, process: string): boolean {
  return rulesOf(person).can('start', { kind: 'Process', process });
}

/** Whether the rules let the person do that to the batch that somebody made. */
export function mayOnBatch(person: Person, action: 'read' | 'start' | 'stop', madeBy: string): boolean {
  return rulesOf(person).can(action, { kind: 'Batch', madeBy });
}

/** The roles that may do that, to some case or other. */
export function rolesThatMay(action: Action, subject: Subject): Role[] {
  return roles.filter((role) => may({ id: '', name: '', roles: [role] }, action, subject));
}

/**
 * Whether a task is put to the person: by name, or by role where it names no candidates. A role that nobody can have here,
 * see {@link roles}, is every administrator's.
 */
export function asks({ role, candidates }: Pick<Step, 'role' | 'candidates'>, person: Person): boolean {
  if (candidates) return candidates.includes(person.id);
  if (role === undefined) return false;
  const known = roles.find((one) => one === role);
  return person.roles.includes(known ?? 'administrator');
}

function fits(record: CaseRecord, person: Person): boolean {
  const which = readable(person);
  if (which === 'all') return true;
  return (
    record.keys.some((key) => which.keys.includes(key)) ||
    which.processes.includes(record.process) ||
    record.steps.some(({ by }) => by === person.id) ||
    tasksOf(record).some((task) => asks(task, person))
  );
}

/** Tasks of the case, open or not; whoever decided one is told by the workflow that it is decided. */
function tasksOf({ steps, waitingFor }: CaseRecord): Pick<Step, 'role' | 'candidates'>[] {
  return [...steps.filter(({ kind }) => kind === 'task'), ...waitingFor];
}
