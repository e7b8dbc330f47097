import type { Client } from '@temporalio/client';
import type { Kysely } from 'kysely';
import pino from 'pino';
import type { AuditTables } from '../../src/api/audit';
import type { Door } from '../../src/api/door';
import { addIdentity } from '../../src/api/identity';
import { addPerson } from '../../src/api/identity/people';
import type { IdentityTables } from '../../src/api/identity/tables';
import { makeToken } from '../../src/api/identity/tokens';
import { migrations } from '../../src/api/migrations';
import type { Role } from '../../src/api/person';
import { createApi, type ApiOptions } from '../../src/api/server';
import { systemsByTeam } from '../../src/platform/systems';
import { migrate, openDatabase, type ServiceTables } from '../../src/service/database';
import type { ServiceApp } from '../../src/service/http';
import { openView, type View } from '../../src/view/database';
import { testDatabase } from '../support/postgres';

/** What came back over HTTP. */
export interface Answer {
  status: number;
  body: Record<string, unknown>;
  headers: Headers;
}

interface More {
  body?: unknown;
  headers?: Record<string, string>;
}

/** The API over HTTP, on databases of its own. */
export interface RunningApi {
  url: string;
  app: ServiceApp;
  db: Kysely<ServiceTables>;
  /** URLs of its databases. */
  databases: Record<'view' | 'api', string>;
  view: View;
  /** As somebody entered before, or as nobody. */
  send(person: string | undefined, method: string, path: string, more?: More): Promise<Answer>;
  get(person: string | undefined, path: string): Promise<Answer>;
  /** Headers by which somebody entered before asks. */
  as(person: string): { authorization: string };
  post(person: string | undefined, path: string, body: unknown, key?: string): Promise<Answer>;
  enter(person: string, ...roles: Role[]): Promise<void>;
  /** Drops one of its databases. */
  drop(which: 'view' | 'api'): Promise<void>;
  stop(): Promise<void>;
}

type Limits = Pick<ApiOptions, 'askAgainEvery' | 'trustedProxies'> & { requestsPerMinute?: number };

export async function runApi(
  client: Client,
  door: Door,
  { requestsPerMinute, ...limits }: Limits = {},
): Promise<RunningApi> {
  const log = pino({ level: 'silent' });
  const databases = { view: await testDatabase(), api: await testDatabase() };
  await migrate(databases.api.url, migrations);
  const view = await openView(databases.view.url, log);
  const { db: opened, close } = openDatabase(databases.api.url, log);
  const db = opened as unknown as Kysely<ServiceTables>;
  const identity = opened as unknown as Kysely<IdentityTables & AuditTables>;
  const people = opened as unknown as Kysely<IdentityTables>;
  const app = await createApi({
    db,
    view: view.db,
    client,
    door,
    teams: systemsByTeam,
    identity: (server) => addIdentity(server, identity, { requestsPerMinute }),
    log,
    ...limits,
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as { port: number };
  const url = `http://127.0.0.1:${port}`;
  const tokens = new Map<string, string>();

  const as: RunningApi['as'] = (person) => ({ authorization: `Bearer ${tokens.get(person)}` });
  const send: RunningApi['send'] = async (person, method, path, { body, headers = {} } = {}) => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(person !== undefined && as(person)),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (response.headers.get('content-type') === 'text/event-stream') {
      await response.body?.cancel();
      return { status: response.status, body: {}, headers: response.headers };
    }
    const text = await response.text();
    const isJson = text !== '' && response.headers.get('content-type')?.includes('json');
    const content = isJson ? (JSON.parse(text) as Answer['body']) : { text };
    return { status: response.status, body: content, headers: response.headers };
  };
  return {
    url,
    app,
    db,
    databases: { view: databases.view.url, api: databases.api.url },
    view,
    send,
    as,
    get: (person, path) => send(person, 'GET', path),
    post: (person, path, body, key) =>
      send(person, 'POST', path, { body, ...(key !== undefined && { headers: { 'idempotency-key': key } }) }),
    async enter(id, ...roles) {
      await addPerson(people, { id, name: `Name of ${id}`, roles });
      const { secret } = await makeToken(people, { person: id, name: 'of a test', scope: 'all', expiresInDays: 1 });
      tokens.set(id, secret);
    },
    drop: (which) => databases[which].drop(),
    async stop() {
      await app.close();
      await view.close();
      await close();
      await Promise.all(Object.values(databases).map(({ drop }) => drop().catch(() => undefined)));
    },
  };
}
