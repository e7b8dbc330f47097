import { rename, writeFile } from 'node:fs/promises';
import type { Kysely } from 'kysely';
import type { LocalToken } from './local-token-file';
import type { IdentityTables } from './tables';
import { makeLocalToken } from './tokens';

/**
 * Makes a token of the person for the local command line, which ends the one before, and writes it as JSON into a file
 * that only its owner reads and writes.
 */
export async function writeLocalToken(db: Kysely<IdentityTables>, path: string, person: string): Promise<void> {
  const content: LocalToken = { person, token: await makeLocalToken(db, person) };
  const unfinished = `${path}.${process.pid}`;
  await writeFile(unfinished, `${JSON.stringify(content)}\n`, { mode: 0o600, flag: 'wx' });
  await rename(unfinished, path);
}
