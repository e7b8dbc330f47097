import { sql, type Generated, type Kysely } from 'kysely';
import type { MessageStatus } from './sending';

/** The tables of notifications. */
export interface NotificationsTables {
  messages: {
    id: Generated<number>;
    /** Of the request that made the message, or of the end of a window. */
    key: string;
    recipient: string;
    text: string;
    status: Generated<MessageStatus>;
    attempts: Generated<number>;
    next_attempt_at: Generated<string>;
    attempted_at: string | null;
    unsettled_since: string | null;
    provider: string | null;
    provider_id: string | null;
    last_error: string | null;
    created_at: Generated<string>;
    sent_at: string | null;
  };
  alerts: {
    id: Generated<number>;
    cause: string;
    recipient: string;
    alerted: Generated<boolean>;
    window_in_minutes: number;
    window_ends_at: string | null;
  };
  alert_subjects: {
    alert_id: number;
    subject: string;
    text: string;
    told: Generated<boolean>;
    /** How many the subject stands for. */
    cases: Generated<number>;
    raised_at: Generated<string>;
  };
}

/** The time by the database's clock, which all processes share: theirs may differ, and jobs are due by it. ISO 8601 in UTC. */
export async function databaseTime(db: Kysely<NotificationsTables>): Promise<string> {
  const { now } = await db.selectNoFrom(sql<string>`clock_timestamp()`.as('now')).executeTakeFirstOrThrow();
  return now;
}
