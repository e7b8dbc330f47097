import { sql, type Kysely, type Migration } from 'kysely';

/** How long finished cases and their steps took, for how long others still take. */
export const durations: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`
      CREATE TABLE case_durations (
        case_id text PRIMARY KEY REFERENCES cases ON DELETE CASCADE,
        process text NOT NULL,
        ended_at timestamptz NOT NULL,
        people_ms bigint NOT NULL,
        retries_ms bigint NOT NULL,
        systems_ms bigint NOT NULL,
        queue_ms bigint NOT NULL
      )`.execute(db);
    await sql`CREATE INDEX case_durations_latest ON case_durations (process, ended_at DESC)`.execute(db);
    await sql`
      CREATE TABLE step_durations (
        case_id text NOT NULL REFERENCES cases ON DELETE CASCADE,
        process text NOT NULL,
        step_id text NOT NULL,
        ended_at timestamptz NOT NULL,
        lasted_ms bigint NOT NULL,
        left_ms bigint NOT NULL,
        PRIMARY KEY (case_id, step_id)
      )`.execute(db);
    await sql`
      CREATE INDEX step_durations_latest ON step_durations (process, step_id, ended_at DESC)
      INCLUDE (lasted_ms, left_ms)`.execute(db);
  },
};
