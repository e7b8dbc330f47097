import type { Client } from '@temporalio/client';
import { msToNumber } from '@temporalio/common/lib/time';
import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import { z } from 'zod';
import { administrator, duration } from '../processes/settings-fields';
import { createSystemClient } from '../service/client';
import { createNotificationsActivities } from '../systems/notifications/activities';
import type { ViewTables } from '../view/database';
import { runWatch, type Notify } from '../view/watch';
import { readSettings } from './settings';

/** What a user configures about the watch; `settings/watch.yaml` explains each and holds the defaults. */
const watchSettings = z.strictObject({
  administrator,
  callRetriedFor: duration,
  callAttempts: z.int().min(2).max(1_000_000),
  overdueFor: duration,
  noWorkerFor: duration.refine((text) => msToNumber(text) >= shortestNoWorkerMs, {
    message: 'must be at least "70 seconds": an idle worker asks for work once a minute',
  }),
  viewBehindFor: duration,
});

const shortestNoWorkerMs = 70_000;

/**
 * Watches for what cases cannot say of themselves, as `settings/watch.yaml` says, and tells the administrator by SMS.
 * @throws UserError for settings that cannot be used
 */
export async function startWatch({
  notificationsUrl,
  ...given
}: {
  db: Kysely<ViewTables>;
  client: Client;
  notificationsUrl: () => string;
  log: Logger;
}): Promise<{ stop(): Promise<void> }> {
  const settings = await readSettings({ name: 'watch', settings: watchSettings });
  const { phone, windowInMinutes } = settings.administrator;
  return runWatch({
    ...given,
    notify: smsTo(phone, notificationsUrl),
    settings: {
      windowInMinutes,
      retryingForMs: msToNumber(settings.callRetriedFor),
      attempts: settings.callAttempts,
      overdueMs: msToNumber(settings.overdueFor),
      noWorkerMs: msToNumber(settings.noWorkerFor),
      behindMs: msToNumber(settings.viewBehindFor),
    },
  });
}

/** What the watch finds is about the installation, whatever the number of cases. */
const subject = 'watch';

/** Tells somebody, whose phone number is E.164, by SMS; `url` is that of notifications. */
export function smsTo(recipient: string, url: () => string): Notify {
  const under = (key: string) =>
    createNotificationsActivities(
      createSystemClient({ system: 'notifications', url: url(), idempotencyKey: () => key }),
    );
  return {
    raise: ({ key, ...alert }) => under(key).raiseAlert({ ...alert, subject, recipient }),
    clear: ({ key, cause }) => under(key).clearAlert({ cause, subject, recipient }),
  };
}
