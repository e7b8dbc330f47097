import { sql } from 'kysely';
import Ajv from 'ajv/dist/2020';
import { Client, Connection } from '@temporalio/client';
import type { CaseRecord } from '../../src/kit/client';
import { confirmCase, applyReports } from '../../src/view/keep';
import { keepSymptoms } from '../../src/view/watch/incidents';
import { approvalBy, at, call, ended, parked, record, reportOf } from '../view/records';
import { runApi, type Answer, type RunningApi } from './api';

let api: RunningApi;

const neverAsked = async (): Promise<never> => {
  throw new Error('a read starts nothing');
};

const cases = [
  record('salary-E-1001-2026-11', {
    keys: ['employee:E-1001', 'month:2026-11'],
    steps: [call('bonus.calculateBonus')],
  }),
  record('salary-E-1002-2026-11', {
    keys: ['employee:E-1002', 'month:2026-11'],
    startedAt: at(7),
    ...approvalBy(['E-1005'], at(10)),
  }),
  record('salary-E-1003-2026-11', {
    keys: ['employee:E-1003', 'month:2026-11'],
    startedAt: at(6),
    ...approvalBy(['E-1006'], at(9)),
  }),
  record('salary-E-1004-2026-10', {
    keys: ['employee:E-1004', 'month:2026-10'],
    startedAt: at(5),
    ...ended,
    steps: [{ ...call('approveBonus', 'done'), kind: 'task', by: 'E-1005', candidates: ['E-1005'] }],
  }),
  record('order-7', { process: 'order', keys: ['order:7'], startedAt: at(4), ...parked('payments.capture') }),
];

beforeAll(async () => {
  const connection = Connection.lazy({ address: '127.0.0.1:1' });
  api = await runApi(new Client({ connection }), { open: neverAsked, reopen: neverAsked });
  await api.enter('operator', 'operator');
  await api.enter('auditor', 'auditor');
  await api.enter('E-1002', 'employee');
  await api.enter('E-1005', 'manager');
  await api.enter('E-1010', 'accountant');
  for (const one of cases) await keep(one);
});
afterAll(() => api.stop());

async function keep(one: CaseRecord): Promise<void> {
  await confirmCase(api.view.db, { record: one, runStartedAt: one.startedAt, confirmedAt: at(12) });
}

async function forget(caseId: string): Promise<void> {
  await api.view.db.deleteFrom('cases').where('case_id', '=', caseId).execute();
}

function idsIn({ body }: Answer): unknown[] {
  return (body['cases'] as { caseId: string }[]).map(({ caseId }) => caseId);
}

const problemIn = ({ status, body: { type } }: Answer) => [status, String(type).split(':').at(-1)];

describe('given nothing answers but the databases', () => {
  test('cases are listed newest first, with what they are at, how old that is, and counts', async () => {
    const { status, body } = await api.get('operator', '/api/cases?status=open&limit=2');

    expect(status).toBe(200);
    expect(body).toMatchObject({
      cases: [
        {
          caseId: 'salary-E-1001-2026-11',
          currentSteps: [{ id: 'bonus.calculateBonus/1', system: 'bonus', status: 'open' }],
          asOf: at(12),
          confirmed: true,
          partial: false,
        },
        { caseId: 'salary-E-1002-2026-11', waitingFor: [{ id: 'approveBonus/1', candidates: ['E-1005'] }] },
      ],
      facets: [
        { process: 'order', status: 'incident', count: 1 },
        { process: 'salary', status: 'running', count: 1 },
        { process: 'salary', status: 'waiting', count: 2 },
      ],
      cursor: expect.any(String) as unknown,
    });
    expect(JSON.stringify(body)).not.toContain('"steps"');
  });

  test.each([
    ['process=order', ['order-7']],
    ['key=employee:E-1003', ['salary-E-1003-2026-11']],
    ['text=1004', ['salary-E-1004-2026-10']],
    ['step=approveBonus&role=manager&person=E-1006', ['salary-E-1003-2026-11']],
    ['system=bonus', ['salary-E-1001-2026-11']],
    ['team=people', ['salary-E-1001-2026-11']],
    ['team=people&system=payroll', []],
    ['outcome=paid', ['salary-E-1004-2026-10']],
    [`startedBefore=${at(6)}`, ['salary-E-1004-2026-10', 'order-7']],
    ['olderThan=100 years', []],
    ['order=waiting', ['salary-E-1003-2026-11', 'salary-E-1002-2026-11']],
  ])('cases searched by %s', async (query, expected) => {
    expect(idsIn(await api.get('operator', `/api/cases?${query}`))).toEqual(expected);
  });

  test('a case is older than a duration, and all that is given has to fit', async () => {
    const startedAt = new Date(Date.now() - 7_200_000).toISOString();
    const one = record('two hours old', { keys: ['age:2'], startedAt });
    await confirmCase(api.view.db, { record: one, runStartedAt: startedAt, confirmedAt: startedAt });
    const found = async (query: string) => idsIn(await api.get('operator', `/api/cases?key=age:2&${query}`));

    expect(await found('olderThan=1 hour')).toEqual(['two hours old']);
    expect(await found('olderThan=3 hours')).toEqual([]);
    expect(await found(`olderThan=1 hour&startedBefore=${startedAt}`)).toEqual([]);
    await api.view.db.deleteFrom('cases').where('case_id', '=', 'two hours old').execute();
  });

  test('a list tells how many steps of each case are done', async () => {
    const steps = [call('first', 'done'), call('second', 'skipped'), call('third', 'failed'), call('fourth')];
    await keep(record('counted', { steps }));

    const { body } = await api.get('operator', '/api/cases?caseId=counted');

    expect(body).toMatchObject({ cases: [{ caseId: 'counted', stepsDone: 2, stepsRecorded: 4 }] });
    await forget('counted');
  });

  test('what the watch found of cases is told of them, and of all to those who read all', async () => {
    const found = { kind: 'retrying', about: 'bonus.calculateBonus', error: { type: 'Unavailable', message: '503' } };
    const symptom = { ...found, kind: 'retrying' as const, process: 'salary', attempts: 9 };
    const caseId = 'salary-E-1002-2026-11';
    await keepSymptoms(api.view.db, [caseId], [{ ...symptom, caseId }]);

    const told = { ...found, attempts: 9, since: expect.any(String) as unknown };
    expect((await api.get('E-1002', `/api/cases/${caseId}`)).body).toMatchObject({ cases: [{ watch: [told] }] });
    const [ofOperator, ofSystem, ofOther, ofEmployee] = await Promise.all([
      api.get('operator', '/api/incidents'),
      api.get('operator', '/api/incidents?system=bonus&process=salary'),
      api.get('operator', '/api/incidents?system=payments'),
      api.get('E-1002', '/api/incidents'),
    ]);
    expect(ofOperator.body['watch']).toMatchObject([{ ...told, process: 'salary', cases: 1, caseIds: [caseId] }]);
    expect(ofSystem.body['watch']).toEqual(ofOperator.body['watch']);
    expect([ofOther.body['watch'], ofEmployee.body['watch']]).toEqual([[], []]);

    await keepSymptoms(api.view.db, [caseId], []);
    expect((await api.get('E-1002', `/api/cases/${caseId}`)).body).toMatchObject({ cases: [{ watch: [] }] });
    expect((await api.get('operator', '/api/incidents')).body['watch']).toEqual([]);
  });

  test('an open case is told with when it will probably end, which does not change while nothing does', async () => {
    const hour = 3_600_000;
    const later = (time: string, hours: number) => new Date(Date.parse(time) + hours * hour).toISOString();
    const runs = [1, 2, 3, 4, 5].map((hours) =>
      record(`earlier ${hours}`, {
        process: 'forecast',
        ...ended,
        startedAt: at(1),
        endedAt: later(at(1), hours),
        steps: [{ ...call('book', 'done'), startedAt: at(1), endedAt: later(at(1), hours) }],
      }),
    );
    const startedAt = new Date(Date.now() - hour / 2).toISOString();
    const steps = [{ ...call('book'), startedAt }];
    for (const one of [...runs, record('open now', { process: 'forecast', startedAt, steps })]) await keep(one);

    const first = await api.get('operator', '/api/cases/open%20now');
    const estimate = { runs: 5, p50: later(startedAt, 3), p90: later(startedAt, 5) };
    expect(first.body).toMatchObject({
      cases: [
        {
          forecast: { end: estimate, steps: { 'book/1': estimate }, usual: { runs: 5, systems: 3 * hour, people: 0 } },
        },
      ],
    });
    const etag = first.headers.get('etag') ?? '';
    const again = await api.send('operator', 'GET', '/api/cases/open%20now', { headers: { 'if-none-match': etag } });
    expect(again.status).toBe(304);
    expect((await api.get('operator', '/api/cases/earlier%201')).body).not.toHaveProperty('cases.0.forecast');
    for (const one of [...runs, { caseId: 'open now' }]) await forget(one.caseId);
  });

  test('a case is read by its id or any key, with all its steps', async () => {
    const byId = await api.get('operator', '/api/cases/salary-E-1001-2026-11');
    const byKey = await api.get('operator', '/api/cases/E-1001');

    expect(byId.body).toMatchObject({ cases: [{ ...cases[0], asOf: at(12), confirmed: true, partial: false }] });
    expect(byKey.body).toEqual(byId.body);
    expect(idsIn(await api.get('operator', '/api/cases/month:2026-11'))).toHaveLength(3);
  });

  test('a history is all steps of one case', async () => {
    const { body } = await api.get('operator', '/api/cases/salary-E-1004-2026-10/history');

    expect(body).toMatchObject({ caseId: 'salary-E-1004-2026-10', steps: [{ by: 'E-1005' }], confirmed: true });
  });

  test('tasks and incidents come from all open cases, oldest first, page by page', async () => {
    const first = await api.get('operator', '/api/tasks?limit=1');
    const second = await api.get('operator', `/api/tasks?limit=1&cursor=${String(first.body['cursor'])}`);
    const incidents = await api.get('operator', '/api/incidents?system=payments');

    expect(first.body).toMatchObject({
      tasks: [{ caseId: 'salary-E-1003-2026-11', decisions: ['approve', 'reject'] }],
    });
    expect(second.body).toMatchObject({ tasks: [{ caseId: 'salary-E-1002-2026-11', since: at(10) }] });
    expect(second.body['cursor']).toBeUndefined();
    expect(incidents.body).toMatchObject({ incidents: [{ caseId: 'order-7', step: 'payments.capture/1' }] });
    expect((await api.get('operator', '/api/tasks?role=manager&person=E-1006')).body['tasks']).toHaveLength(1);
    for (const search of ['process=order', 'role=a%00b', 'person=%00']) {
      expect((await api.get('operator', `/api/tasks?${search}`)).body['tasks']).toEqual([]);
    }
    expect((await api.get('operator', '/api/incidents?system=a%00b')).body['incidents']).toEqual([]);
  });

  test('a process says what it asks for', async () => {
    const { body } = await api.get('E-1002', '/api/processes');

    expect(body['processes']).toContainEqual(
      expect.objectContaining({
        name: 'salary',
        request: expect.objectContaining({ required: ['employee', 'month'] }),
      }),
    );
  });

  test('it is ready, and says that Temporal does not answer', async () => {
    expect(await api.get(undefined, '/readyz')).toMatchObject({
      status: 200,
      body: { status: 'ok', view: 'answers', database: 'answers', temporal: 'does not answer' },
    });
  });

  test('Prometheus gets figures of the business, with the token of an auditor', async () => {
    await api.get('operator', '/api/cases/order-7');
    await applyReports(api.view.db, [reportOf(record('corrected', { outcome: 'wrong' }))]);
    await keep(record('corrected', { outcome: 'right' }));
    const { body, headers } = await api.get('auditor', '/metrics');
    await forget('corrected');

    expect(headers.get('content-type')).toContain('text/plain');
    expect(body['text']).toContain('whereabouts_cases{process="salary",status="waiting"} 2');
    expect(body['text']).toContain('whereabouts_open_incidents 1');
    expect(body['text']).toContain('whereabouts_corrections 1');
    expect(body['text']).toMatch(/whereabouts_oldest_task_seconds [1-9]|whereabouts_oldest_task_seconds 0/);
    expect(body['text']).toMatch(
      /http_request_duration_seconds_count\{method="GET",route="\/api\/cases\/:id",status="200"\} \d/,
    );
    expect((await api.get('operator', '/metrics')).status).toBe(403);
  });
});

describe('who may read what', () => {
  test.each([
    ['E-1002', 'an employee their own', ['salary-E-1002-2026-11']],
    ['E-1005', 'a manager what asks or asked them', ['salary-E-1002-2026-11', 'salary-E-1004-2026-10']],
    ['E-1010', 'an accountant all salaries', cases.slice(0, 4).map(({ caseId }) => caseId)],
  ])('%s reads %s, in every list alike', async (person, _, expected) => {
    const listed = await api.get(person, '/api/cases');
    const counted = (listed.body['facets'] as { count: number }[]).reduce((sum, { count }) => sum + count, 0);
    const tasks = (await api.get(person, '/api/tasks')).body['tasks'] as { caseId: string }[];
    const single = await Promise.all(cases.map(({ caseId }) => api.get(person, `/api/cases/${caseId}`)));

    expect(idsIn(listed)).toEqual(expected);
    expect(counted).toBe(expected.length);
    expect(tasks.every(({ caseId }) => expected.includes(caseId))).toBe(true);
    expect(single.map(({ status }) => status)).toEqual(
      cases.map(({ caseId }) => (expected.includes(caseId) ? 200 : 404)),
    );
    expect((await api.get(person, '/api/incidents')).body['incidents']).toEqual([]);
  });

  test('a manager who searches by key finds only the cases with that key', async () => {
    expect(idsIn(await api.get('E-1005', '/api/cases?key=E-1002'))).toEqual(['salary-E-1002-2026-11']);
  });

  test('given a case that they may not read, then nothing tells it from one that there is not', async () => {
    const answerTo = async (caseId: string) => {
      const { status, body } = await api.get('E-1002', `/api/cases/${caseId}`);
      return { status, body: JSON.stringify(body).replaceAll(caseId, 'X') };
    };

    expect(await answerTo('salary-E-1001-2026-11')).toEqual(await answerTo('salary-E-1999-2026-11'));
    expect(await answerTo('E-1001')).toEqual(await answerTo('E-1999'));
  });

  test('what was probably meant is told only to who may read all', async () => {
    const { body } = await api.get('operator', '/api/cases/salary-E-1001-2026-12');

    expect(body['detail']).toBe('There is no case "salary-E-1001-2026-12"; did you mean salary-E-1001-2026-11?');
  });

  test('given nobody, then nothing but health and the documents is told', async () => {
    const paths = ['/api/cases', '/api/tasks', '/api/incidents', '/api/processes', '/metrics', '/api/cases/order-7'];
    const answers = await Promise.all(paths.map((path) => api.get(undefined, path)));

    expect(answers.map(({ status }) => status)).toEqual(paths.map(() => 401));
  });
});

describe('a request with a mistake', () => {
  test.each([
    ['/api/cases?proces=salary', 'proces', 'salary'],
    ['/api/cases?status=done', 'status', 'done'],
    ['/api/cases?limit=0', 'limit', '0'],
    ['/api/cases?limit=many', 'limit', 'many'],
    ['/api/cases?olderThan=soon', 'olderThan', 'soon'],
    ['/api/cases?olderThan=-1 day', 'olderThan', '-1 day'],
    ['/api/cases?startedBefore=0000-01-01T00:00:00Z', 'startedBefore', '0000-01-01T00:00:00Z'],
    ['/api/cases?startedBefore=yesterday', 'startedBefore', 'yesterday'],
    ['/api/stream?startedBefore=9999-12-31T23:59:59-12:00', 'startedBefore', '9999-12-31T23:59:59-12:00'],
    ['/api/cases?process=', 'process', ''],
    ['/api/cases?team=peple', 'team', 'peple'],
    ['/api/stream?team=toString', 'team', 'toString'],
    ['/api/cases?cursor=bnVsbA', 'cursor', 'bnVsbA'],
    ['/api/tasks?cursor=x', 'cursor', 'x'],
    ['/api/tasks?status=open', 'status', 'open'],
    ['/api/incidents?role=manager', 'role', 'manager'],
  ])('%s is refused by its field and value', async (path, field, value) => {
    const answer = await api.get('operator', path);

    expect(problemIn(answer)).toEqual([400, 'invalid-request']);
    expect(answer.body['errors']).toEqual([{ field, value, message: expect.any(String) as unknown }]);
  });

  test('given cursors that were made up, then none is a failure of ours', async () => {
    const made = (...place: unknown[]) => Buffer.from(JSON.stringify(place)).toString('base64url');
    const cursors = [
      made('newest', at(8), 'a\0b'),
      made('newest', '0000-01-01T00:00:00.000Z', 'a'),
      made('newest', '2026', 'a'),
      made('newest', '2026-02-30T00:00:00.000Z', 'a'),
      made('newest', at(8)),
      made('tasks', at(8), 'a', 'b'),
      made('newest', { at: 1 }, 'a'),
      'x'.repeat(4_000),
    ];
    const answers = await Promise.all(cursors.map((cursor) => api.get('operator', `/api/cases?cursor=${cursor}`)));

    expect(answers.map(problemIn)).toEqual(cursors.map(() => [400, 'invalid-request']));
  });
});

const odd = ["'", '"', "' OR 1=1 --", '%%%', '___', '\\', '\0', 'a\0b', '$1', ')', '..', '{}', 'x'.repeat(10_000)];

test.each(['process', 'key', 'text', 'step', 'system', 'role', 'person', 'outcome'])(
  'whatever stands in %s, nothing is found by it and nothing fails',
  async (field) => {
    for (const value of odd) {
      const { status, body } = await api.get('operator', `/api/cases?${field}=${encodeURIComponent(value)}`);
      expect([status === 200 ? body['cases'] : status, value.length]).toEqual([
        value.length > 1_000 ? 400 : [],
        value.length,
      ]);
    }
  },
);

test('whatever stands in a path, nothing is found by it and nothing fails', async () => {
  for (const value of odd.filter((text) => text !== '..')) {
    const name = encodeURIComponent(value);
    for (const path of [`/api/cases/${name}`, `/api/cases/${name}/history`]) {
      const tooLong = value.length > 1_000;
      expect([(await api.get('operator', path)).status, value.length]).toEqual([tooLong ? 414 : 404, value.length]);
    }
  }
});

test('given cases that begin while pages are read, then each that was there is on one page', async () => {
  const seen: unknown[] = [];
  let cursor = '';
  for (let page = 0; cursor !== 'none'; page += 1) {
    const answer = await api.get('operator', `/api/cases?limit=2${cursor && `&cursor=${cursor}`}`);
    seen.push(...idsIn(answer));
    cursor = (answer.body['cursor'] as string | undefined) ?? 'none';
    const later = record(`later-${page}`, { startedAt: at(10) });
    await confirmCase(api.view.db, { record: later, runStartedAt: at(10), confirmedAt: at(12) });
  }

  expect(seen).toEqual(cases.map(({ caseId }) => caseId));
  await api.view.db.deleteFrom('cases').where('case_id', 'like', 'later-%').execute();
});

test('given nothing has changed, then an answer is not sent again; a report makes it a new one, not confirmed yet', async () => {
  const path = '/api/cases/order-7';
  const first = await api.get('operator', path);
  const etag = String(first.headers.get('etag'));
  const again = await api.send('operator', 'GET', path, { headers: { 'if-none-match': etag } });
  const { steps, ...order } = cases[4] as (typeof cases)[0];
  const report = { ...order, changed: steps, taskQueue: 'q', runStartedAt: order.startedAt, historyLength: 12 };
  await applyReports(api.view.db, [report]);
  const changed = await api.send('operator', 'GET', path, { headers: { 'if-none-match': etag } });

  expect(etag).toMatch(/^W\//);
  expect(first.headers.get('cache-control')).toBe('private, no-cache');
  expect(again.status).toBe(304);
  expect(changed.body).toMatchObject({ cases: [{ confirmed: false, historyLength: 12 }] });
});

interface Operation {
  operationId?: string;
  responses: Record<string, { content?: Record<string, { schema: object }> }>;
}

test('every route has a name of its own in the document, and answers as it says', async () => {
  const { body: document } = await api.get(undefined, '/openapi.json');
  const paths = document['paths'] as Record<string, Record<string, Operation>>;
  const operations = Object.values(paths).flatMap((path) => Object.values(path));
  const names = operations.map(({ operationId }) => operationId);
  const ajv = new Ajv({ strict: false, validateFormats: false });

  expect(names.every((name) => name !== undefined)).toBe(true);
  expect(new Set(names).size).toBe(names.length);
  for (const [path, asked] of [
    ['/api/cases', '/api/cases'],
    ['/api/cases/{id}', '/api/cases/month:2026-11'],
    ['/api/cases/{id}', '/api/cases/nobody'],
    ['/api/cases/{id}/history', '/api/cases/order-7/history'],
    ['/api/tasks', '/api/tasks'],
    ['/api/incidents', '/api/incidents'],
    ['/api/processes', '/api/processes'],
  ] as const) {
    const { status, body } = await api.get('operator', asked);
    const { responses } = (paths[path]?.['get'] ?? {}) as Operation;
    const content = Object.values((responses[String(status)] ?? responses['default'])?.content ?? {});
    const fits = ajv.compile((content[0] as { schema: object }).schema);
    expect([asked, fits(body), fits.errors]).toEqual([asked, true, null]);
  }
});

test('given too many requests of somebody, then they are told when to come again, and nobody else', async () => {
  const connection = Connection.lazy({ address: '127.0.0.1:1' });
  const small = await runApi(
    new Client({ connection }),
    { open: neverAsked, reopen: neverAsked },
    { requestsPerMinute: 2 },
  );
  try {
    await small.enter('one', 'employee');
    await small.enter('other', 'employee');
    const answers = [1, 2, 3].map(() => small.get('one', '/api/processes'));
    const refused = (await Promise.all(answers)).find(({ status }) => status !== 200);

    expect(refused && problemIn(refused)).toEqual([429, 'too-many-requests']);
    expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await small.get('other', '/api/processes')).status).toBe(200);
  } finally {
    await small.stop();
  }
});

test.each<[string, (of: RunningApi) => Promise<Answer>, number]>([
  ['about themselves', (of) => of.get('one', '/api/session'), 200],
  ['that are refused to them', (of) => of.post('one', '/api/people', {}), 403],
  ['with mistakes', (of) => of.post('operator', '/api/cases/x/cancellation', {}), 400],
  ['of nobody', (of) => of.get(undefined, '/api/cases'), 401],
  [
    'by an unknown token',
    (of) => of.send(undefined, 'GET', '/api/cases', { headers: { authorization: 'Bearer x' } }),
    401,
  ],
  ['for what is not there', (of) => of.get(undefined, '/nothing'), 404],
  ['for its health', (of) => of.get(undefined, '/healthz'), 200],
])('given too many requests %s, then no more are let through, and the audit is not filled', async (_, ask, usually) => {
  const connection = Connection.lazy({ address: '127.0.0.1:1' });
  const never = { open: neverAsked, reopen: neverAsked };
  const small = await runApi(new Client({ connection }), never, { requestsPerMinute: 2 });
  try {
    await small.enter('one', 'employee');
    await small.enter('operator', 'operator');
    const statuses: number[] = [];
    for (let n = 0; n < 4; n += 1) statuses.push((await ask(small)).status);

    expect(statuses).toEqual([usually, usually, 429, 429]);
    const { rows } = await sql<{ count: number }>`SELECT count(*) FROM audit`.execute(small.db);
    expect(rows[0]?.count).toBeLessThanOrEqual(4);
  } finally {
    await small.stop();
  }
});

test('given its databases are gone one after the other, then it is not ready, and says which', async () => {
  await api.drop('api');
  const withoutApi = await api.get(undefined, '/readyz');
  await api.drop('view');
  const withoutBoth = await api.get(undefined, '/readyz');

  const gone = 'does not answer';
  expect(withoutApi).toMatchObject({ status: 503, body: { status: 'not ready', view: 'answers', database: gone } });
  expect(withoutBoth).toMatchObject({ status: 503, body: { view: gone, database: gone } });
});
