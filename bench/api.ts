import { Client, Connection } from '@temporalio/client';
import type { Kysely } from 'kysely';
import pino from 'pino';
import type { AuditTables } from '../src/api/audit';
import { addIdentity } from '../src/api/identity';
import { addPerson } from '../src/api/identity/people';
import type { IdentityTables } from '../src/api/identity/tables';
import { makeToken } from '../src/api/identity/tokens';
import { migrations } from '../src/api/migrations';
import type { Role } from '../src/api/person';
import { createApi } from '../src/api/server';
import { migrate, openDatabase } from '../src/service/database';
import { openView } from '../src/view/database';
import { runView } from '../src/view/run';
import { answerQuestions } from './children';

export interface ApiSetting {
  databaseUrl: string;
  viewUrl: string;
  /** Where the cases run, which are asked then to keep the view true; absent: nobody is. */
  address?: string;
  people: Record<string, Role>;
}

/** What an API process answers: where it listens, and the token of each person. */
export interface ApiAnswer {
  url: string;
  tokens: Record<string, string>;
}

const nobodyIsLetIn = () => Promise.reject(new Error('nothing is started here'));

void answerQuestions<ApiSetting, unknown>(async ({ databaseUrl, viewUrl, address, people }) => {
  const log = pino({ level: 'error' });
  await migrate(databaseUrl, migrations);
  const { db, close } = openDatabase(databaseUrl, log);
  const identity = db as unknown as Kysely<IdentityTables & AuditTables>;
  const tokens: ApiAnswer['tokens'] = {};
  for (const [id, role] of Object.entries(people)) {
    await addPerson(identity, { id, name: id, roles: [role] });
    tokens[id] = (await makeToken(identity, { person: id, name: 'bench', scope: 'all', expiresInDays: 1 })).secret;
  }
  const view = await openView(viewUrl, log);
  const connection = Connection.lazy({ address: address ?? '127.0.0.1:1' });
  const client = new Client({ connection });
  const keeping = address === undefined ? undefined : runView({ db: view.db, client, log });
  const app = await createApi({
    ...{ db, view: view.db, client, log },
    door: { open: nobodyIsLetIn, reopen: nobodyIsLetIn },
    teams: {},
    identity: (server) => addIdentity(server, identity, { requestsPerMinute: 1_000_000 }),
  });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  return {
    answer: () => Promise.resolve({ url, tokens } satisfies ApiAnswer),
    async stop() {
      await app.close();
      await keeping?.stop();
      await connection.close();
      await view.close();
      await close();
    },
  };
});
