import type { Migration } from 'kysely';
import { messagesAndAlerts } from './001-messages-and-alerts';

/** All migrations of notifications, in order. */
export const migrations: Record<string, Migration> = {
  '001-messages-and-alerts': messagesAndAlerts,
};
