import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { sql, type Kysely } from 'kysely';
import type { Logger } from 'pino';
import type { ViewTables } from '../database';
import { viewBehind } from './behind';
import { lookAtCases } from './cases';
import { keepTroubles } from './incidents';
import { queuesWithoutWorker } from './queues';
import { usualSettings, type WatchSettings } from './settings';
import { tellNews, type Notify } from './tell';

export interface WatchOptions {
  /** The view. */
  db: Kysely<ViewTables>;
  client: Client;
  notify: Notify;
  settings?: Partial<WatchSettings>;
  log: Logger;
}

/**
 * Watches for what a workflow cannot report about itself: calls tried again for too long, code that fails, times that pass
 * while nobody goes on, task queues without a worker, a view that is behind. Each cause is an incident, of which the
 * administrator is told once per window, and once when it is over. Of several processes that watch one view, one does; when
 * it ends another takes over. A server or database that does not answer clears nothing.
 */
export function runWatch({ db, client, notify, settings: given, log }: WatchOptions): { stop(): Promise<void> } {
  const settings: WatchSettings = { ...usualSettings, ...given };
  const stopping = new AbortController();
  const { signal } = stopping;
  const pause = () => sleep(settings.pauseMs, undefined, { signal, ref: false }).catch(() => undefined);
  const attempt = sayingWhenItFails(log);

  const cases = lookAtCases(db, client, settings);
  const looks: [string, () => Promise<void>][] = [
    ['cases', cases],
    ['task queues', async () => keepTroubles(db, 'no worker', await queuesWithoutWorker(client, settings.noWorkerMs))],
    ['the view', async () => keepTroubles(db, 'view behind', await viewBehind(db, settings.behindMs))],
  ];
  const lookRound = async () => {
    for (const [what, look] of looks) await attempt(`The watch cannot look at ${what}`, look);
  };
  const tell = () =>
    attempt('The administrator cannot be told what the watch found', async () => {
      const [failure] = await tellNews(db, notify, settings, signal);
      if (failure !== undefined) throw new Error(failure);
    });

  /** Telling may wait for a system that does not answer, and does not hold up looking. */
  async function watchAlone(lock: Kysely<ViewTables>): Promise<void> {
    if (!(await takeLock(lock))) return;
    let telling: Promise<void> | undefined;
    try {
      while (!signal.aborted) {
        await lookRound();
        telling ??= tell().finally(() => (telling = undefined));
        await pause();
        await sql`SELECT 1`.execute(lock);
      }
    } finally {
      await telling;
      await releaseLock(lock).catch(() => undefined);
    }
  }

  const running = (async () => {
    while (!signal.aborted) {
      await attempt('The watch has lost its database', () => db.connection().execute(watchAlone));
      await pause();
    }
  })();
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

async function takeLock(db: Kysely<ViewTables>): Promise<boolean> {
  const { rows } = await sql<{ taken: boolean }>`
    SELECT pg_try_advisory_lock(hashtext('view'), hashtext('watch')) AS taken`.execute(db);
  return rows[0]?.taken === true;
}

async function releaseLock(db: Kysely<ViewTables>): Promise<void> {
  await sql`SELECT pg_advisory_unlock(hashtext('view'), hashtext('watch'))`.execute(db);
}

/** Does something that may fail; says so when it begins to fail and when it works again. */
function sayingWhenItFails(log: Logger): (what: string, work: () => Promise<void>) => Promise<void> {
  const failing = new Set<string>();
  return async (what, work) => {
    try {
      await work();
    } catch (error) {
      if (!failing.has(what)) log.warn({ reason: error instanceof Error ? error.message : String(error) }, what);
      failing.add(what);
      return;
    }
    if (failing.delete(what)) log.info(`${what}: over`);
  };
}
