import { rmSync } from 'node:fs';
import { isAlive } from '../../src/platform/child-processes';
import type { EmbeddedPostgres } from '../../src/platform/postgres';

/** The setup and the teardown are loaded apart and share nothing but this. */
const kept = globalThis as { testPostgres?: EmbeddedPostgres };

/** Removes the folder when the tests are over, also when jest is ended without calling the teardown. */
export function removeAtEnd(folder: string): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
  process.once('exit', () => {
    const { testPostgres: server } = kept;
    if (server && isAlive(server.pid)) process.kill(server.pid, 'SIGKILL');
    rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  });
}

/** Stops the server, whose state is in the folder, before that is removed. */
export function stopAtEnd(server: EmbeddedPostgres): void {
  kept.testPostgres = server;
}

export default async function globalTeardown(): Promise<void> {
  await kept.testPostgres?.stop();
  delete kept.testPostgres;
}
