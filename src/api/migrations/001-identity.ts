import { sql, type Kysely, type Migration } from 'kysely';

/** People and what they prove themselves by. Of secrets there is the hash alone. */
export const identity: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`
      CREATE TABLE people (
        id text PRIMARY KEY,
        name text NOT NULL,
        roles text[] NOT NULL CHECK (cardinality(roles) > 0),
        password_hash text,
        created_at timestamptz NOT NULL DEFAULT now(),
        disabled_at timestamptz
      )`.execute(db);
    await sql`CREATE UNIQUE INDEX people_by_id_in_any_case ON people (lower(id))`.execute(db);

    await sql`
      CREATE TABLE one_time_codes (
        hash text PRIMARY KEY,
        person text NOT NULL REFERENCES people,
        expires_at timestamptz NOT NULL
      )`.execute(db);

    await sql`
      CREATE TABLE sessions (
        hash text PRIMARY KEY,
        id uuid NOT NULL UNIQUE DEFAULT gen_random_uuid(),
        person text NOT NULL REFERENCES people,
        address text NOT NULL,
        agent text,
        created_at timestamptz NOT NULL DEFAULT now(),
        used_at timestamptz NOT NULL DEFAULT now(),
        expires_at timestamptz NOT NULL
      )`.execute(db);
    await sql`CREATE INDEX sessions_by_person ON sessions (person)`.execute(db);

    await sql`
      CREATE TABLE tokens (
        hash text PRIMARY KEY,
        id uuid NOT NULL UNIQUE DEFAULT gen_random_uuid(),
        person text NOT NULL REFERENCES people,
        name text NOT NULL,
        scope text NOT NULL CHECK (scope IN ('read', 'all')),
        acts_for_others boolean NOT NULL DEFAULT false,
        created_at timestamptz NOT NULL DEFAULT now(),
        used_at timestamptz,
        expires_at timestamptz,
        CHECK (acts_for_others OR expires_at IS NOT NULL)
      )`.execute(db);
    await sql`CREATE INDEX tokens_by_person ON tokens (person)`.execute(db);

    await sql`
      CREATE TABLE failed_attempts (
        subject text PRIMARY KEY,
        failures integer NOT NULL,
        last_at timestamptz NOT NULL,
        next_at timestamptz NOT NULL
      )`.execute(db);
  },
};
