import { readFile, stat } from 'node:fs/promises';
import { z } from 'zod';

const fileSchema = z.object({ person: z.string(), token: z.string() });

/** What logs in the command line on the machine that keeps the state: the token, and whose it is. */
export type LocalToken = z.infer<typeof fileSchema>;

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
    const content = fileSchema.safeParse(JSON.parse(await readFile(path, 'utf8')));
    if (content.success) return content.data;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new Error(`the file ${path} holds no token; remove it and start Whereabouts again`);
}
