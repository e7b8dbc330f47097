import { sql, type Kysely, type Migration } from 'kysely';

/** Maps of processes, by the build of the worker that runs them. */
export const maps: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`
      CREATE TABLE process_maps (
        process text NOT NULL,
        build text NOT NULL,
        map jsonb NOT NULL,
        kept_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (process, build)
      )`.execute(db);
  },
};
