import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Kysely } from 'kysely';
import pino from 'pino';
import { readLocalToken } from '../../../src/api/identity/local-token-file';
import { addPerson } from '../../../src/api/identity/people';
import type { IdentityTables } from '../../../src/api/identity/tables';
import { makeToken } from '../../../src/api/identity/tokens';
import type { Role } from '../../../src/api/person';
import type { CaseStatus } from '../../../src/kit/contract';
import { startApi } from '../../../src/platform/api';
import { openDatabase } from '../../../src/service/database';
import { until } from '../../kit/fixtures/until';
import { testDatabase } from '../../support/postgres';
import type { Stack } from '../../support/stack';

/** The API on a stack, as `whereabouts up` runs it. */
export interface CliApi {
  url: string;
  /** In which commands ask it, signed in as the local command line. */
  environment: { WHEREABOUTS_URL: string; WHEREABOUTS_TOKEN: string };
  /** Enters a person, and answers with a token of theirs. */
  enter(id: string, ...roles: Role[]): Promise<string>;
  /** Resolves once the API tells of the case that it is in this status. */
  untilKnown(caseId: string, status: CaseStatus): Promise<void>;
  stop(): Promise<void>;
  /** Drops its databases, once nothing uses them. */
  drop(): Promise<void>;
}

type Database = Awaited<ReturnType<typeof testDatabase>>;

export async function startCliApi({ environment, url }: Stack, view: Database): Promise<CliApi> {
  const log = pino({ level: 'silent' });
  const own = await testDatabase();
  const { address, namespace = 'default' } = environment;
  const temporal = { connection: { address }, namespace };
  const api = await startApi({ databaseUrl: own.url, viewUrl: view.url, temporal, systemUrl: url, log });
  const folder = await mkdtemp(join(tmpdir(), 'whereabouts-token-'));
  const file = join(folder, 'token.json');
  await api.signIn(file);
  const { token = '' } = (await readLocalToken(file)) ?? {};
  await rm(folder, { recursive: true });
  return {
    url: api.url,
    environment: { WHEREABOUTS_URL: api.url, WHEREABOUTS_TOKEN: token },
    async enter(id, ...roles) {
      const { db, close } = openDatabase(own.url, log);
      const people = db as unknown as Kysely<IdentityTables>;
      await addPerson(people, { id, name: `Name of ${id}`, roles });
      const { secret } = await makeToken(people, { person: id, name: 'of a test', scope: 'all', expiresInDays: 1 });
      await close();
      return secret;
    },
    async untilKnown(caseId, status) {
      const ask = async () => {
        const headers = { authorization: `Bearer ${token}` };
        const answer = await fetch(`${api.url}/api/cases/${caseId}`, { headers });
        return (await answer.json()) as { cases?: { status: CaseStatus }[] };
      };
      await until(ask, ({ cases }) => cases?.[0]?.status === status);
    },
    stop: () => api.stop(),
    async drop() {
      await own.drop();
      await view.drop();
    },
  };
}
