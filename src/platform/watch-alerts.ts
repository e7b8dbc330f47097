import { createSystemClient } from '../service/client';
import { createNotificationsActivities } from '../systems/notifications/activities';
import type { Notify } from '../view/watch';

/** What the watch finds is about the installation, whatever the number of cases. */
const subject = 'watch';

/** Tells the administrator, whose phone number is E.164, by SMS what the watch found; `url` is that of notifications. */
export function watchAlertsTo(phone: string, url: () => string): Notify {
  const under = (key: string) =>
    createNotificationsActivities(
      createSystemClient({ system: 'notifications', url: url(), idempotencyKey: () => key }),
    );
  return {
    raise: ({ key, ...alert }) => under(key).raiseAlert({ ...alert, subject, recipient: phone }),
    clear: ({ key, cause }) => under(key).clearAlert({ cause, subject, recipient: phone }),
  };
}
