import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from './package';

/** Whether something that the build made is there, and newer than these folders of `src`, as far as there is a source. */
export function isNewerThan(path: string, folders: readonly string[]): boolean {
  if (!existsSync(path)) return false;
  const sources = folders.map((name) => join(packageRoot, 'src', name)).filter(existsSync);
  return sources.every((folder) => newestIn(folder) < statSync(path).mtimeMs);
}

function newestIn(folder: string): number {
  return Math.max(
    ...readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => statSync(join(folder, name)).mtimeMs),
  );
}
