import type { CaseRecord } from '../../src/kit/client';
import { goodPassword, identityServer, type IdentityServer } from './identity/server';

const salary: CaseRecord = {
  process: 'salary',
  caseId: 'salary-E-7-2026-11',
  runId: 'run',
  restart: 0,
  keys: ['employee:E-7'],
  status: 'running',
  steps: [],
  waitingFor: [],
  incidents: [],
  startedAt: '2026-11-22T08:00:00.000Z',
  historyLength: 9,
};

let server: IdentityServer;

beforeAll(async () => {
  server = await identityServer([salary]);
  await server.enter('E-1', 'operator');
  await server.enter('E-2', 'employee');
  await server.enter('E-3', 'auditor');
});
afterAll(() => server.stop());

type Entry = Record<string, unknown>;
/** What the audit tells, newest first. */
async function audit(): Promise<Entry[]> {
  const { body } = await server.send('GET', '/api/audit?limit=500', { headers: await server.withToken('E-3') });
  return body['entries'] as Entry[];
}

/** What it tells beyond what it told before. */
async function written(doing: () => Promise<unknown>): Promise<Entry[]> {
  const before = await audit();
  await doing();
  const entries = await audit();
  return entries.slice(0, entries.length - before.length);
}

const resolve = async (person: string, body: unknown, headers: Record<string, string> = {}) =>
  server.send('POST', `/api/cases/${salary.caseId}/steps/payroll.bookSalary%2F1/resolution`, {
    body,
    headers: { ...(await server.withToken(person)), ...headers },
  });

test('given a change, then it is written who, what, when, from where, why and how it ended', async () => {
  const entries = await written(() =>
    resolve('E-1', { action: 'retry', reason: 'unlocked' }, { 'x-request-id': 'request-1' }),
  );

  expect(entries).toEqual([
    {
      at: expect.stringMatching(/^2.*Z$/),
      requestId: 'request-1',
      person: 'E-1',
      credential: expect.stringMatching(/^token [0-9a-f-]{36}$/),
      address: '127.0.0.1',
      action: 'resolveStep',
      route: 'POST /api/cases/:id/steps/:step/resolution',
      about: 'salary-E-7-2026-11',
      step: 'payroll.bookSalary/1',
      decision: 'retry',
      reason: 'unlocked',
      status: 200,
    },
  ]);
});

test('given a change that is at work, then it is written before it is done, and told as long as it has not ended', async () => {
  const { body } = await resolve('E-1', { action: 'retry', reason: 'unlocked' });
  expect(body).toEqual({ writtenBefore: [{ person: 'E-1', status: null }] });

  const entries = await written(() =>
    server.sql(
      `insert into audit (request_id, person, address, action, route) values ('lost', 'E-1', '::1', 'decide', '')`,
    ),
  );

  expect(entries).toMatchObject([{ person: 'E-1', requestId: 'lost' }]);
  expect(entries[0]).not.toHaveProperty('status');
});

test('given a result by hand, then it is not in the audit, for it may be a salary', async () => {
  const result = { base: { amountInCents: 987_654, currency: 'EUR' } };

  const entries = await written(() => resolve('E-1', { action: 'replace', reason: 'as agreed', result }));

  expect(entries).toMatchObject([{ decision: 'replace' }]);
  expect(JSON.stringify(await server.sql('select * from audit'))).not.toMatch(/987_?654/);
});

test.each([
  ['by who may not', 'E-2', { action: 'retry', reason: 'why' }, 403],
  ['of the wrong form', 'E-1', { action: 1, reason: 'why' }, 400],
])('given a change %s, then it is written how it was refused', async (_, person, body, status) => {
  expect(await written(() => resolve(person, body))).toMatchObject([{ person, about: salary.caseId, status }]);
});

test('given texts that Postgres does not keep, or much too long, then they are written as far as they can be', async () => {
  const entries = await written(() => resolve('E-1', { action: 'ret\0ry', reason: 'x'.repeat(5_000) }));

  expect(entries).toMatchObject([{ decision: 'retry', reason: 'x'.repeat(500), status: 200 }]);
});

test('given reading, then it is written when it was refused or a case was not found by who may not read all', async () => {
  const read = async (person: string, path: string) =>
    server.send('GET', path, { headers: await server.withToken(person) });

  const entries = await written(async () => {
    await read('E-1', '/api/cases/no-such-case');
    await read('E-1', `/api/cases/${salary.caseId}`);
    await read('E-2', `/api/cases/${salary.caseId}`);
    await read('E-2', '/api/audit');
    await read('E-2', '/api/nowhere');
  });

  expect(entries).toMatchObject([
    { person: 'E-2', action: 'readAudit', status: 403 },
    { person: 'E-2', about: salary.caseId, status: 404 },
  ]);
});

test('given somebody acts for another, then both are written', async () => {
  await server.sql(`insert into people (id, name, roles) values ('E-0', 'Local', '{administrator}')`);
  const headers = await server.withToken('E-0');
  await server.sql(`update tokens set acts_for_others = true where person = 'E-0'`);

  const entries = await written(() =>
    server.send('POST', '/api/cases/a/steps/b/resolution', {
      body: { action: 'retry', reason: 'why' },
      headers: { ...headers, 'x-whereabouts-act-for': 'E-1' },
    }),
  );

  expect(entries).toMatchObject([{ person: 'E-1', actedBy: 'E-0', status: 200 }]);
});

test('given signing in, then whoever it was is written, and of a wrong id nothing that was typed', async () => {
  const entries = await written(async () => {
    await server.signIn('E-1', goodPassword);
    await server.signIn('e-1', 'not my password');
    await server.signIn('hunter2', 'E-1 and more');
    await server.send('GET', '/api/session');
  });

  expect(entries.map(({ person, status, action }) => [action, person, status])).toEqual([
    ['signIn', undefined, 401],
    ['signIn', 'E-1', 401],
    ['signIn', 'E-1', 200],
  ]);
  expect(JSON.stringify(await server.sql('select * from audit'))).not.toMatch(/hunter2|and more|not my|ships/);
});

test('given requests of nobody, then they do not fill it', async () => {
  const entries = await written(async () => {
    await server.send('POST', '/api/tokens', { body: {} });
    await server.send('POST', '/api/tokens', { body: {}, headers: { authorization: 'Bearer wab_1' } });
    await server.send('POST', '/api/nowhere', { body: {} });
  });

  expect(entries).toEqual([]);
});

test('given tokens and people, then it is written which, and no secret', async () => {
  const { cookie = '' } = await server.signIn('E-1', goodPassword);
  const headers = { cookie, 'sec-fetch-site': 'same-origin' };
  let made: Record<string, unknown> = {};

  const entries = await written(async () => {
    ({ body: made } = await server.send('POST', '/api/tokens', { headers, body: { name: 'job', scope: 'read' } }));
    await server.send('DELETE', `/api/tokens/${String(made['id'])}`, { headers });
    await server.send('POST', '/api/password', {
      headers,
      body: { oldPassword: goodPassword, password: 'another good password' },
    });
  });

  expect(entries).toMatchObject([
    { person: 'E-1', about: 'E-1', decision: 'password by the old one', status: 204 },
    { person: 'E-1', about: made['id'], decision: 'token of E-1 ended', status: 204 },
    { person: 'E-1', about: made['id'], decision: 'token with scope read', status: 201 },
  ]);
  expect(JSON.stringify(await server.sql('select * from audit'))).not.toContain(String(made['secret']).slice(4, 40));
});

test('given many entries, then they are read page by page, and by person and case', async () => {
  const headers = await server.withToken('E-3');
  const all = (await server.send('GET', '/api/audit?limit=500', { headers })).body['entries'] as Entry[];
  const pages: Entry[] = [];
  for (let query: string | undefined = ''; query !== undefined;) {
    const { body } = await server.send('GET', `/api/audit?limit=4${query}`, { headers });
    pages.push(...(body['entries'] as Entry[]));
    query = typeof body['cursor'] === 'string' ? `&cursor=${body['cursor']}` : undefined;
  }
  const { body: some } = await server.send('GET', `/api/audit?person=E-2&about=${salary.caseId}`, { headers });

  expect(pages).toEqual(all);
  expect(some['entries']).toEqual(all.filter(({ person, about }) => person === 'E-2' && about === salary.caseId));
});

test.each(['update audit set reason = null', 'delete from audit', 'truncate audit', 'delete from audit where false'])(
  'given "%s", then the database refuses it',
  async (statement) => {
    await expect(server.sql(statement)).rejects.toThrow('the audit is only added to');
  },
);

test('given the API has a role of its own, then it has no right to change the audit', async () => {
  const [{ rights } = {}] = await server.sql<{ rights: string }>(
    `select string_agg(privilege_type, ' ' order by privilege_type) as rights
     from information_schema.role_table_grants where table_name = 'audit' and grantee = current_user`,
  );

  expect(rights?.split(' ')).toEqual(expect.arrayContaining(['INSERT', 'SELECT']));
  expect(rights).not.toMatch(/UPDATE|DELETE|TRUNCATE/);
});

test('given the audit cannot be written, then no answer tells of a change', async () => {
  await server.sql('alter table audit rename to away');
  const changed = await resolve('E-1', { action: 'retry', reason: 'why' });
  const refused = await resolve('E-2', { action: 'retry', reason: 'why' });
  await server.sql('alter table away rename to audit');

  expect([changed.status, refused.status]).toEqual([500, 403]);
});
