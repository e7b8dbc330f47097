import { Client, Connection } from '@temporalio/client';
import { roles, type Role } from '../../src/api/person';
import { Problem } from '../../src/service/problem';
import { confirmCase } from '../../src/view/keep';
import { approvalBy, at, record } from '../view/records';
import { runApi, type Answer, type RunningApi } from './api';
import { operationsOf } from './requests';

let api: RunningApi;

const letThrough = async (): Promise<never> => {
  throw new Problem(418, 'let-through', 'The rules let the person start a case.');
};
const idOf = (role: Role) => role.replace(' ', '-');

beforeAll(async () => {
  const connection = Connection.lazy({ address: '127.0.0.1:1', connectTimeout: 1, interceptors: [] });
  api = await runApi(new Client({ connection }), { open: letThrough, reopen: letThrough });
  for (const role of roles) await api.enter(idOf(role), role);
  for (const [caseId, candidates] of [
    ['own', roles.map(idOf)],
    ['foreign', ['nobody']],
  ] as const) {
    const one = record(caseId, { process: 'order', ...approvalBy([...candidates], at(9)) });
    await confirmCase(api.view.db, { record: one, runStartedAt: one.startedAt, confirmedAt: at(12) });
  }
});
afterAll(() => api.stop());

const everybody = [...roles];
const administrators: Role[] = ['administrator'];
const operators: Role[] = ['administrator', 'operator'];
const readers: Role[] = ['administrator', 'auditor'];
const actors = everybody.filter((role) => role !== 'auditor');
const readAll: Role[] = ['administrator', 'operator', 'auditor'];

/** Every route that is about no case: who may use it at all, signed in by a token. */
const table: Record<string, Role[] | 'anyone' | 'nobody by token'> = {
  'GET /healthz': 'anyone',
  'GET /readyz': 'anyone',
  'GET /metrics': readers,
  'POST /api/session': 'anyone',
  'GET /api/session': everybody,
  'DELETE /api/session': 'nobody by token',
  'GET /api/sessions': everybody,
  'DELETE /api/sessions/{id}': everybody,
  'POST /api/password': 'anyone',
  'GET /api/tokens': everybody,
  'POST /api/tokens': 'nobody by token',
  'DELETE /api/tokens/{id}': everybody,
  'GET /api/people': readers,
  'POST /api/people': administrators,
  'PATCH /api/people/{id}': administrators,
  'POST /api/people/{id}/codes': administrators,
  'GET /api/audit': readers,
  'GET /api/processes': everybody,
  'GET /api/processes/{process}/map': everybody,
  'POST /api/processes/{process}/cases': [...operators, 'office manager', 'accountant'],
  'GET /api/cases': everybody,
  'GET /api/tasks': everybody,
  'GET /api/incidents': everybody,
  'GET /api/stream': everybody,
  'POST /api/events': operators,
  'POST /api/batches': actors,
  'GET /api/batches': everybody,
  'GET /api/batches/{id}': everybody,
  'POST /api/batches/{id}/start': actors,
  'POST /api/batches/{id}/stop': actors,
};

/** Every route about a case: what is sent, who may use it on a case that asks them, and on one that does not. */
const tableOfCases: Record<string, { body?: object; own: Role[]; foreign: Role[] }> = {
  'GET /api/cases/{id}': { own: everybody, foreign: readAll },
  'GET /api/cases/{id}/history': { own: everybody, foreign: readAll },
  'POST /api/cases/{id}/tasks/{task}/decision': {
    body: { decision: 'approve' },
    own: actors,
    foreign: [],
  },
  'POST /api/cases/{id}/steps/{step}/resolution': {
    body: { action: 'retry', reason: 'mended' },
    own: operators,
    foreign: operators,
  },
  'POST /api/cases/{id}/cancellation': { body: { reason: 'withdrawn' }, own: operators, foreign: operators },
  'POST /api/cases/{id}/restart': { own: operators, foreign: operators },
};

/** Status and problem of a request, or nothing when it was let through. */
async function refusal(person: string | undefined, route: string, id: string, body: object = {}): Promise<string> {
  const [method = '', path = ''] = route.split(' ');
  const url = path
    .replace('{id}', id)
    .replace('{process}', 'salary')
    .replace(/\{.*?\}/, 'approveBonus');
  const { status, body: told }: Answer = await api.send(person, method, url, {
    ...(['POST', 'PATCH'].includes(method) && { body }),
  });
  const isRefused = [401, 403].includes(status) || told['type'] === 'urn:problem-type:whereabouts:unknown-case';
  return isRefused ? `${status} ${String(told['type']).split(':').at(-1)}` : '';
}

test('every route there is is in one of the tables', async () => {
  const { body } = await api.get(undefined, '/openapi.json');
  const there = operationsOf(body).map(({ method, path }) => `${method} ${path}`);

  expect(there.sort()).toEqual([...Object.keys(table), ...Object.keys(tableOfCases)].sort());
});

test.each(roles)('given somebody who is %s, then the routes let them as the table says', async (role) => {
  const refusals: Record<string, string> = {};
  const expected: Record<string, string> = {};
  for (const [route, who] of Object.entries(table)) {
    refusals[route] = await refusal(idOf(role), route, 'nothing');
    if (who === 'nobody by token') expected[route] = '403 session-needed';
    else expected[route] = who === 'anyone' || who.includes(role) ? '' : '403 not-allowed';
  }

  expect(refusals).toEqual(expected);
});

test.each(roles)(
  'given somebody who is %s, then a case that asks them lets them, and others as they may',
  async (role) => {
    const refusals: Record<string, string> = {};
    const expected: Record<string, string> = {};
    for (const [route, { body, own, foreign }] of Object.entries(tableOfCases)) {
      refusals[`${route} own`] = await refusal(idOf(role), route, 'own', body);
      refusals[`${route} foreign`] = await refusal(idOf(role), route, 'foreign', body);
      const isHidden = own.includes(role) && !readAll.includes(role);
      expected[`${route} own`] = own.includes(role) ? '' : '403 not-allowed';
      expected[`${route} foreign`] = foreign.includes(role) ? '' : isHidden ? '404 unknown-case' : '403 not-allowed';
    }

    expect(refusals).toEqual(expected);
  },
);

test('given nobody who has signed in, then only what is open to anyone lets them', async () => {
  const open = [];
  for (const [route, body] of [
    ...Object.keys(table).map((one) => [one, {}] as const),
    ...Object.entries(tableOfCases).map(([one, row]) => [one, row.body ?? {}] as const),
  ]) {
    if ((await refusal(undefined, route, 'own', body)) !== '401 not-signed-in') open.push(route);
  }

  expect(open).toEqual(Object.keys(table).filter((route) => table[route] === 'anyone'));
});
