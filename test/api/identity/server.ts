import { Client } from 'pg';
import type { Kysely } from 'kysely';
import pino from 'pino';
import { z } from 'zod';
import type { AuditTables } from '../../../src/api/audit';
import { addIdentity } from '../../../src/api/identity';
import { newCode } from '../../../src/api/identity/codes';
import { addPerson } from '../../../src/api/identity/people';
import type { IdentityTables, Scope } from '../../../src/api/identity/tables';
import { makeToken } from '../../../src/api/identity/tokens';
import { migrations } from '../../../src/api/migrations';
import type { Role } from '../../../src/api/person';
import { mayOn } from '../../../src/api/rules';
import type { CaseRecord } from '../../../src/kit/client';
import { migrate, openDatabase } from '../../../src/service/database';
import { createHttpServer, type ServiceApp } from '../../../src/service/http';
import { Problem, problemName } from '../../../src/service/problem';
import { testDatabase } from '../../support/postgres';

/** What came back over HTTP. */
export interface Answer {
  status: number;
  body: Record<string, unknown>;
  headers: Headers;
  /** `name=value` of the cookie set. */
  cookie: string | undefined;
}

interface More {
  body?: unknown;
  headers?: Record<string, string>;
}

/** An API of identity and audit, and of one route about the cases given, over HTTP and on a database of its own. */
export interface IdentityServer {
  url: string;
  db: Kysely<IdentityTables & AuditTables>;
  send(method: string, path: string, more?: More): Promise<Answer>;
  /** `person` signs in with the password; the answer has the cookie. */
  signIn(person: string, password: string, headers?: Record<string, string>): Promise<Answer>;
  /** Enters a person with these roles and the password {@link goodPassword}. */
  enter(id: string, ...roles: Role[]): Promise<void>;
  /** Headers by which a new token of the person asks. */
  withToken(person: string, scope?: Scope): Promise<{ authorization: string }>;
  sql<Row = Record<string, unknown>>(statement: string, values?: unknown[]): Promise<Row[]>;
  stop(): Promise<void>;
}

/** Name of the problem in an answer; empty where there is none. */
export function problem({ body: { type } }: Pick<Answer, 'body'>): string {
  return typeof type === 'string' ? problemName(type) : '';
}

export const goodPassword = 'seven tall ships at noon';

export async function identityServer(cases: CaseRecord[] = [], publicUrl?: string): Promise<IdentityServer> {
  const database = await testDatabase();
  await migrate(database.url, migrations);
  const log = pino({ level: 'silent' });
  const { db: opened, close } = openDatabase(database.url, log);
  const db = opened as unknown as Kysely<IdentityTables & AuditTables>;
  const app = await createHttpServer({ title: 'API', team: 'tests' }, opened, log);
  await addIdentity(app, db, { publicUrl });
  addCaseRoutes(app, db, cases);
  await app.listen({ host: '127.0.0.1', port: 0 });
  const sqlClient = new Client({ connectionString: database.url });
  await sqlClient.connect();
  const address = app.server.address() as { port: number };
  const url = `http://127.0.0.1:${address.port}`;

  const send: IdentityServer['send'] = async (method, path, { body, headers = {} } = {}) => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      body: (text === '' ? {} : JSON.parse(text)) as Answer['body'],
      headers: response.headers,
      cookie: response.headers.get('set-cookie')?.split(';')[0],
    };
  };
  return {
    url,
    db,
    send,
    signIn: (person, password, headers = {}) => send('POST', '/api/session', { body: { person, password }, headers }),
    async enter(id, ...roles) {
      await addPerson(db, { id, name: `Name of ${id}`, roles });
      const { code } = await newCode(db, id);
      const { status } = await send('POST', '/api/password', { body: { code, password: goodPassword } });
      if (status !== 204) throw new Error(`${id} could not set the password: ${status}`);
    },
    async withToken(person, scope = 'all') {
      const { secret } = await makeToken(db, { person, name: 'of a test', scope, expiresInDays: 1 });
      return { authorization: `Bearer ${secret}` };
    },
    sql: async <Row>(statement: string, values: unknown[] = []) =>
      (await sqlClient.query(statement, values)).rows as Row[],
    async stop() {
      await sqlClient.end();
      await app.close();
      await close();
      await database.drop();
    },
  };
}

/** As the routes about a case are guarded: not found for who may not read it, refused for who may not do this. */
function addCaseRoutes(app: ServiceApp, db: IdentityServer['db'], cases: CaseRecord[]): void {
  const schema = { params: z.object({ id: z.string() }) };
  const find = (id: string) => cases.find(({ caseId }) => caseId === id);
  app.get('/api/cases/:id', { config: { allows: ['read', 'Case'] }, schema }, ({ params: { id }, person }) => {
    const found = find(id);
    if (!found || !mayOn(person, 'read', found)) throw new Problem(404, 'unknown-case', `There is no case ${id}.`);
    return {};
  });
  app.post(
    '/api/cases/:id/steps/:step/resolution',
    {
      config: { allows: ['resolve', 'Case'] },
      schema: {
        operationId: 'resolveStep',
        params: z.object({ id: z.string(), step: z.string() }),
        body: z.strictObject({ action: z.string(), reason: z.string(), result: z.unknown().optional() }),
      },
    },
    async ({ id }) => {
      const rows = await db.selectFrom('audit').select(['person', 'status']).where('request_id', '=', id).execute();
      return { writtenBefore: rows };
    },
  );
}
