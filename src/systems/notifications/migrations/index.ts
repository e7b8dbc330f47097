import type { Migration } from 'kysely';
import { messagesAndAlerts } from './001-messages-and-alerts';
import { casesOfASubject } from './002-cases-of-a-subject';

/** All migrations of notifications, in order. */
export const migrations: Record<string, Migration> = {
  '001-messages-and-alerts': messagesAndAlerts,
  '002-cases-of-a-subject': casesOfASubject,
};
