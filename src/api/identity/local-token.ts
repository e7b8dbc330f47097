import { readFile, rename, stat, writeFile } from 'node:fs/promises';
import type { Kysely } from 'kysely';
import { z } from 'zod';
import type { IdentityTables } from './tables';
import { makeLocalToken } from './tokens';

const fileSchema = z.object({ person: z.string(), token: z.string() });

/** What logs in the command line on the machine that keeps the state: the token, and whose it is. */
export type LocalToken = z.infer<typeof fileSchema>;

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

/**
 * The token in a file of {@link writeLocalToken}; undefined when there is no file.
 * @throws Error when others may read or write it, or when it is no such file.
 */
export async function readLocalToken(path: string): Promise<LocalToken | undefined> {
  try {
    const { mode } = await stat(path);
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
      throw new Error(
        `the file ${path} may be used by others than its owner (mode ${(mode & 0o777).toString(8)}); remove it and start Whereabouts again`,
      );
    }
    const content = fileSchema.safeParse(JSON.parse(await readFile(path, 'utf8')));
    if (content.success) return content.data;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new Error(`the file ${path} holds no token; remove it and start Whereabouts again`);
}
