import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import pino from 'pino';
import { addIdentity } from '../../../src/api/identity';
import { createApi } from '../../../src/api/server';
import { packageRoot } from '../../../src/platform/package';
import { openDatabase } from '../../../src/service/database';

/** The types of the API's routes as they are now, in which `src/cli/api/schema.ts` is kept. */
export const schemaFile = join(packageRoot, 'src', 'cli', 'api', 'schema.ts');

/** What `openapi-typescript` makes of the OpenAPI document, for which nothing is connected to. */
export async function schemaNow(): Promise<string> {
  const log = pino({ level: 'silent' });
  const { db, close } = openDatabase('postgres://nobody@127.0.0.1:1/none', log);
  const connection = Connection.lazy();
  const app = await createApi({
    db: db,
    view: db,
    client: new Client({ connection }),
    door: { open: nothing, reopen: nothing },
    teams: {},
    identity: (server) => addIdentity(server, db),
    log,
  });
  try {
    await app.ready();
    return await typesOf(app.swagger());
  } finally {
    await app.close();
    await connection.close();
    await close();
  }
}

function nothing(): never {
  throw new Error('nobody asks while the document is made');
}

async function typesOf(document: object): Promise<string> {
  const program = join(packageRoot, 'node_modules', 'openapi-typescript', 'bin', 'cli.js');
  const made = promisify(execFile)(process.execPath, [program, '--empty-objects-unknown']);
  made.child.stdin?.end(JSON.stringify(document));
  return (await made).stdout;
}
