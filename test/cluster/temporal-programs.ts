import { execFile } from 'node:child_process';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder, intoCache } from '../../src/platform/temporal-binaries';
import type { Keeper } from '../support/keeper';

const run = promisify(execFile);

/** Names of the programs in Temporal's images, and of their Go packages. */
const packages = {
  'temporal-server': 'go.temporal.io/server/cmd/server',
  'temporal-sql-tool': 'go.temporal.io/server/cmd/tools/sql',
};

export type TemporalServerProgram = keyof typeof packages;

/**
 * Path of a program of Temporal's server images, built from its Go module and kept in the cache folder: the first time
 * takes minutes.
 */
export async function buildTemporalProgram(
  name: TemporalServerProgram,
  version: string,
  keeper: Keeper,
): Promise<string> {
  const cache = cacheFolder(process.env);
  const target = join(cache, `${name}-${version}`);
  if (await exists(target)) return target;
  await intoCache(cache, target, async (folder) => {
    const path = `${packages[name]}@v${version}`;
    keeper.remove(folder);
    const building = run('go', ['install', path], { env: { ...process.env, GOBIN: folder } });
    const { pid } = building.child;
    if (pid !== undefined) keeper.keep(pid);
    await building.catch((error: unknown) => {
      const { code, message } = error as { code?: unknown; message: string };
      throw new Error(
        code === 'ENOENT'
          ? `${name} ${version} is built with Go, and there is no go on the PATH. Install Go from https://go.dev/dl, and try again.`
          : `${name} ${version} cannot be built. What Go said:\n${message}`,
      );
    });
    if (pid !== undefined) keeper.forget(pid);
    return join(folder, path.slice(path.lastIndexOf('/') + 1, path.indexOf('@')));
  });
  return target;
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
