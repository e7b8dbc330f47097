import { rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { isAlive } from '../../src/platform/child-processes';
import type { EmbeddedPostgres } from '../../src/platform/postgres';

interface Kept {
  server: EmbeddedPostgres;
  dataDir: string;
}

const holder = globalThis as { whereaboutsTestPostgres?: Kept };

/** Remember what the teardown stops and removes; also when jest is ended without calling it. */
export function keepForTeardown(server: Kept['server'], dataDir: string): void {
  holder.whereaboutsTestPostgres = { server, dataDir };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
  process.once('exit', () => {
    if (holder.whereaboutsTestPostgres === undefined) return;
    if (isAlive(server.pid)) process.kill(server.pid, 'SIGKILL');
    rmSync(dataDir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  });
}

export default async function globalTeardown(): Promise<void> {
  const kept = holder.whereaboutsTestPostgres;
  if (kept === undefined) return;
  delete holder.whereaboutsTestPostgres;
  await kept.server.stop();
  await rm(kept.dataDir, { recursive: true, force: true });
}
