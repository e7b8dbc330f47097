import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeLocalToken } from '../../../src/api/identity/local-token';
import { readLocalToken } from '../../../src/api/identity/local-token-file';
import { fromSetup } from '../../support/from-setup';
import { goodPassword, identityServer, problem, type IdentityServer } from './server';

let server: IdentityServer;
let folder: string;

beforeAll(async () => {
  server = await identityServer();
  folder = await mkdtemp(join(fromSetup('TEST_FOLDER'), 'tokens-'));
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
});
beforeEach(async () => {
  await server.sql('truncate people, one_time_codes, sessions, tokens, failed_attempts');
  await server.enter('E-1', 'employee');
});

type Headers = Record<string, string>;
const whoAmI = (headers: Headers) => server.send('GET', '/api/session', { headers });
const bearer = (token: unknown): Headers => ({ authorization: `Bearer ${String(token)}` });

async function signedIn(person: string): Promise<Headers> {
  const { cookie = '' } = await server.signIn(person, goodPassword);
  return { cookie, 'sec-fetch-site': 'same-origin' };
}

describe('a personal access token', () => {
  test('given one is made, then it proves its person, is shown once, and is kept as a hash', async () => {
    const headers = await signedIn('E-1');
    const body = { name: 'night job', scope: 'read', expiresInDays: 30 };

    const { status, body: made } = await server.send('POST', '/api/tokens', { headers, body });

    expect([status, made['secret']]).toEqual([201, expect.stringMatching(/^wab_[0-9a-f]{72}$/)]);
    expect((await whoAmI(bearer(made['secret']))).body).toMatchObject({ person: { id: 'E-1' }, by: 'token' });
    const { body: listed } = await server.send('GET', '/api/tokens', { headers });
    expect(listed['tokens']).toEqual([
      {
        id: made['id'],
        name: 'night job',
        scope: 'read',
        createdAt: made['createdAt'],
        expiresAt: made['expiresAt'],
        usedAt: expect.stringMatching(/^2.*Z$/),
      },
    ]);
    expect(JSON.stringify(await server.sql('select * from tokens'))).not.toContain(String(made['secret']).slice(4, 40));
  });

  test('given one is asked for again with the same key, then there is one, told once', async () => {
    const headers = { ...(await signedIn('E-1')), 'idempotency-key': 'token-1' };
    const ask = (name: string) => server.send('POST', '/api/tokens', { headers, body: { name, scope: 'read' } });

    const first = await ask('job');
    const [again, other] = [await ask('job'), await ask('other job')];

    expect(first.status).toBe(201);
    expect([again.status, problem(again), other.status, problem(other)]).toEqual([
      ...[409, 'told-before'],
      ...[422, 'idempotency-key-reused'],
    ]);
    const secret = String(first.body['secret']);
    expect(JSON.stringify(again.body)).not.toContain(secret);
    expect((await server.send('GET', '/api/tokens', { headers })).body['tokens']).toHaveLength(1);
    expect((await whoAmI(bearer(secret))).status).toBe(200);
    expect(JSON.stringify(await server.sql('select * from idempotent_requests'))).not.toContain(secret.slice(4, 40));
  });

  test('given a token, then it makes no other', async () => {
    const answer = await server.send('POST', '/api/tokens', {
      headers: await server.withToken('E-1'),
      body: { name: 'another', scope: 'all' },
    });

    expect([answer.status, problem(answer)]).toEqual([403, 'session-needed']);
  });

  test('given it is ended, then it proves nothing any more', async () => {
    const headers = await server.withToken('E-1');
    const { body } = await server.send('GET', '/api/tokens', { headers });
    const [{ id = '' } = {}] = body['tokens'] as { id?: string }[];

    expect((await server.send('DELETE', `/api/tokens/${id}`, { headers })).status).toBe(204);

    expect(problem(await whoAmI(headers))).toBe('token-refused');
  });

  test('given it has expired, then it proves nothing any more', async () => {
    const headers = await server.withToken('E-1');
    await server.sql('update tokens set expires_at = now()');

    expect(await whoAmI(headers)).toMatchObject({ status: 401, body: { detail: expect.stringContaining('expired') } });
  });

  test.each([
    ['cut short', (token: string) => token.slice(0, -1)],
    ['mistyped', (token: string) => token.replace(/.$/, (last) => (last === '0' ? '1' : '0'))],
    ['of a one-time link', (token: string) => token.replace('wab', 'wac')],
    ['of another kind', () => 'Basic RS0xOnBhc3N3b3Jk'],
    ['empty', () => ''],
    ['an injection', () => `Bearer ' OR 1=1 --`],
  ])('given one that is %s, then it is refused before it is looked for', async (_, changed) => {
    const { authorization } = await server.withToken('E-1');

    const answer = await whoAmI({ authorization: changed(authorization) });

    expect(answer).toMatchObject({ status: 401, body: { detail: expect.stringContaining('72 digits') } });
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
  });

  test('given somebody else, then they neither see nor end it, and an administrator does both', async () => {
    await server.enter('E-2', 'operator');
    await server.enter('E-3', 'administrator');
    await server.withToken('E-1');
    const [{ id } = {}] = await server.sql(`select id from tokens where person = 'E-1'`);
    const see = async (person: string) =>
      server.send('GET', '/api/tokens?person=E-1', { headers: await server.withToken(person) });
    const end = async (person: string) =>
      server.send('DELETE', `/api/tokens/${String(id)}`, { headers: await server.withToken(person) });

    expect([(await see('E-2')).status, (await end('E-2')).status]).toEqual([403, 404]);
    expect([(await see('E-3')).status, (await end('E-3')).status]).toEqual([200, 204]);
  });

  test('given its person has fewer roles from now on, then so has it', async () => {
    await server.sql(`update people set roles = '{operator}'`);
    const headers = await server.withToken('E-1');
    const resolve = () => server.send('POST', '/api/cases/a/steps/b/resolution', { headers, body: {} });
    const before = await resolve();
    await server.sql(`update people set roles = '{employee}'`);

    expect([before.status, (await resolve()).status]).toEqual([400, 403]);
  });

  test('given a cookie too, then the token counts', async () => {
    await server.enter('E-2', 'employee');

    const { body } = await whoAmI({ ...(await signedIn('E-1')), ...(await server.withToken('E-2')) });

    expect(body).toMatchObject({ person: { id: 'E-2' }, by: 'token' });
  });
});

describe('the token of the local command line', () => {
  const path = () => join(folder, 'token.json');
  const local = async () => {
    await writeLocalToken(server.db, path(), 'E-0');
    return bearer((await readLocalToken(path()))?.token);
  };
  const actFor = (person: string) => ({ 'x-whereabouts-act-for': person });

  beforeEach(async () => {
    await server.sql(`insert into people (id, name, roles) values ('E-0', 'Administrator', '{administrator}')`);
  });

  test('given it is written, then only its owner reads the file, also where there was one before', async () => {
    await writeFile(path(), 'before', { mode: 0o644 });

    await local();

    expect((await stat(path())).mode & 0o777).toBe(0o600);
    expect(JSON.parse(await readFile(path(), 'utf8'))).toEqual({
      person: 'E-0',
      token: expect.stringMatching(/^wab_[0-9a-f]{72}$/),
    });
  });

  test('given a new one, then the one before has ended', async () => {
    const before = await local();
    const after = await local();

    expect([(await whoAmI(before)).status, (await whoAmI(after)).status]).toEqual([401, 200]);
  });

  test('given a file that others may read, or that holds none, then it is not used and says why', async () => {
    await local();
    await chmod(path(), 0o640);
    await expect(readLocalToken(path())).rejects.toThrow('mode 640');
    await chmod(path(), 0o600);
    await writeFile(path(), '{}');
    await expect(readLocalToken(path())).rejects.toThrow('holds no token');
    await rm(path());
    expect(await readLocalToken(path())).toBeUndefined();
  });

  test('given a person to act for, then it is that person, with their roles and no more', async () => {
    const { body } = await whoAmI({ ...(await local()), ...actFor('e-1') });

    expect(body).toEqual({
      person: { id: 'E-1', name: 'Name of E-1', roles: ['employee'] },
      by: 'token',
      actedBy: 'E-0',
    });
  });

  test('given a name that nobody has entered, then it is taken as said, with every role', async () => {
    const { body } = await whoAmI({ ...(await local()), ...actFor('you') });

    expect(body).toMatchObject({ person: { id: 'you', roles: expect.arrayContaining(['operator', 'manager']) } });
  });

  test('given a person who is disabled, or no id, then nobody acts for them', async () => {
    await server.sql(`update people set disabled_at = now() where id = 'E-1'`);

    expect(problem(await whoAmI({ ...(await local()), ...actFor('E-1') }))).toBe('act-for-refused');
    expect(problem(await whoAmI({ ...(await local()), ...actFor(`'; drop table people`) }))).toBe('invalid-request');
  });

  test('given any other token, a session, nothing, or one whose person manages nobody any more, then it is refused', async () => {
    const headers = await local();
    const asking = [await server.withToken('E-0'), await signedIn('E-1'), {}];
    const answers = await Promise.all(asking.map((some: Headers) => whoAmI({ ...some, ...actFor('E-1') })));
    await server.sql(`update people set roles = '{operator}' where id = 'E-0'`);

    expect([...answers, await whoAmI({ ...headers, ...actFor('E-1') })].map(problem)).toEqual(
      Array.from({ length: 4 }, () => 'act-for-refused'),
    );
  });
});
