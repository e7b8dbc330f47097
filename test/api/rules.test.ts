import { roles, type Person, type Role } from '../../src/api/person';
import { asks, may, mayOn, mayStart, readable, rolesThatMay, type Action, type Subject } from '../../src/api/rules';
import type { CaseRecord, Step } from '../../src/kit/client';

const person = (...own: Role[]): Person => ({ id: 'E-1', name: 'Ada', roles: own });

const actions: Action[] = ['read', 'start', 'decide', 'resolve', 'cancel', 'restart', 'publish', 'manage'];
const subjects: Subject[] = ['Case', 'Process', 'Event', 'Audit', 'Person', 'Own'];

const everybody = ['read Case', 'read Process', 'manage Own'];
const operators = ['start Process', 'resolve Case', 'cancel Case', 'restart Case', 'read Event', 'publish Event'];

/** All that each role may do, to some case or other. */
const allowed: Record<Role, string[]> = {
  administrator: [...everybody, 'decide Case', ...operators, 'manage Person', 'read Audit'],
  operator: [...everybody, 'decide Case', ...operators],
  manager: [...everybody, 'decide Case'],
  'finance director': [...everybody, 'decide Case'],
  'office manager': [...everybody, 'decide Case', 'start Process'],
  accountant: [...everybody, 'decide Case', 'start Process'],
  employee: [...everybody, 'decide Case'],
  auditor: [...everybody, 'read Audit', 'read Event', 'read Person'],
};

test.each(roles)('given somebody who is %s, then they may do what is listed and nothing else', (role) => {
  const done = subjects.flatMap((subject) =>
    actions.filter((action) => may(person(role), action, subject)).map((action) => `${action} ${subject}`),
  );

  const listed = allowed[role].flatMap((one) =>
    one.startsWith('manage ') ? actions.map((action) => one.replace('manage', action)) : one,
  );
  expect(done.sort()).toEqual(listed.sort());
});

test('given somebody with two roles, then they may do what either may', () => {
  const both = person('accountant', 'auditor');

  expect([may(both, 'start', 'Process'), may(both, 'read', 'Audit'), may(both, 'decide', 'Case')]).toEqual([
    true,
    true,
    true,
  ]);
});

test('the roles that may do something are named', () => {
  expect(rolesThatMay('start', 'Process')).toEqual(['administrator', 'operator', 'office manager', 'accountant']);
});

function record(more: Partial<CaseRecord>): CaseRecord {
  return {
    process: 'insurance',
    caseId: 'insurance-1',
    runId: 'run',
    restart: 0,
    keys: [],
    status: 'running',
    steps: [],
    waitingFor: [],
    incidents: [],
    startedAt: '2026-11-22T08:00:00.000Z',
    historyLength: 9,
    ...more,
  };
}

const task = (more: Partial<Step>): Step => ({
  id: 'approve/1',
  name: 'approve',
  kind: 'task',
  title: 'Approve',
  status: 'done',
  startedAt: '2026-11-22T08:00:00.000Z',
  ...more,
});

/** Cases as they stand to E-1. */
const cases = {
  own: record({ process: 'salary', keys: ['employee:E-1', 'month:2026-11'] }),
  'of another employee': record({ process: 'salary', keys: ['employee:E-12', 'month:2026-11'] }),
  'of another process': record({ keys: ['employee:E-12'] }),
  'that asks them': record({ steps: [task({ status: 'open', role: 'manager', candidates: ['E-9', 'E-1'] })] }),
  'that asked them': record({ steps: [task({ role: 'manager', candidates: ['E-1'], by: 'E-9' })] }),
  'that they decided before it was escalated': record({
    steps: [task({ role: 'director', candidates: ['E-9'], by: 'E-1' })],
  }),
  'that asks others of their role': record({
    steps: roles.map((role) => task({ status: 'open', role, candidates: ['E-9'] })),
  }),
  'that asks nobody any more': record({ steps: [task({ status: 'open', role: 'manager', candidates: [] })] }),
  'that asks whoever is manager': record({ steps: [task({ status: 'open', role: 'manager' })] }),
  'that asks a role nobody has here': record({ steps: [task({ status: 'open', role: 'underwriter' })] }),
};
type CaseName = keyof typeof cases;

const asked: CaseName[] = ['that asks them', 'that asked them'];
const concerned: CaseName[] = [...asked, 'that they decided before it was escalated'];
const salary: CaseName[] = ['own', 'of another employee'];
const all = Object.keys(cases) as CaseName[];

const reads: Record<Role, CaseName[]> = {
  administrator: all,
  operator: all,
  manager: [...concerned, 'that asks whoever is manager'],
  'finance director': [...concerned, ...salary],
  'office manager': [...concerned, ...salary],
  accountant: [...concerned, ...salary],
  employee: [...concerned, 'own'],
  auditor: all,
};
const decides: Record<Role, CaseName[]> = {
  administrator: [...asked, 'that asks a role nobody has here'],
  operator: asked,
  manager: [...asked, 'that asks whoever is manager'],
  'finance director': asked,
  'office manager': asked,
  accountant: asked,
  employee: asked,
  auditor: [],
};
const operates = (role: Role): CaseName[] => (role === 'administrator' || role === 'operator' ? all : []);

describe.each(roles)('given somebody who is %s', (role) => {
  test.each(all)('and a case %s, then only what is listed is done to it', (name) => {
    const done = actions.filter((action) => mayOn(person(role), action, cases[name]));

    const listed = [
      reads[role].includes(name) && 'read',
      decides[role].includes(name) && 'decide',
      ...(operates(role).includes(name) ? ['resolve', 'cancel', 'restart'] : []),
    ].filter((action) => action !== false);
    expect(done).toEqual(listed);
  });
});

test.each<[Role, string[]]>([
  ['administrator', ['salary', 'insurance']],
  ['operator', ['salary', 'insurance']],
  ['manager', []],
  ['finance director', []],
  ['office manager', ['salary']],
  ['accountant', ['salary']],
  ['employee', []],
  ['auditor', []],
])('given somebody who is %s, then they start cases of %j', (role, startable) => {
  expect(['salary', 'insurance'].filter((process) => mayStart(person(role), process))).toEqual(startable);
});

test('given somebody who asks for many cases, then the restriction is that of each single one', () => {
  expect(readable(person('operator', 'employee'))).toBe('all');
  expect(readable(person('employee', 'manager'))).toEqual({
    keys: ['employee:E-1'],
    processes: [],
    person: 'E-1',
    roles: ['employee', 'manager'],
  });
  expect(readable(person('accountant'))).toEqual({
    keys: [],
    processes: ['salary'],
    person: 'E-1',
    roles: ['accountant'],
  });
});

test('given a task of a person with a similar id, then it asks that one alone', () => {
  expect(asks({ role: 'manager', candidates: ['E-12'] }, person('manager'))).toBe(false);
});
