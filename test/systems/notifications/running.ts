import { setTimeout as sleep } from 'node:timers/promises';
import pino from 'pino';
import { Client } from 'pg';
import { createSystemClient } from '../../../src/service/client';
import { startSystem } from '../../../src/service/system';
import { createNotificationsActivities } from '../../../src/systems/notifications/activities';
import type { Message } from '../../../src/systems/notifications/messages';
import { notifications } from '../../../src/systems/notifications/service';

/** Notifications that run here, in tests that read from and act on its API and its database. */
export async function startNotifications(databaseUrl: string, environment: Record<string, string> = {}) {
  const system = await startSystem(notifications, { databaseUrl, environment, log: pino({ level: 'silent' }) });
  return { ...system, ...connect(system.url) };
}

export type Notifications = ReturnType<typeof connect>;

let calls = 0;

/** The API of notifications at an address. */
export function connect(url: string) {
  return {
    url,
    /** What a workflow calls, under a key of its own or the one given. */
    calling(key = `call-${(calls += 1)}`) {
      return createNotificationsActivities(
        createSystemClient({ system: 'notifications', url, idempotencyKey: () => key }),
      );
    },
    /** Messages, oldest first. */
    async messages(): Promise<Message[]> {
      const response = await fetch(`${url}/messages?limit=200`);
      return ((await response.json()) as { messages: Message[] }).messages.reverse();
    },
  };
}

/** The messages once none of them waits to be sent. */
export async function settled({ messages }: Pick<Notifications, 'messages'>): Promise<Message[]> {
  return until(messages, (found) => found.every(({ status }) => status === 'sent' || status === 'failed'));
}

/** What `look` finds once it is as expected; the test's time limit ends the waiting. */
export async function until<Found>(look: () => Promise<Found>, expected: (found: Found) => boolean): Promise<Found> {
  for (;;) {
    const found = await look();
    if (expected(found)) return found;
    await sleep(25);
  }
}

export async function execute(databaseUrl: string, statement: string, values: unknown[] = []): Promise<unknown[]> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    return (await client.query(statement, values)).rows as unknown[];
  } finally {
    await client.end();
  }
}

/** Lets so much time pass for everything that notifications has written down, including when jobs are due. */
export async function passMinutes(databaseUrl: string, minutes: number): Promise<void> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const by = [minutes];
    await client.query('BEGIN');
    await client.query(`UPDATE alerts SET window_ends_at = window_ends_at - $1 * interval '1 minute'`, by);
    await client.query(
      `UPDATE messages SET next_attempt_at = next_attempt_at - $1 * interval '1 minute',
         attempted_at = attempted_at - $1 * interval '1 minute',
         unsettled_since = unsettled_since - $1 * interval '1 minute'`,
      by,
    );
    await client.query(`UPDATE graphile_worker._private_jobs SET run_at = run_at - $1 * interval '1 minute'`, by);
    await client.query('COMMIT');
  } finally {
    await client.end();
  }
}

/** Sets this process's clock off by so many hours; `jest.useRealTimers` sets it right. The clock stands still meanwhile. */
export function setClockOff(hours: number): void {
  jest.useFakeTimers({
    now: Date.now() + hours * 3_600_000,
    doNotFake: [
      ...(['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'setImmediate', 'clearImmediate'] as const),
      ...(['hrtime', 'nextTick', 'performance', 'queueMicrotask'] as const),
    ],
  });
}
