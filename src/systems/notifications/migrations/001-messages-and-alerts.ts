import { sql, type Kysely, type Migration } from 'kysely';

/** Messages with what is known of their sending, and alerts with the cases that are open. */
export const messagesAndAlerts: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`
      CREATE TABLE messages (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        key text NOT NULL UNIQUE,
        recipient text NOT NULL,
        text text NOT NULL,
        status text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'sending', 'sent', 'failed')),
        attempts integer NOT NULL DEFAULT 0,
        next_attempt_at timestamptz NOT NULL DEFAULT now(),
        attempted_at timestamptz,
        unsettled_since timestamptz,
        provider text,
        provider_id text,
        last_error text,
        created_at timestamptz NOT NULL DEFAULT now(),
        sent_at timestamptz,
        UNIQUE (provider, provider_id)
      )`.execute(db);
    await sql`CREATE INDEX messages_unsent ON messages (recipient, id) WHERE status IN ('pending', 'sending')`.execute(
      db,
    );

    await sql`
      CREATE TABLE alerts (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        cause text NOT NULL,
        recipient text NOT NULL,
        alerted boolean NOT NULL DEFAULT false,
        window_in_minutes integer NOT NULL CHECK (window_in_minutes > 0),
        window_ends_at timestamptz,
        UNIQUE (cause, recipient)
      )`.execute(db);
    await sql`
      CREATE TABLE alert_subjects (
        alert_id bigint NOT NULL REFERENCES alerts (id),
        subject text NOT NULL,
        text text NOT NULL,
        told boolean NOT NULL DEFAULT false,
        raised_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (alert_id, subject)
      )`.execute(db);
  },
};
