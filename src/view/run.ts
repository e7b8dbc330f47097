import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import { confirmDue } from './confirm';
import type { ViewTables } from './database';
import { silentQueues } from './silent-queues';
import { sweep } from './sweep';

export interface ViewOptions {
  db: Kysely<ViewTables>;
  /** Of the namespace whose cases the view shows. */
  client: Client;
  log: Logger;
  /** Milliseconds between two looks at what runs and what has ended; a minute unless told. */
  sweepEvery?: number;
}

/** How often is looked for cases that are due, in milliseconds. */
const lookEvery = 500;
/** Of a pass that has taken longer, most was waiting for what does not answer. */
const longestRest = 2_000;
/** Pauses while the server or the database is lost, in milliseconds; each is twice the one before. */
const firstPause = 1_000;
const longestPause = 30_000;

/**
 * Keeps the view true: asks cases of which something was reported, or not for long, and finds those of which nothing was.
 * While there are many to ask it rests as long as it asks: workers answer, and have cases to go on with.
 * Any number of processes may do it at once. While the server or the database is lost that waits, and is said once.
 * `stop` gives up the questions asked and waits until nothing is left of it.
 */
export function runView({ db, client, log, sweepEvery = 60_000 }: ViewOptions): { stop(): Promise<void> } {
  const stopped = new AbortController();
  const queues = silentQueues();
  const loops = [
    repeat('Cases are not asked', stopped.signal, client, log, async () => {
      const begun = performance.now();
      const isMore = await confirmDue(db, client, queues, log);
      return isMore ? Math.min(performance.now() - begun, longestRest) : lookEvery;
    }),
    repeat('What runs is not looked through', stopped.signal, client, log, async () => {
      await sweep(db, client, log, sweepEvery);
      return sweepEvery;
    }),
  ];
  return {
    async stop() {
      stopped.abort();
      await Promise.all(loops);
    },
  };
}

/** Does it again and again, each time after the pause that it tells, or a longer one where it failed; until `stopped`. */
export async function repeat(
  otherwise: string,
  stopped: AbortSignal,
  client: Client,
  log: Logger,
  work: () => Promise<number>,
): Promise<void> {
  let failures = 0;
  while (!stopped.aborted) {
    let pause: number;
    try {
      pause = await abortable(stopped, client, work);
      if (failures > 0) log.info(`${otherwise}: that is over`);
      failures = 0;
    } catch (error) {
      if (stopped.aborted) return;
      if (failures === 0) log.warn({ err: error }, `${otherwise}; it is tried again`);
      pause = Math.min(firstPause * 2 ** failures, longestPause);
      failures += 1;
    }
    await sleep(pause, undefined, { signal: stopped }).catch(() => undefined);
  }
}

/** The client adds a listener to the signal with each call and takes none away, so that each pass has a signal of its own. */
async function abortable<T>(stopped: AbortSignal, client: Client, work: () => Promise<T>): Promise<T> {
  const pass = new AbortController();
  setMaxListeners(0, pass.signal);
  const giveUp = () => {
    pass.abort();
  };
  stopped.addEventListener('abort', giveUp);
  try {
    return await client.withAbortSignal(pass.signal, work);
  } finally {
    stopped.removeEventListener('abort', giveUp);
  }
}
