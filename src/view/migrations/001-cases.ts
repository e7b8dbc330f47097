import { sql, type Kysely, type Migration } from 'kysely';

/** Cases with what is known of each, and what they are searched by. */
export const cases: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`
      CREATE TABLE cases (
        case_id text PRIMARY KEY,
        run_id text NOT NULL,
        knowledge jsonb NOT NULL,
        process text NOT NULL,
        status text NOT NULL,
        outcome text,
        started_at timestamptz NOT NULL,
        ended_at timestamptz,
        waiting_since timestamptz,
        confirm_at timestamptz,
        unanswered integer NOT NULL DEFAULT 0,
        corrections integer NOT NULL DEFAULT 0,
        changed_at timestamptz NOT NULL DEFAULT now()
      )`.execute(db);
    await sql`CREATE INDEX cases_to_confirm ON cases (confirm_at) WHERE confirm_at IS NOT NULL`.execute(db);

    await sql`
      CREATE TABLE keys (
        case_id text NOT NULL REFERENCES cases ON DELETE CASCADE,
        key text NOT NULL,
        value text NOT NULL,
        PRIMARY KEY (case_id, key)
      )`.execute(db);
    await sql`CREATE INDEX keys_by_key ON keys (key)`.execute(db);
    await sql`CREATE INDEX keys_by_value ON keys (value)`.execute(db);

    await sql`
      CREATE TABLE open_steps (
        case_id text NOT NULL REFERENCES cases ON DELETE CASCADE,
        step_id text NOT NULL,
        name text NOT NULL,
        title text NOT NULL,
        kind text NOT NULL,
        status text NOT NULL,
        system text,
        role text,
        candidates text[],
        started_at timestamptz NOT NULL,
        due_at timestamptz,
        PRIMARY KEY (case_id, step_id)
      )`.execute(db);

    await sql`
      CREATE TABLE sweeps (
        one_row boolean PRIMARY KEY DEFAULT true CHECK (one_row),
        swept_until timestamptz,
        next_at timestamptz NOT NULL DEFAULT now()
      )`.execute(db);
    await sql`INSERT INTO sweeps DEFAULT VALUES`.execute(db);
  },
};
