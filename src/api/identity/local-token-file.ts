import { readFile, stat } from 'node:fs/promises';

/** What logs in the command line on the machine that keeps the state: the token, and whose it is. */
export interface LocalToken {
  person: string;
  token: string;
}

/**
 * The token in a file of `writeLocalToken`; undefined when there is no file.
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
    const content = JSON.parse(await readFile(path, 'utf8')) as Partial<LocalToken> | null;
    const { person, token } = content ?? {};
    if (typeof person === 'string' && typeof token === 'string') return { person, token };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new Error(`the file ${path} holds no token; remove it and start Whereabouts again`);
}
