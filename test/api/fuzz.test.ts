import Ajv, { type ValidateFunction } from 'ajv/dist/2020';
import fc, { type Arbitrary } from 'fast-check';
import type { Response } from 'light-my-request';
import pino from 'pino';
import { roles } from '../../src/api/person';
import { getCase } from '../../src/kit/client';
import { openCase, reopenCase } from '../../src/platform/door';
import { loadMaps } from '../../src/platform/process-maps';
import { connectSystems, startNamed } from '../../src/platform/systems';
import { problemMediaType } from '../../src/service/problem';
import { confirmCase } from '../../src/view/keep';
import { keepMaps } from '../../src/view/maps';
import { runKit, type RunningKit } from '../kit/fixtures/server';
import { refuses } from '../kit/fixtures/systems';
import { until } from '../kit/fixtures/until';
import { testDatabase } from '../support/postgres';
import { runApi, type RunningApi } from './api';
import { operationsOf, requestsOf, type Known, type Operation } from './requests';

let kit: RunningKit;
let api: RunningApi;
let operations: Operation[];
let everybody: Arbitrary<Record<string, string>>;
const known: Known = {};
const undo: (() => Promise<unknown>)[] = [];
const approvals = Array.from({ length: 12 }, (_, n) => `approval-${n}`);
const parked = Array.from({ length: 4 }, (_, n) => `book-${n}`);
const entries = Array.from({ length: 4 }, (_, n) => `hoursEntry-${n}`);

beforeAll(async () => {
  kit = await runKit('dev');
  undo.push(() => kit.tearDown());
  const accounting = await testDatabase();
  const system = await startNamed('accounting', {
    databaseUrl: accounting.url,
    log: pino({ level: 'silent' }),
    environment: {},
  });
  undo.push(async () => {
    await system.stop();
    await accounting.drop();
  });
  const { client } = kit;
  const connections = {
    client,
    systems: connectSystems(
      () => system.url,
      () => undefined,
    ),
  };
  const door = {
    open: openCase.bind(undefined, connections),
    reopen: (caseId: string, _by: string, requestId: string) => reopenCase(connections, caseId, { requestId }),
  };
  api = await runApi(client, door, { requestsPerMinute: 1_000_000 });
  undo.push(() => api.stop());

  for (const role of roles) await api.enter(role.replace(' ', '-'), role);
  await api.enter('everything', ...roles);
  const { authorization } = api.as('administrator');
  const sessions = await Promise.all(Array.from({ length: 5 }, (_, n) => session(`signed-in-${n}`)));
  const one = roles.map((role) => api.as(role.replace(' ', '-')));
  const nobody = [{}, { authorization: authorization.replace(/.$/, 'x') }, { authorization: 'Basic eDp5' }];
  everybody = fc.oneof(
    { weight: 2, arbitrary: fc.constant<Record<string, string>>(api.as('everything')) },
    { weight: 1, arbitrary: fc.constantFrom<Record<string, string>[]>(...one, ...sessions, ...nobody) },
  );
  await Promise.all([...approvals, ...parked, ...entries].map(begin));
  await tellView();
  await keepMaps(api.view.db, '', await loadMaps());
  const { body } = await api.get(undefined, '/openapi.json');
  operations = operationsOf(body).filter(({ operationId }) => operationId !== 'streamCases');
  const batch = await api.post('everything', '/api/batches', {
    action: 'cancel',
    reason: 'x',
    search: { text: 'book' },
  });
  const tokens = await Promise.all([1, 2, 3].map(() => token(sessions[4] ?? {})));
  Object.assign(known, {
    'decide id': [...approvals, ...entries],
    'resolve id': parked,
    'cases id': [...approvals, ...parked, ...entries, 'kind:value'],
    'people id': ['signed-in-3', 'signed-in-4', 'nobody'],
    'tokens id': tokens,
    'batches id': [String(batch.body['id'])],
    process: ['salary', 'approval'],
    task: ['approveOrder', 'enterHours', 'approveOrder/1'],
    step: ['ledger.book/1', 'ledger.book'],
    subject: [...parked, ...approvals],
    decision: ['approve', 'reject', 'submit'],
    employee: ['E-1001'],
    month: ['2026-11'],
    person: ['manager', 'signed-in-4'],
    oldPassword: [goodPassword],
  });
});
afterAll(async () => {
  for (const step of undo.reverse()) await step();
});

const goodPassword = 'seven tall ships at noon';

/** Enters somebody, who signs in; headers by which they ask from our own pages. */
async function session(id: string): Promise<Record<string, string>> {
  const person = { id, name: 'Somebody', roles: ['employee', 'accountant'] };
  const { body } = await api.post('administrator', '/api/people', person);
  const { code } = body['oneTimeCode'] as { code: string };
  await api.post(undefined, '/api/password', { code, password: goodPassword });
  const { headers } = await api.post(undefined, '/api/session', { person: id, password: goodPassword });
  return { cookie: headers.get('set-cookie')?.split(';')[0] ?? '', 'sec-fetch-site': 'same-origin' };
}

async function token(headers: Record<string, string>): Promise<string> {
  const body = { name: 'of a test', scope: 'all' };
  return String((await api.send(undefined, 'POST', '/api/tokens', { headers, body })).body['id']);
}

async function begin(caseId: string): Promise<void> {
  const [workflow = ''] = caseId.split('-');
  if (workflow === 'book') kit.systems.plan(caseId, 'ledger.book', refuses());
  await kit.start(workflow, caseId, workflow === 'approval' ? { role: 'manager', decisions: ['later'] } : {}, [
    'kind:value',
  ]);
  await until(
    () => getCase(kit.client, caseId),
    ({ status }) => status === 'waiting' || status === 'incident',
  );
}

/** Tells the view what each case says of itself. */
async function tellView(): Promise<void> {
  for (const caseId of [...approvals, ...parked, ...entries]) {
    const record = await getCase(kit.client, caseId);
    await confirmCase(api.view.db, { record, runStartedAt: record.startedAt, confirmedAt: new Date().toISOString() });
  }
}

const ajv = new Ajv({ strict: false, validateFormats: false });
const compiled = new Map<object, ValidateFunction>();

/** What is wrong with an answer; nothing when it is as the document says and no failure of ours. */
function wrongWith(operation: Operation, { statusCode, headers, body }: Response): unknown {
  if (statusCode >= 500) return { statusCode, body };
  const { content } = operation.responses[statusCode] ?? operation.responses['default'] ?? {};
  const type = String(headers['content-type']).split(';')[0] ?? '';
  if (statusCode === 204 || statusCode === 304) return body === '' ? undefined : { statusCode, body };
  const schema = content?.[type]?.schema;
  if (!schema) return { 'not in the document': { statusCode, type }, body };
  if (statusCode >= 400 && type !== problemMediaType) return { statusCode, type };
  const fits = compiled.get(schema) ?? ajv.compile(schema);
  compiled.set(schema, fits);
  if (!fits(type.includes('json') ? JSON.parse(body) : body)) return { statusCode, body, errors: fits.errors };
  return /\bat .*\.[jt]s:\d+/.test(body) ? { 'a stack trace': body } : undefined;
}

/** The same requests each time, unless `SEED` names others. */
const seed = Number(process.env['SEED'] ?? 1);

/** What takes a secret, a session that may be ended by then, a task still open, or a case or employee that there is not. */
const maybeNeverDone = [
  'signIn',
  'signOut',
  'setPassword',
  'makeToken',
  'endSession',
  'startCase',
  'restart',
  'decide',
];

test('given 2,000 requests made from the document by everybody, then each is answered as the document says', async () => {
  const done = new Set<string>();
  const requests = fc.oneof(
    ...operations.map((one) => ({
      weight: ['decide', 'resolve', 'publishEvent', 'startBatch'].includes(one.operationId) ? 3 : 1,
      arbitrary: requestsOf(one, known, everybody),
    })),
  );

  await fc.assert(
    fc.asyncProperty(fc.array(requests, { minLength: 10, maxLength: 10 }), async (sent) => {
      const answers = await Promise.all(
        sent.map(async (one) => {
          const { operationId, ...request } = one;
          const operation = operations.find((other) => other.operationId === operationId) as Operation;
          const answer = await api.app.inject(request);
          if (answer.statusCode < 300) done.add(operationId);
          return { request, wrong: wrongWith(operation, answer) };
        }),
      );
      expect(answers.filter(({ wrong }) => wrong !== undefined)).toEqual([]);
    }),
    { numRuns: 200, seed },
  );

  const names = operations.map(({ operationId }) => operationId).filter((name) => !maybeNeverDone.includes(name));
  expect(names.filter((name) => !done.has(name))).toEqual([]);
}, 180_000);

test('given what was sent, then the view can keep and tell every case', async () => {
  await tellView();

  const { status, body } = await api.get('operator', '/api/cases?key=kind:value&limit=200');
  expect([status, (body['cases'] as unknown[]).length]).toEqual([200, 20]);
});
