import { Client, Connection } from '@temporalio/client';
import type { InjectOptions } from 'light-my-request';
import { roles, type Role } from '../../src/api/person';
import type { CaseRecord } from '../../src/kit/client';
import { writeCursor } from '../../src/view/cursor';
import { confirmCase } from '../../src/view/keep';
import { approvalBy, at, ended, parked, record } from '../view/records';
import { runApi, type RunningApi } from './api';

const neverAsked = async (): Promise<never> => {
  throw new Error('a case that they may not read is never asked');
};

const all = [...roles];
const own = [
  record('order-1', { process: 'order', keys: ['order:1'], startedAt: at(7), ...approvalBy(all, at(9)) }),
  record('order-2', { process: 'order', keys: ['order:2'], startedAt: at(5), ...approvalBy(all, at(8)) }),
];
const foreign = [
  record('order-7', { process: 'order', keys: ['order:7'], startedAt: at(6), ...parked('payments.capture') }),
  record('order-8', { process: 'order', keys: ['order:8'], startedAt: at(4), ...approvalBy(['E-9999'], at(7)) }),
  record('pension-9', { process: 'pension', keys: ['employee:E-9999'], ...ended, outcome: 'shipped' }),
];

let before: RunningApi;
let after: RunningApi;
let tokenOfOther: string;

/** The API with everybody there is a role for, and the cases. */
async function world(cases: CaseRecord[]): Promise<RunningApi> {
  const connection = Connection.lazy({ address: '127.0.0.1:1' });
  const api = await runApi(new Client({ connection }), { open: neverAsked, reopen: neverAsked });
  for (const role of roles) await api.enter(role.replace(' ', '-'), role);
  for (const one of cases) {
    await confirmCase(api.view.db, { record: one, runStartedAt: one.startedAt, confirmedAt: at(12) });
  }
  return api;
}

beforeAll(async () => {
  const asked = own.map((one) => ({
    ...one,
    steps: one.steps.map((step) => ({ ...step, candidates: all.map((role) => role.replace(' ', '-')) })),
    waitingFor: one.waitingFor.map((task) => ({ ...task, candidates: all.map((role) => role.replace(' ', '-')) })),
  }));
  before = await world(asked);
  after = await world([...asked, ...foreign]);
  await after.enter('E-9999', 'manager');
  const { body } = await after.get('administrator', '/api/tokens?person=E-9999');
  tokenOfOther = (body['tokens'] as { id: string }[])[0]?.id ?? '';
});
afterAll(async () => {
  await before?.stop();
  await after?.stop();
});

/** What somebody may ask who looks for the foreign cases by id, key, field, cursor and a near miss. */
function questions(): (InjectOptions & { url: string })[] {
  const get = (url: string): InjectOptions & { url: string } => ({ method: 'GET', url });
  const post = (url: string, payload: object, key?: string): InjectOptions & { url: string } => ({
    method: 'POST',
    url,
    payload,
    ...(key !== undefined && { headers: { 'idempotency-key': key } }),
  });
  const about = ['order-7', 'order-8', 'pension-9', 'order-9', 'order:7', '7', 'employee:E-9999', 'E-9999'];
  const searches = [
    ...['', 'limit=1', 'order=waiting', 'process=order', 'process=pension', 'status=incident', 'status=completed'],
    ...['key=order:7', 'key=E-9999', 'text=order', 'text=pension', 'text=999', 'text=Approve', 'text=%25', 'text=_'],
    ...['step=payments.capture', 'system=payments', 'role=manager', 'person=E-9999', 'outcome=shipped'],
    ...[`startedBefore=${at(5)}`, 'olderThan=1 day', `cursor=${writeCursor('newest', [at(6), 'order-7'])}`],
    `limit=1&cursor=${writeCursor('newest', [at(7), 'order-1'])}`,
  ];
  const waiting = [
    '',
    'limit=1',
    'process=order',
    `cursor=${writeCursor('tasks', [at(7), 'order-8', 'approveBonus/1'])}`,
  ];
  return [
    ...about
      .map(encodeURIComponent)
      .flatMap((id) => [
        get(`/api/cases/${id}`),
        get(`/api/cases/${id}/history`),
        get(`/api/processes/order/map?case=${id}`),
        post(`/api/cases/${id}/tasks/approveBonus/decision`, { decision: 'approve' }, 'key-1'),
        post(`/api/cases/${id}/steps/payments.capture/resolution`, { action: 'retry', reason: 'why not' }, 'key-2'),
        post(`/api/cases/${id}/cancellation`, { reason: 'why not' }),
        post(`/api/cases/${id}/restart`, {}),
      ]),
    ...searches.map((search) => get(`/api/cases?${search}`)),
    ...[...waiting, 'role=manager', 'person=E-9999'].map((search) => get(`/api/tasks?${search}`)),
    ...[...waiting, 'system=payments'].map((search) => get(`/api/incidents?${search}`)),
    post('/api/processes/pension/cases', { employee: 'E-9999' }),
    ...['/api/processes', '/api/people', '/api/audit?about=order-7', '/metrics', '/api/session'].map(get),
    get('/api/tokens?person=E-9999'),
    { method: 'DELETE', url: `/api/tokens/${tokenOfOther}` },
    { method: 'DELETE', url: `/api/sessions/${tokenOfOther}` },
  ];
}

/** All that an answer tells, but what differs from request to request. */
async function answersOf(api: RunningApi, person: string): Promise<unknown[]> {
  const answers = [];
  for (const { headers, ...question } of questions()) {
    const {
      statusCode,
      headers: told,
      body,
    } = await api.app.inject({
      ...question,
      headers: { ...headers, ...api.as(person) },
    });
    const { date: _, 'x-request-id': __, 'x-ratelimit-reset': ___, ...rest } = told;
    answers.push({ question: `${question.method} ${question.url}`, statusCode, headers: rest, body });
  }
  return answers;
}

const readsAll: Role[] = ['administrator', 'operator', 'auditor'];

test.each(roles.filter((role) => !readsAll.includes(role)))(
  'given cases that the %s may not read, then every answer is as if there were none',
  async (role) => {
    const person = role.replace(' ', '-');

    expect(await answersOf(after, person)).toEqual(await answersOf(before, person));
  },
);

test('given an auditor, then there is something to tell', async () => {
  const [told, untold] = [await answersOf(after, 'auditor'), await answersOf(before, 'auditor')];

  expect(told.filter((answer, n) => JSON.stringify(answer) !== JSON.stringify(untold[n])).length).toBeGreaterThan(20);
});
