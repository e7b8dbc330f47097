import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { UserError } from '../../platform/user-error';

/** A file to write, and what it holds in a few words; paths are those of the project, with slashes. */
export interface NewFile {
  path: string;
  holds: string;
  text: string;
}

/** A file that there is, and what is added to it. */
export interface Change {
  path: string;
  add(text: string): string;
}

/** What is written where, and what to type next to what end. */
export interface Plan {
  root: string;
  files: NewFile[];
  changes: Change[];
  next: { to: string; type: string }[];
}

/**
 * Writes the files of a plan and changes those that there are, in the style of the project's own Prettier where it has one.
 * @throws UserError when a file is there already or cannot be added to; nothing was written then.
 */
export async function carryOut({ root, files, changes }: Plan): Promise<void> {
  const there = files.find(({ path }) => existsSync(join(root, path)));
  if (there) {
    throw new UserError(
      `${there.path} is there already; nothing was written.`,
      'Choose another name, or remove what is there.',
    );
  }
  const format = formatterOf(root);
  const changed = await Promise.all(
    changes.map(async ({ path, add }) => {
      const before = await readFile(join(root, path), 'utf8');
      return { path, text: await format(path, add(before)) };
    }),
  );
  const added = await Promise.all(files.map(async ({ path, text }) => ({ path, text: await format(path, text) })));
  for (const { path, text } of added) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text, { flag: 'wx' });
  }
  for (const { path, text } of changed) await writeFile(join(root, path), text);
}

type Formatter = (path: string, text: string) => Promise<string>;

function formatterOf(root: string): Formatter {
  let prettier: typeof import('prettier');
  try {
    prettier = createRequire(join(root, 'package.json'))('prettier') as typeof import('prettier');
  } catch {
    return (_, text) => Promise.resolve(text);
  }
  return async (path, text) => {
    const filepath = join(root, path);
    try {
      const config = await prettier.resolveConfig(filepath, { editorconfig: true });
      return await prettier.format(text, { ...config, filepath });
    } catch (error) {
      throw new UserError(
        `The project's Prettier does not format ${path}: ${(error as Error).message}`,
        'Nothing was written. Mend its configuration, and try again.',
      );
    }
  };
}
