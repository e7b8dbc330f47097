import { createHash } from 'node:crypto';
import { oneTimeLink } from '../../../src/api/identity/password-page';
import { firstCode, newCode } from '../../../src/api/identity/codes';
import { goodPassword, identityServer, problem, type IdentityServer } from './server';

let server: IdentityServer;

beforeAll(async () => {
  server = await identityServer();
});
afterAll(() => server.stop());
beforeEach(async () => {
  await server.sql('truncate people, one_time_codes, sessions, tokens, failed_attempts');
  await server.enter('E-1', 'employee');
});

const ourPage = { 'sec-fetch-site': 'same-origin' };
const whoAmI = (cookie = '') => server.send('GET', '/api/session', { headers: { cookie } });
const setPassword = (body: object, headers: Record<string, string> = {}) =>
  server.send('POST', '/api/password', { body, headers });

test('given a one-time link, then it leads to a page whose script alone may run, and the code is in no request for it', async () => {
  const link = new URL(oneTimeLink(server.url, 'wac_1'));
  const response = await fetch(link);
  const page = await response.text();

  expect([link.hash, response.status, response.headers.get('content-type')]).toEqual([
    '#wac_1',
    200,
    'text/html; charset=utf-8',
  ]);
  for (const part of ['script', 'style']) {
    const [, content = ''] = new RegExp(`<${part}>(.*)</${part}>`, 's').exec(page) ?? [];
    const hash = createHash('sha256').update(content).digest('base64');
    expect(response.headers.get('content-security-policy')).toContain(`${part}-src 'sha256-${hash}'`);
  }
});

test('given a password that is too short, then the answer does not repeat it', async () => {
  const { status, body } = await setPassword({ code: 'wac_secret', password: 'abc', more: 1 });

  expect(status).toBe(400);
  expect(body['errors']).toContainEqual({ field: 'password', message: expect.any(String) as unknown });
  expect(JSON.stringify(body)).not.toMatch(/abc|wac_secret/);
});

describe('signing in', () => {
  test('given id and password, then there is a session in a cookie that scripts and other sites do not get', async () => {
    const { status, body, cookie, headers } = await server.signIn('e-1', goodPassword);

    const person = { id: 'E-1', name: 'Name of E-1', roles: ['employee'] };
    expect([status, body]).toEqual([200, { person }]);
    expect(headers.get('set-cookie')).toMatch(/^whereabouts=[0-9a-f]{64}; Path=\/; HttpOnly; SameSite=Strict$/);
    expect((await whoAmI(cookie)).body).toEqual({ person, by: 'session' });
    expect(await server.sql('select * from sessions where hash = $1', [cookie?.split('=')[1]])).toEqual([]);
  });

  test('given a server reached by https, then the cookie is sent over https and to this host alone', async () => {
    const secure = await identityServer([], 'https://whereabouts.example.com/');
    await secure.enter('E-1', 'employee');

    const { headers } = await secure.signIn('E-1', goodPassword, { origin: 'https://whereabouts.example.com' });

    expect(headers.get('set-cookie')).toMatch(
      /^__Host-whereabouts=[0-9a-f]{64}; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
    );
    await secure.stop();
  });

  test('given a wrong password, nobody of this id, no password yet, or one disabled, then the answer is the same', async () => {
    await server.enter('E-2', 'employee');
    await server.sql(`update people set disabled_at = now() where id = 'E-2'`);
    await server.sql(`insert into people (id, name, roles) values ('E-3', 'New', '{employee}')`);

    const answers = [
      await server.signIn('E-1', 'another password'),
      await server.signIn('E-9', goodPassword),
      await server.signIn('E-3', goodPassword),
      await server.signIn('E-2', goodPassword),
    ];

    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 401]);
    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    expect(answers.map(({ cookie }) => cookie)).toEqual([undefined, undefined, undefined, undefined]);
  });

  test.each(['E-1', 'nobody'])(
    'given many failures of %s, then it must wait, with the right password too',
    async (id) => {
      for (let failure = 1; failure <= 5; failure += 1) await server.signIn(id, 'another password');

      const { status, headers, body } = await server.signIn(id, goodPassword);

      expect([status, problem({ body })]).toEqual([429, 'too-many-attempts']);
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    },
  );

  test('given many attempts at once, then no more are let through than one after the other', async () => {
    const attempts = await Promise.all(Array.from({ length: 20 }, () => server.signIn('E-1', 'another password')));

    expect(attempts.filter(({ status }) => status === 401)).toHaveLength(5);
  });

  test('given the pause is over, then the right password signs in and failures are forgotten', async () => {
    for (let failure = 1; failure <= 5; failure += 1) await server.signIn('E-1', 'another password');
    await server.sql(`update failed_attempts set next_at = now()`);

    expect((await server.signIn('E-1', goodPassword)).status).toBe(200);
    expect((await server.signIn('E-1', 'another password')).status).toBe(401);
    expect((await server.signIn('E-1', goodPassword)).status).toBe(200);
  });

  test('given failures with many ids from one address, then the address must wait', async () => {
    await server.sql('update failed_attempts set failures = 60');
    const first = await server.signIn('E-100', 'another password');
    await server.sql(`update failed_attempts set failures = 60`);
    await server.signIn('E-101', 'another password');

    expect([first.status, (await server.signIn('E-102', 'another password')).status]).toEqual([401, 429]);
  });
});

describe('a session', () => {
  test('given a cookie that somebody else has set, then signing in gives another one (fixation)', async () => {
    const planted = `whereabouts=${'0'.repeat(64)}`;
    const { cookie } = await server.signIn('E-1', goodPassword, { cookie: planted, ...ourPage });

    expect(cookie).not.toBe(planted);
    expect((await whoAmI(planted)).status).toBe(401);
  });

  test('given a session, when its person signs in again, then it ends and there is a new one', async () => {
    const before = await server.signIn('E-1', goodPassword);
    const after = await server.signIn('E-1', goodPassword, { cookie: before.cookie ?? '', ...ourPage });

    expect((await whoAmI(before.cookie)).status).toBe(401);
    expect((await whoAmI(after.cookie)).status).toBe(200);
  });

  test('given signing out, then the session has ended and the cookie is taken away', async () => {
    const { cookie = '' } = await server.signIn('E-1', goodPassword);

    const { status, headers } = await server.send('DELETE', '/api/session', { headers: { cookie, ...ourPage } });

    expect(status).toBe(204);
    expect(headers.get('set-cookie')).toContain('Max-Age=0');
    expect((await whoAmI(cookie)).status).toBe(401);
  });

  test.each([
    ['12 hours without a request', `used_at = now() - interval '12 hours'`],
    ['7 days', `expires_at = now()`],
  ])('given %s, then it has ended', async (_, change) => {
    const { cookie } = await server.signIn('E-1', goodPassword);
    await server.sql(`update sessions set ${change}`);

    expect((await whoAmI(cookie)).status).toBe(401);
  });

  test('given a request, then it goes on for 12 hours from then', async () => {
    const { cookie } = await server.signIn('E-1', goodPassword);
    await server.sql(`update sessions set used_at = now() - interval '11 hours'`);

    await whoAmI(cookie);

    expect(await server.sql(`select 1 from sessions where used_at > now() - interval '1 hour'`)).toHaveLength(1);
  });

  test("given several, then one's own are listed and ended, and nobody else's", async () => {
    await server.enter('E-2', 'employee');
    const others = await server.signIn('E-2', goodPassword);
    const one = await server.signIn('E-1', goodPassword, { 'user-agent': 'Phone' });
    const two = await server.signIn('E-1', goodPassword);
    const mine = async () => {
      const { body } = await server.send('GET', '/api/sessions', { headers: { cookie: two.cookie ?? '' } });
      return body['sessions'] as { id: string; current: boolean; agent: string }[];
    };
    const end = (id: unknown) =>
      server.send('DELETE', `/api/sessions/${String(id)}`, { headers: { cookie: two.cookie ?? '', ...ourPage } });
    const [{ id: foreign } = {}] = await server.sql(`select id from sessions where person = 'E-2'`);

    expect((await mine()).map(({ agent, current }) => [agent, current])).toEqual([
      [expect.any(String), true],
      ['Phone', false],
    ]);
    expect((await end(foreign)).status).toBe(404);
    expect((await end((await mine())[1]?.id)).status).toBe(204);
    expect([(await whoAmI(one.cookie)).status, (await whoAmI(others.cookie)).status]).toEqual([401, 200]);
  });
});

describe('a request that changes something by a cookie (cross-site request forgery)', () => {
  const change = async (headers: Record<string, string>, body: unknown = { name: 'a', scope: 'read' }) => {
    const { cookie = '' } = await server.signIn('E-1', goodPassword);
    return server.send('POST', '/api/tokens', { body, headers: { cookie, ...headers } });
  };

  test.each([
    ['of our own page', { 'sec-fetch-site': 'same-origin' }],
    ['of an older browser on our own page', { origin: 'own' }],
  ])('given one %s, then it is done', async (_, headers) => {
    const origin = 'origin' in headers ? { origin: server.url } : {};

    expect((await change({ ...headers, ...origin })).status).toBe(201);
  });

  test.each<[string, Record<string, string>]>([
    ['of another site', { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }],
    ['of another host of the same site', { 'sec-fetch-site': 'same-site' }],
    ['that says another origin', { origin: 'https://evil.example' }],
    ['of a page without an origin', { origin: 'null' }],
    ['that does not say where it is from', {}],
  ])('given one %s, then it is refused', async (_, headers) => {
    const answer = await change(headers);

    expect([answer.status, problem(answer)]).toEqual([403, 'other-site']);
    expect(await server.sql('select * from tokens')).toEqual([]);
  });

  test.each(['text/plain', 'application/x-www-form-urlencoded'])('given %s, then it is refused', async (type) => {
    const answer = await change({ 'sec-fetch-site': 'same-origin', 'content-type': type }, '{"name":"a"}');

    expect(answer.status).toBe(415);
  });

  test('given a page of another site that signs its visitor in, then it is refused', async () => {
    const answer = await server.signIn('E-1', goodPassword, { 'sec-fetch-site': 'cross-site' });

    expect([answer.status, problem(answer), answer.cookie]).toEqual([403, 'other-site', undefined]);
  });
});

describe('a one-time code', () => {
  test('given no administrator with a password, then there is a code for the first one, and then no more', async () => {
    const first = await firstCode(server.db);
    const again = await firstCode(server.db);
    expect([first?.person, again?.person]).toEqual(['administrator', 'administrator']);

    const { status } = await setPassword({ code: first?.code, password: goodPassword });

    expect(status).toBe(204);
    expect((await server.signIn('administrator', goodPassword)).body).toMatchObject({
      person: { roles: ['administrator'] },
    });
    expect(await firstCode(server.db)).toBeUndefined();
    expect((await setPassword({ code: again?.code, password: goodPassword })).status).toBe(401);
  });

  test('given it is used twice, then the second time is refused', async () => {
    const { code } = await newCode(server.db, 'E-1');

    const used = await Promise.all([1, 2].map(() => setPassword({ code, password: 'another good password' })));

    expect(used.map(({ status }) => status).sort()).toEqual([204, 401]);
  });

  test('given it has expired or was not copied whole, then it is refused and says so', async () => {
    const { code } = await newCode(server.db, 'E-1');
    const cut = await setPassword({ code: code.slice(0, -1), password: goodPassword });
    await server.sql('update one_time_codes set expires_at = now()');

    const expired = await setPassword({ code, password: goodPassword });

    expect([problem(cut), problem(expired)]).toEqual(['code-refused', 'code-refused']);
    expect([cut.body['detail'], expired.body['detail']]).toEqual([
      expect.stringContaining('not copied whole'),
      expect.stringContaining('has expired'),
    ]);
  });

  test('given it is kept, then not as it is', async () => {
    const { code } = await newCode(server.db, 'E-1');

    expect(JSON.stringify(await server.sql('select * from one_time_codes'))).not.toContain(code.slice(4, 40));
  });

  test('given a new password by it, then the sessions of the old one end', async () => {
    const { cookie } = await server.signIn('E-1', goodPassword);
    const { code } = await newCode(server.db, 'E-1');

    await setPassword({ code, password: 'another good password' });

    expect((await whoAmI(cookie)).status).toBe(401);
    expect((await server.signIn('E-1', goodPassword)).status).toBe(401);
    expect((await server.signIn('E-1', 'another good password')).status).toBe(200);
  });
});

describe('a new password', () => {
  test('given the old one, then it is set and all other sessions end', async () => {
    const other = await server.signIn('E-1', goodPassword);
    const { cookie = '' } = await server.signIn('E-1', goodPassword);

    const { status } = await setPassword(
      { oldPassword: goodPassword, password: 'another good password' },
      { cookie, ...ourPage },
    );

    expect(status).toBe(204);
    expect([(await whoAmI(cookie)).status, (await whoAmI(other.cookie)).status]).toEqual([200, 401]);
    expect((await server.signIn('E-1', 'another good password')).status).toBe(200);
  });

  test('given a wrong old one, no session, or a token, then it is refused', async () => {
    const { cookie = '' } = await server.signIn('E-1', goodPassword);
    const change = { oldPassword: goodPassword, password: 'another good password' };

    const answers = [
      await setPassword({ ...change, oldPassword: 'not my password' }, { cookie, ...ourPage }),
      await setPassword(change),
      await setPassword(change, await server.withToken('E-1')),
    ];

    expect(answers.map(problem)).toEqual(['sign-in-refused', 'not-signed-in', 'session-needed']);
  });

  test.each([
    ['eleven char', 400, 'invalid-request'],
    ['x'.repeat(257), 400, 'invalid-request'],
    ['name of e-1 password', 422, 'password-guessable'],
    ['Whereabouts1234567890', 422, 'password-guessable'],
    ['ein schöner Satz', 204, ''],
    ['x'.repeat(256), 204, ''],
  ])('given "%s", then it is answered %i %s, and a code refused so goes on working', async (password, status, name) => {
    const { code } = await newCode(server.db, 'E-1');

    const answer = await setPassword({ code, password });

    expect([answer.status, problem(answer)]).toEqual([status, name]);
    expect(await server.sql('select * from one_time_codes')).toHaveLength(status === 204 ? 0 : 1);
  });

  test('given letters that another keyboard writes otherwise, then they are the same', async () => {
    const { code } = await newCode(server.db, 'E-1');
    await setPassword({ code, password: 'ein schöner Satz'.normalize('NFD') });

    expect((await server.signIn('E-1', 'ein schöner Satz'.normalize('NFC'))).status).toBe(200);
  });
});
