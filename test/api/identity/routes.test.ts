import type { Kysely } from 'kysely';
import pino from 'pino';
import { addIdentity } from '../../../src/api/identity';
import { roles, type Role } from '../../../src/api/person';
import type { ServiceTables } from '../../../src/service/database';
import { createHttpServer } from '../../../src/service/http';
import { identityServer, problem, type IdentityServer } from './server';

let server: IdentityServer;
const headersOf: Partial<Record<Role, { authorization: string }>> = {};

beforeAll(async () => {
  server = await identityServer();
  for (const role of roles) {
    await server.enter(`is-${role.replace(' ', '-')}`, role);
    headersOf[role] = await server.withToken(`is-${role.replace(' ', '-')}`);
  }
});
afterAll(() => server.stop());

const everybody = [...roles];
const administrators: Role[] = ['administrator'];

/** Every route there is: who may use it at all, signed in by a token. */
const table: Record<string, Role[] | 'anyone' | 'nobody by token'> = {
  'GET /healthz': 'anyone',
  'GET /readyz': 'anyone',
  'POST /api/session': 'anyone',
  'GET /api/session': everybody,
  'DELETE /api/session': 'nobody by token',
  'GET /api/sessions': everybody,
  'DELETE /api/sessions/{id}': everybody,
  'POST /api/password': 'anyone',
  'GET /api/tokens': everybody,
  'POST /api/tokens': 'nobody by token',
  'DELETE /api/tokens/{id}': everybody,
  'GET /api/people': ['administrator', 'auditor'],
  'POST /api/people': administrators,
  'PATCH /api/people/{id}': administrators,
  'POST /api/people/{id}/codes': administrators,
  'GET /api/audit': ['administrator', 'auditor'],
  'GET /api/cases/{id}': everybody,
  'POST /api/cases/{id}/steps/{step}/resolution': ['administrator', 'operator'],
};

async function routes(): Promise<string[]> {
  const { body } = await server.send('GET', '/openapi.json');
  const paths = body['paths'] as Record<string, Record<string, unknown>>;
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
}

/** Status and problem of an empty request. */
async function ask(route: string, headers: Record<string, string> = {}): Promise<string> {
  const [method = '', path = ''] = route.split(' ');
  const body = ['POST', 'PATCH'].includes(method) ? {} : undefined;
  const answer = await server.send(method, path.replaceAll(/\{.*?\}/g, 'nothing'), { body, headers });
  return `${answer.status} ${problem(answer)}`;
}

test('every route there is is in the table', async () => {
  expect((await routes()).sort()).toEqual(Object.keys(table).sort());
});

test.each(roles)('given somebody who is %s, then the routes of the table let them and no others', async (role) => {
  const refusals = await Promise.all(
    Object.keys(table).map(async (route) => [
      route,
      (await ask(route, headersOf[role])).replace(/^[^4].*|^40[04].*/, ''),
    ]),
  );

  expect(Object.fromEntries(refusals)).toEqual(
    Object.fromEntries(
      Object.entries(table).map(([route, who]) => {
        if (who === 'nobody by token') return [route, '403 session-needed'];
        return [route, who === 'anyone' || who.includes(role) ? '' : '403 not-allowed'];
      }),
    ),
  );
});

test('given nobody who has signed in, then only what is open to anyone lets them', async () => {
  const answers = await Promise.all(Object.keys(table).map(async (route) => [route, await ask(route)] as const));

  const open = answers.filter(([, answer]) => answer !== '401 not-signed-in').map(([route]) => route);
  expect(open).toEqual(Object.keys(table).filter((route) => table[route] === 'anyone'));
});

test('given a token that only reads, then what changes something is refused, whoever has it', async () => {
  const headers = await server.withToken('is-administrator', 'read');

  const refused = [];
  for (const [route, who] of Object.entries(table)) {
    if (who !== 'anyone' && (await ask(route, headers)) === '403 token-reads-only') refused.push(route);
  }

  const changing = Object.keys(table).filter((route) => !route.startsWith('GET') && table[route] !== 'anyone');
  expect(refused).toEqual(changing);
});

test('given a route that does not say what it allows, then it cannot be added', async () => {
  const app = await createHttpServer(
    { title: 'API', team: 'tests' },
    server.db as unknown as Kysely<ServiceTables>,
    pino({ level: 'silent' }),
  );
  await addIdentity(app, server.db);

  expect(() => app.get('/api/secrets', () => ({}))).toThrow('GET /api/secrets does not say in its config');
  await app.close();
});

test('given a path that is not there, then it is not found, also without signing in', async () => {
  expect(await ask('POST /api/nowhere')).toBe('404 not-found');
});
