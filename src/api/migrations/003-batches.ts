import { sql, type Kysely, type Migration } from 'kysely';

/** One act on many cases, and each thing that it is done to. What was asked is `json`, which keeps any text. */
export const batches: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`
      CREATE TABLE batches (
        id text PRIMARY KEY,
        number bigint NOT NULL UNIQUE GENERATED ALWAYS AS IDENTITY,
        person text NOT NULL,
        acted_by text,
        act json NOT NULL,
        search json NOT NULL,
        made_at timestamptz NOT NULL DEFAULT now(),
        started_at timestamptz,
        stopped_at timestamptz,
        stopped_by text,
        request_id text,
        credential text,
        address text
      )`.execute(db);
    await sql`CREATE INDEX batches_by_person ON batches (person, number)`.execute(db);
    await sql`CREATE INDEX batches_not_started ON batches (made_at) WHERE started_at IS NULL`.execute(db);

    await sql`
      CREATE TABLE batch_items (
        id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
        batch text NOT NULL REFERENCES batches ON DELETE CASCADE,
        case_id text NOT NULL,
        step text,
        shown json NOT NULL,
        state text NOT NULL
          CHECK (state IN ('shown', 'waiting', 'at work', 'done', 'refused', 'left out', 'stopped')),
        problem json,
        tries integer NOT NULL DEFAULT 0,
        begun_at timestamptz,
        ended_at timestamptz
      )`.execute(db);
    await sql`CREATE INDEX batch_items_by_batch ON batch_items (batch, id)`.execute(db);
    await sql`
      CREATE INDEX batch_items_to_do ON batch_items (id) WHERE state IN ('waiting', 'at work')`.execute(db);
  },
};
