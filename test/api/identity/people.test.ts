import { until } from '../../kit/fixtures/until';
import { goodPassword, identityServer, problem, type IdentityServer } from './server';

let server: IdentityServer;
let headers: { authorization: string };

beforeAll(async () => {
  server = await identityServer();
});
afterAll(() => server.stop());
beforeEach(async () => {
  await server.sql('truncate people, one_time_codes, sessions, tokens, failed_attempts');
  await server.enter('E-0', 'administrator');
  headers = await server.withToken('E-0');
});

const add = (body: object) => server.send('POST', '/api/people', { headers, body });
const change = (id: string, body: object) => server.send('PATCH', `/api/people/${id}`, { headers, body });
const ada = { id: 'E-1', name: 'Ada Lovelace', roles: ['manager', 'employee'] };

test('given a person is entered, then they set a password by the one-time code and sign in', async () => {
  const { status, body } = await add(ada);

  expect(status).toBe(201);
  expect(body).toEqual({
    ...ada,
    createdAt: expect.stringMatching(/Z$/),
    hasPassword: false,
    oneTimeCode: {
      person: 'E-1',
      code: expect.stringMatching(/^wac_[0-9a-f]{72}$/),
      expiresAt: expect.stringMatching(/Z$/),
    },
  });
  const { code } = body['oneTimeCode'] as { code: string };
  await server.send('POST', '/api/password', { body: { code, password: goodPassword } });
  expect((await server.signIn('E-1', goodPassword)).body).toEqual({ person: ada });
});

test('given a request is sent again with its key, then it has no second effect, and its code is not told again', async () => {
  const send = (path: string, key: string, body?: object) =>
    server.send('POST', path, { headers: { ...headers, 'idempotency-key': key }, ...(body && { body }) });
  const answers = [
    await send('/api/people', 'people-1', ada),
    await send('/api/people', 'people-1', ada),
    await send('/api/people', 'people-2', ada),
    await send('/api/people/E-1/codes', 'codes-1'),
    await send('/api/people/E-1/codes', 'codes-1'),
  ];

  expect(answers.map((answer) => [answer.status, answer.status < 300 ? '' : problem(answer)])).toEqual([
    [201, ''],
    [409, 'told-before'],
    [409, 'person-exists'],
    [201, ''],
    [409, 'told-before'],
  ]);
  const { code } = (answers[3]?.body ?? {}) as { code: string };
  const { status } = await server.send('POST', '/api/password', { body: { code, password: goodPassword } });
  expect(status).toBeLessThan(300);
});

test.each([
  ['an id that is there in another case', { ...ada, id: 'e-0' }, 409, 'person-exists'],
  ['an id with a space', { ...ada, id: 'E 1' }, 400, 'invalid-request'],
  ['no role', { ...ada, roles: [] }, 400, 'invalid-request'],
  ['a role there is not', { ...ada, roles: ['king'] }, 400, 'invalid-request'],
  ['a name of two lines', { ...ada, name: 'Ada\0\nLovelace' }, 400, 'invalid-request'],
  ['a password', { ...ada, password: goodPassword }, 400, 'invalid-request'],
])('given %s, then nobody is entered', async (_, body, status, name) => {
  const answer = await add(body);

  expect([answer.status, problem(answer)]).toEqual([status, name]);
  expect(await server.sql('select * from people')).toHaveLength(1);
});

test('given many people, then each is on one page', async () => {
  for (const id of ['E-3', 'E-1', 'E-2']) await add({ ...ada, id });
  const first = await server.send('GET', '/api/people?limit=3', { headers });
  const second = await server.send('GET', `/api/people?limit=3&cursor=${String(first.body['cursor'])}`, { headers });

  const ids = ({ body }: typeof first) => (body['people'] as { id: string }[]).map(({ id }) => id);
  expect([ids(first), ids(second), second.body['cursor']]).toEqual([['E-0', 'E-1', 'E-2'], ['E-3'], undefined]);
});

test('given other roles, then they count from the next request on', async () => {
  await add(ada);
  const asking = { headers: await server.withToken('E-1') };
  const before = await server.send('GET', '/api/audit', asking);

  expect((await change('E-1', { roles: ['auditor'] })).body).toMatchObject({ ...ada, roles: ['auditor'] });

  expect([before.status, (await server.send('GET', '/api/audit', asking)).status]).toEqual([403, 200]);
});

test('given a person is disabled, then sessions, tokens and codes end at once, and stay ended once enabled', async () => {
  await server.enter('E-1', 'employee');
  const { cookie = '' } = await server.signIn('E-1', goodPassword);
  const token = await server.withToken('E-1');
  const { body: code } = await server.send('POST', '/api/people/E-1/codes', { headers });
  const uses = async () => [
    (await server.send('GET', '/api/session', { headers: { cookie } })).status,
    (await server.send('GET', '/api/session', { headers: token })).status,
    (await server.send('POST', '/api/password', { body: { code: code['code'], password: goodPassword } })).status,
  ];

  expect((await change('E-1', { disabled: true })).body).toMatchObject({ disabledAt: expect.stringMatching(/Z$/) });
  expect([...(await uses()), (await server.signIn('E-1', goodPassword)).status]).toEqual([401, 401, 401, 401]);
  expect(problem(await server.send('POST', '/api/people/E-1/codes', { headers }))).toBe('person-disabled');

  expect((await change('E-1', { disabled: false })).body).not.toHaveProperty('disabledAt');
  expect([...(await uses()), (await server.signIn('E-1', goodPassword)).status]).toEqual([401, 401, 401, 200]);
});

test('given a session and a token made in the moment in which their person is disabled, then they prove nothing', async () => {
  await server.enter('E-1', 'employee');
  const { cookie = '' } = await server.signIn('E-1', goodPassword);
  const token = await server.withToken('E-1');
  await server.sql(`update people set disabled_at = now() where id = 'E-1'`);

  const answers = [{ cookie }, token].map((some) => server.send('GET', '/api/session', { headers: { ...some } }));

  expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([401, 401]);
});

test('given the last two administrators, when each loses the role at once, then one keeps it', async () => {
  await server.enter('E-1', 'administrator');
  await server.sql('begin');
  await server.sql('lock table people in exclusive mode');
  const changes = [change('E-0', { disabled: true }), change('E-1', { roles: ['employee'] })];
  await until(
    () => server.sql('select 1 from pg_locks where not granted'),
    (waiting) => waiting.length === 2,
  );
  await server.sql('commit');

  const answers = await Promise.all(changes);

  expect(answers.map(problem).sort()).toEqual(['', 'last-administrator']);
});

test('given the last administrator, then they change their name and get another role besides', async () => {
  expect((await change('E-0', { name: 'Grace', roles: ['administrator', 'auditor'] })).status).toBe(200);
});

test.each([
  ['PATCH', '/api/people/E-9', { name: 'New' }, 'unknown-person'],
  ['POST', '/api/people/E-9/codes', undefined, 'unknown-person'],
  ['PATCH', '/api/people/E-0', {}, 'invalid-request'],
])('given %s %s with %j, then it is %s', async (method, path, body, name) => {
  expect(problem(await server.send(method, path, { headers, body }))).toBe(name);
});
