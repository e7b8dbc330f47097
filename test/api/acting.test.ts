import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { Client } from '@temporalio/client';
import pino from 'pino';
import { openCase, reopenCase } from '../../src/platform/door';
import { connectSystems, startNamed } from '../../src/platform/systems';
import { describeCase, getCase, type CaseRecord } from '../../src/kit/client';
import { whereabouts } from '../../src/kit/worker';
import { readCase } from '../../src/view/read';
import { applyReports, confirmCase } from '../../src/view/keep';
import { codecOfATest } from '../kit/fixtures/codec';
import type { ApprovalInput } from '../kit/fixtures/people';
import { bundleFixtures, runWorker } from '../kit/fixtures/server';
import { createSystems, refuses } from '../kit/fixtures/systems';
import { until } from '../kit/fixtures/until';
import { testDatabase } from '../support/postgres';
import { devServer } from '../support/temporal';
import { runApi, type Answer, type RunningApi } from './api';

type Environment = Awaited<ReturnType<typeof devServer>>;

let environment: Environment;
let api: RunningApi;
let accounting: Awaited<ReturnType<typeof startNamed>>;
const systems = createSystems();
let startWorker: () => Promise<() => Promise<void>>;
let stopWorker: () => Promise<void>;
const undo: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  environment = await devServer();
  const database = await testDatabase();
  accounting = await startNamed('accounting', {
    databaseUrl: database.url,
    log: pino({ level: 'silent' }),
    environment: {},
  });
  undo.push(async () => {
    await accounting.stop();
    await database.drop();
  });
  await fetch(`${accounting.url}/employees/E-1001`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ fullName: 'Ada Example', costCentre: 'CC-100' }),
  });
  const { connection, namespace = 'default' } = environment;
  const connections = (identity: string) => ({
    client: new Client({ connection, namespace, identity }),
    systems: connectSystems(
      (name) => (name === 'accounting' ? accounting.url : 'http://127.0.0.1:1'),
      () => undefined,
    ),
  });
  api = await runApi(environment.client, {
    open: (process, request, by) => openCase(connections(by), process, request),
    reopen: (caseId, by, requestId) => reopenCase(connections(by), caseId, { requestId }),
  });
  undo.push(() => api.stop());
  await api.enter('anna', 'manager');
  await api.enter('bert', 'manager');
  await api.enter('olga', 'operator');
  await api.enter('E-1010', 'accountant');
  await api.enter('eve', 'employee');
  await api.enter('fred', 'finance director');

  const report = async (reports: Parameters<typeof applyReports>[1]) => {
    if (!isLost) await applyReports(api.view.db, reports);
  };
  const workflowBundle = await bundleFixtures();
  startWorker = () =>
    runWorker(environment, { workflowBundle, activities: systems.activities }, [whereabouts({ report })]);
  stopWorker = await startWorker();
});
afterAll(async () => {
  await stopWorker();
  for (const step of undo.reverse()) await step();
});

/** Whether what the worker reports is lost. */
let isLost = false;

/** Starts a fixture's workflow and waits until the view knows it to be so. */
async function given(workflow: string, input: unknown, status: string): Promise<string> {
  const caseId = `${workflow}-${randomUUID()}`;
  const options = { workflowId: caseId, taskQueue: 'whereabouts', args: [input] };
  await environment.client.workflow.start(workflow, options);
  await until(
    () => readCase(api.view.db, caseId),
    (known) => known?.record.status === status,
  );
  return caseId;
}

const approval: ApprovalInput = { role: 'manager', candidates: ['anna', 'eve'] };
const waiting = (input: ApprovalInput = approval) => given('approval', input, 'waiting');

async function parkedCase(): Promise<string> {
  const caseId = `book-${randomUUID()}`;
  systems.plan(caseId, 'ledger.book', refuses());
  await environment.client.workflow.start('book', { workflowId: caseId, taskQueue: 'whereabouts', args: [{}] });
  await until(
    () => readCase(api.view.db, caseId),
    (known) => known?.record.status === 'incident',
  );
  return caseId;
}

/** As when the process ended between what a request asked for and its answer. */
const forgetAnswers = () => api.db.updateTable('idempotent_requests').set({ status: null, answer: null }).execute();

const decision = (caseId: string, task = 'approveOrder') =>
  `/api/cases/${caseId}/tasks/${encodeURIComponent(task)}/decision`;

const problemIn = ({ status, body: { type } }: Answer) => [status, String(type).split(':').at(-1)];
const approves = { decision: 'approve' };

test('given a case whose payloads only a codec reads, then neither a decision nor a resolution is sent to it', async () => {
  const { connection } = environment;
  const dataConverter = { payloadCodecs: [codecOfATest()] };
  const encrypting = new Client({ connection, dataConverter });
  const report = (reports: Parameters<typeof applyReports>[1]) => applyReports(api.view.db, reports);
  const worker = { workflowBundle: await bundleFixtures(), activities: systems.activities, dataConverter };
  const stop = await runWorker(environment, { ...worker, taskQueue: 'secret' }, [whereabouts({ report })]);
  try {
    const options = { workflowId: 'secret', taskQueue: 'secret', args: [approval] };
    await encrypting.workflow.start('approval', options);
    await until(
      () => readCase(api.view.db, 'secret'),
      (known) => known?.record.status === 'waiting',
    );

    const decided = await api.post('anna', decision('secret'), { ...approves, comment: 'for all to read' });
    const resolved = await api.post('olga', '/api/cases/secret/steps/any/resolution', {
      action: 'retry',
      reason: 'so',
    });

    for (const answer of [decided, resolved]) {
      expect(problemIn(answer)).toEqual([409, 'encrypted']);
      expect(answer.body['detail']).toBe(
        'what case secret says is encrypted; ask it with a client that has the codec of its worker',
      );
    }
    expect((await encrypting.workflow.getHandle('secret').describe()).status.name).toBe('RUNNING');
  } finally {
    await encrypting.workflow.getHandle('secret').terminate();
    await stop();
  }
});

describe('a decision', () => {
  test('given who is asked approves, then it is recorded by them, whoever else the body names being refused', async () => {
    const caseId = await waiting();
    const claimed = await api.post('anna', decision(caseId), { ...approves, by: 'bert' });
    const answer = await api.post('anna', decision(caseId, 'approveOrder/1'), { ...approves, comment: 'fine' });
    const { steps } = await getCase(environment.client, caseId);

    expect(problemIn(claimed)).toEqual([400, 'invalid-request']);
    expect(claimed.body['errors']).toEqual([{ field: 'by', value: 'bert', message: 'is not known; leave it out' }]);
    expect(answer).toMatchObject({
      status: 200,
      body: { caseId, task: 'approveOrder/1', decision: 'approve', by: 'anna', at: expect.any(String) as unknown },
    });
    expect(steps[0]).toMatchObject({ by: 'anna', comment: 'fine', decision: 'approve' });
  });

  test('given the workflow refuses it, then the problem says why and names the field', async () => {
    const fourEyes = await waiting({ role: 'manager', excluded: ['bert'] });
    const caseId = await waiting();

    expect(problemIn(await api.post('bert', decision(fourEyes), approves))).toEqual([403, 'excluded']);
    const misspelt = await api.post('anna', decision(caseId, 'aproveOrder'), approves);
    expect(problemIn(misspelt)).toEqual([404, 'no-such-task']);
    expect(misspelt.body['detail']).toContain('did you mean approveOrder?');
    const unknown = await api.post('anna', decision(caseId), { decision: 'perhaps' });
    expect(problemIn(unknown)).toEqual([422, 'unknown-decision']);
    expect(unknown.body['errors']).toEqual([
      { field: 'decision', value: 'perhaps', message: expect.any(String) as unknown },
    ]);
    const hash = { ...approves, shownHash: 'a'.repeat(64) };
    expect(problemIn(await api.post('anna', decision(caseId), hash))).toEqual([409, 'shown-data-changed']);
    await api.post('anna', decision(caseId), approves);
    expect(problemIn(await api.post('anna', decision(caseId), approves))).toEqual([409, 'case-closed']);
  });

  test('given a case that they may not read, or only read, then it is not found, or refused', async () => {
    const caseId = await waiting();

    expect(problemIn(await api.post('bert', decision(caseId), approves))).toEqual([404, 'unknown-case']);
    expect(problemIn(await api.post('olga', decision(caseId), approves))).toEqual([403, 'not-allowed']);
    expect(problemIn(await api.post('anna', decision('nothing'), approves))).toEqual([404, 'unknown-case']);
    expect(problemIn(await api.post(undefined, decision(caseId), approves))).toEqual([401, 'not-signed-in']);
  });

  test('given entered data does not match the form, then the field in it is named', async () => {
    const caseId = await given('hoursEntry', {}, 'waiting');
    await api.enter('E-1011', 'accountant');
    const answer = await api.post('E-1011', decision(caseId, 'enterHours'), {
      decision: 'submit',
      data: { hours: -1 },
    });

    expect(problemIn(answer)).toEqual([422, 'invalid-data']);
    expect(answer.body['errors']).toEqual([{ field: 'data.hours', value: -1, message: expect.any(String) as unknown }]);
  });
});

describe('the same request twice', () => {
  test('given one key, then one decision and one answer, also once the case has ended', async () => {
    const caseId = await waiting();
    const send = () => api.post('anna', decision(caseId), approves, 'key-1');
    const atOnce = await Promise.all([send(), send()]);
    const later = await send();

    expect(atOnce.map(({ status }) => status)).toEqual([200, 200]);
    expect([atOnce[1]?.body, later.body]).toEqual([atOnce[0]?.body, atOnce[0]?.body]);
  });

  test('given the answer was lost, then Temporal gives it again by the id made of the key', async () => {
    const caseId = await waiting();
    const first = await api.post('anna', decision(caseId), approves, 'key-2');
    await api.db.updateTable('idempotent_requests').set({ status: null, answer: null }).execute();

    expect(await api.post('anna', decision(caseId), approves, 'key-2')).toMatchObject({
      status: 200,
      body: first.body,
    });
  });

  test('given one key for another request, then it is refused; another person has keys of their own', async () => {
    const caseId = await waiting();
    await api.post('eve', decision(caseId), { decision: 'reject' }, 'key-3');
    const other = await api.post('eve', decision(caseId), approves, 'key-3');

    expect(problemIn(other)).toEqual([422, 'idempotency-key-reused']);
    expect(other.body['detail']).toContain('Idempotency-Key "key-3" was used before with other content');
    expect(problemIn(await api.post('anna', decision(caseId), approves, 'key-3'))).toEqual([409, 'case-closed']);
  });

  test('given it was refused, then the key is free for what was meant', async () => {
    const caseId = await waiting();
    const refused = await api.post('anna', decision(caseId), { decision: 'perhaps' }, 'key-4');

    expect(refused.status).toBe(422);
    expect((await api.post('anna', decision(caseId), approves, 'key-4')).status).toBe(200);
  });
});

describe('an incident', () => {
  test('given an operator resolves the parked step, then it is recorded by them', async () => {
    const caseId = await parkedCase();
    const path = `/api/cases/${caseId}/steps/${encodeURIComponent('ledger.book/1')}/resolution`;
    const body = { action: 'replace', reason: 'booked by hand', result: { bookingId: 'B-7' } };

    expect(problemIn(await api.post('E-1010', path, body))).toEqual([403, 'not-allowed']);
    expect(problemIn(await api.post('olga', path, { ...body, reason: ' ' }))).toEqual([400, 'invalid-request']);
    const unknown = path.replace('ledger.book', 'ledger.post');
    expect(problemIn(await api.post('olga', unknown, body))).toEqual([404, 'no-such-step']);
    expect(await api.post('olga', path, body)).toMatchObject({
      status: 200,
      body: { caseId, step: 'ledger.book/1', action: 'replace', by: 'olga' },
    });
    expect(await environment.client.workflow.getHandle(caseId).result()).toBe('B-7');
  });
});

test('given a task that asks a role and names nobody, then who was asked by another task of the case does not decide it', async () => {
  const first = { role: 'manager', candidates: ['eve', 'fred'] };
  const caseId = await given('twoApprovals', { first, second: { role: 'finance director' } }, 'waiting');
  expect((await api.post('eve', decision(caseId, 'approveOrder/1'), approves)).status).toBe(200);

  for (const task of ['approveOrder/2', 'approveOrder']) {
    const refused = await api.post('eve', decision(caseId, task), approves);
    expect(problemIn(refused)).toEqual([403, 'not-a-candidate']);
    expect(refused.body['errors']).toMatchObject([{ field: 'by', value: 'eve' }]);
  }
  expect(problemIn(await api.post('eve', decision(caseId, 'approveOrder/1'), { decision: 'reject' }))).toEqual([
    409,
    'already-decided',
  ]);
  expect(await api.post('fred', decision(caseId, 'approveOrder'), approves)).toMatchObject({
    status: 200,
    body: { task: 'approveOrder/2', by: 'fred' },
  });
});

test('given the report of a decision is lost, then the view is asked for it within seconds', async () => {
  const caseId = await given(
    'twoApprovals',
    { first: approval, second: { role: 'manager', candidates: ['bert'] } },
    'waiting',
  );
  const { report: known } = { report: await readCase(api.view.db, caseId) };
  const before = { runStartedAt: known?.record.startedAt ?? '', confirmedAt: new Date().toISOString(), events: 4 };
  if (known) await confirmCase(api.view.db, { record: known.record, ...before });
  isLost = true;
  expect((await api.post('anna', decision(caseId), approves)).status).toBe(200);
  isLost = false;

  const { rows } = await sql<{ seconds: number }>`
    SELECT extract(epoch FROM confirm_at - now())::float8 AS seconds FROM cases WHERE case_id = ${caseId}`.execute(
    api.view.db,
  );
  expect(rows[0]?.seconds).toBeLessThan(5);
});

describe('an event', () => {
  const event = (subject: string, more: object = {}) => ({
    ...{ specversion: '1.0', id: 'e-1', source: '/orders', type: 'order.paid', subject },
    ...{ data: { amountInCents: 100 }, traceparent: '00-1', ...more },
  });

  test('given it is sent twice, then the workflow is told of it once, as it was sent', async () => {
    const caseId = await given('hears', 2, 'running');
    const mediaType = { 'content-type': 'application/cloudevents+json; charset=utf-8' };
    const first = await api.send('olga', 'POST', '/api/events', { body: event(caseId), headers: mediaType });
    expect(first).toMatchObject({ status: 202, body: { caseId } });
    expect((await api.post('olga', '/api/events', event(caseId))).status).toBe(202);
    expect((await api.post('olga', '/api/events', event(caseId, { id: 'e-2' }))).status).toBe(202);

    const heard = (await environment.client.workflow.getHandle(caseId).result()) as unknown;
    expect(heard).toEqual([event(caseId), event(caseId, { id: 'e-2' })]);
    await until(
      () => readCase(api.view.db, caseId),
      (known) => known?.record.endedAt !== undefined,
    );
    expect(problemIn(await api.post('olga', '/api/events', event(caseId)))).toEqual([409, 'case-closed']);
  });

  test('given mistakes in it, then each is named', async () => {
    const send = async (who: string, body: object) => problemIn(await api.post(who, '/api/events', body));

    expect(await send('eve', event('any'))).toEqual([403, 'not-allowed']);
    expect(await send('olga', event('nobody knows it'))).toEqual([404, 'unknown-case']);
    for (const [field, value] of Object.entries({ id: '', specversion: '0.3', time: 'now', Upper: 'x', list: [1] })) {
      const answer = await api.post('olga', '/api/events', event('any', { [field]: value }));
      expect([field, problemIn(answer)]).toEqual([field, [400, 'invalid-request']]);
      expect(answer.body['errors']).toMatchObject([{ field }]);
    }
  });

  test('given a key that several open cases have, then none is told', async () => {
    for (const caseId of ['order 1', 'order 2']) {
      const record = {
        ...(await readCase(api.view.db, await waiting()))?.record,
        caseId,
        keys: ['order:7'],
      } as CaseRecord;
      const at = new Date().toISOString();
      await confirmCase(api.view.db, { record, runStartedAt: at, confirmedAt: at });
    }

    expect(problemIn(await api.post('olga', '/api/events', event('order:7')))).toEqual([409, 'several-cases']);
  });
});

describe('a cancellation', () => {
  test('given an operator asks for it twice under one key, then the case is told who and why, and the answer is one', async () => {
    const caseId = await waiting();
    const path = `/api/cases/${caseId}/cancellation`;
    const body = { reason: 'left the company' };
    const first = await api.post('olga', path, body, 'key-5');
    const ended = await until(
      () => getCase(environment.client, caseId),
      ({ endedAt }) => endedAt !== undefined,
    );

    expect(first).toMatchObject({ status: 202, body: { caseId, by: 'olga', reason: 'left the company' } });
    expect(ended).toMatchObject({ status: 'cancelled', cancellation: 'olga: left the company' });
    expect(await api.post('olga', path, body, 'key-5')).toMatchObject({ status: 202, body: first.body });
    expect(problemIn(await api.post('olga', path, body))).toEqual([409, 'case-closed']);
    expect(problemIn(await api.post('anna', path, body))).toEqual([403, 'not-allowed']);
    await forgetAnswers();
    expect(await api.post('olga', path, body, 'key-5')).toMatchObject({ status: 202, body: first.body });
  });

  test('given a reason with half of a character, then it is refused by its field', async () => {
    const answer = await api.post('olga', `/api/cases/${await waiting()}/cancellation`, { reason: 'so \ud800' });

    expect(problemIn(answer)).toEqual([400, 'invalid-request']);
    expect(answer.body['errors']).toMatchObject([{ field: 'reason' }]);
  });
});

describe('a case', () => {
  const path = '/api/processes/salary/cases';
  const request = { employee: 'Ada Example', month: '2026-11' };
  const caseId = 'salary-E-1001-2026-11';

  test('given a request with mistakes, then each is named', async () => {
    const wrong = await api.post('olga', path, { employe: 'E-1001', month: '2026-13' });
    const unknown = await api.post('olga', path, { ...request, employee: 'Nobody' });

    expect(problemIn(wrong)).toEqual([422, 'request-refused']);
    expect(wrong.body['errors']).toContainEqual({
      field: 'month',
      value: '2026-13',
      message: expect.any(String) as unknown,
    });
    expect(unknown.body['errors']).toEqual([
      { field: 'employee', value: 'Nobody', message: 'no employee has this id or full name' },
    ]);
    expect(problemIn(await api.post('eve', path, request))).toEqual([403, 'not-allowed']);
    const misspelt = await api.post('olga', '/api/processes/salery/cases', request);
    expect(misspelt).toMatchObject({
      status: 404,
      body: { detail: 'There is no process "salery"; did you mean salary?' },
    });
  });

  test('given it is started, then whoever did finds it at once, and again it is the same case', async () => {
    const started = await api.post('E-1010', path, request, 'key-6');
    const found = await api.get('E-1010', String(started.headers.get('location')));
    const { executions } = await history();

    expect(started).toMatchObject({ status: 201, body: { caseId, status: 'started' } });
    expect(found.body).toMatchObject({
      cases: [{ caseId, keys: ['employee:E-1001', 'month:2026-11'], partial: true }],
    });
    expect(executions).toEqual(['E-1010']);
    expect(await api.post('E-1010', path, request, 'key-6')).toMatchObject({ status: 201, body: started.body });
    expect(await api.post('olga', path, request)).toMatchObject({
      status: 200,
      body: { caseId, status: 'already there' },
    });
  });

  test('given it was terminated, then it is started again once, by an operator', async () => {
    await environment.client.workflow.getHandle(caseId).terminate();
    const again = `/api/cases/${caseId}/restart`;

    expect(problemIn(await api.post('olga', path, request))).toEqual([409, 'not-started']);
    expect(problemIn(await api.post('E-1010', again, {}))).toEqual([403, 'not-allowed']);
    const restarted = await api.post('olga', again, undefined, 'key-7');
    expect(restarted).toMatchObject({ status: 201, body: { caseId, restart: 1 } });
    expect(await api.post('olga', again, undefined, 'key-7')).toMatchObject({ status: 201, body: restarted.body });
    await forgetAnswers();
    const both = await Promise.all([1, 2].map(() => api.post('olga', again, undefined, 'key-7')));
    for (const one of both) expect(one).toMatchObject({ status: 201, body: restarted.body });
    expect(problemIn(await api.post('olga', again, undefined))).toEqual([409, 'not-restarted']);
    expect((await describeCase(environment.client, caseId)).restart).toBe(1);
  });

  test('given it is of a process that is started elsewhere, then it says so', async () => {
    const foreign = await waiting();

    expect(problemIn(await api.post('olga', `/api/cases/${foreign}/restart`, undefined))).toEqual([
      422,
      'not-started-here',
    ]);
  });

  /** Who started its runs. */
  async function history(): Promise<{ executions: string[] }> {
    const { events } = await environment.client.workflow.getHandle(caseId).fetchHistory();
    const started = (events ?? []).flatMap(({ workflowExecutionStartedEventAttributes: one }) => one?.identity ?? []);
    return { executions: started };
  }
});

describe('given parts are down', () => {
  test('no worker, then a decision is not recorded, and sent again with its key once there is one', async () => {
    const caseId = await waiting({ ...approval, bookFirst: true });
    await stopWorker();
    const unanswered = await api.post('anna', decision(caseId), approves, 'key-8');
    stopWorker = await startWorker();

    expect(problemIn(unanswered)).toEqual([503, 'not-recorded']);
    expect(await api.post('anna', decision(caseId), approves, 'key-8')).toMatchObject({
      status: 200,
      body: { by: 'anna' },
    });
  });

  test('the system that is asked, then nothing is started, and it may be sent again', async () => {
    await accounting.stop();
    const answer = await api.post('olga', '/api/processes/salary/cases', { employee: 'E-1001', month: '2026-12' });

    expect(problemIn(answer)).toEqual([503, 'system-unavailable']);
    expect(answer.body['detail']).toContain('accounting.findEmployee: ');
  });

  test('Temporal, then cases are read, and what would change one is not recorded', async () => {
    const caseId = await waiting();
    await stopWorker();
    stopWorker = async () => undefined;
    await environment.teardown();

    expect((await api.get('anna', `/api/cases/${caseId}`)).body).toMatchObject({ cases: [{ status: 'waiting' }] });
    expect((await api.post('anna', decision(caseId), approves)).status).toBe(503);
  });
});
