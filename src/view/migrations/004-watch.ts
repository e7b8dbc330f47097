import { sql, type Kysely, type Migration } from 'kysely';

/** Incidents that the watch found, with what was told of them. */
export const watch: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`
      CREATE TABLE watch_incidents (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        cause text NOT NULL,
        kind text NOT NULL,
        process text,
        about text,
        error_type text,
        last_error text,
        attempts integer,
        cases integer NOT NULL,
        first_seen timestamptz NOT NULL DEFAULT now(),
        last_seen timestamptz NOT NULL DEFAULT now(),
        cleared_at timestamptz,
        telling jsonb,
        tellings integer NOT NULL DEFAULT 0,
        told_cases integer NOT NULL DEFAULT 0,
        told_at timestamptz,
        all_clear_at timestamptz,
        tell_failures integer NOT NULL DEFAULT 0,
        tell_error text,
        tell_after timestamptz
      )`.execute(db);
    await sql`CREATE UNIQUE INDEX watch_incidents_open ON watch_incidents (cause) WHERE cleared_at IS NULL`.execute(db);
    await sql`
      CREATE TABLE watch_cases (
        incident_id bigint NOT NULL REFERENCES watch_incidents ON DELETE CASCADE,
        case_id text NOT NULL,
        first_seen timestamptz NOT NULL DEFAULT now(),
        last_seen timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (incident_id, case_id)
      )`.execute(db);
    await sql`CREATE INDEX cases_open ON cases (case_id) WHERE ended_at IS NULL`.execute(db);
    await sql`CREATE INDEX watch_cases_by_case ON watch_cases (case_id)`.execute(db);
  },
};
