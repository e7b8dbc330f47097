import { sql, type Kysely, type Migration } from 'kysely';

/**
 * How many cases there are, and which were corrected. Rows are added and never changed, so that no two writers wait for each other; those that are
 * alike are one sum, which the sweep makes one row of now and then.
 */
export const counts: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`
      CREATE TABLE case_counts (
        process text NOT NULL,
        status text NOT NULL,
        started_on date NOT NULL,
        roles_asked jsonb,
        cases bigint NOT NULL
      )`.execute(db);
    await sql`
      INSERT INTO case_counts
      SELECT process, status, (started_at AT TIME ZONE 'UTC')::date AS started_on, roles_asked, count(*)
      FROM cases GROUP BY process, status, started_on, roles_asked`.execute(db);
    await sql.raw(countsRemoved).execute(db);
    await sql`CREATE INDEX cases_corrected ON cases (corrections) WHERE corrections > 0`.execute(db);
  },
};

/** Cases are counted where they are written; nothing of ours removes any, but people may. */
const countsRemoved = `
  CREATE FUNCTION count_removed() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    EXECUTE format(
      'INSERT INTO %I.case_counts
       SELECT process, status, (started_at AT TIME ZONE ''UTC'')::date AS started_on, roles_asked, -count(*)
       FROM removed GROUP BY process, status, started_on, roles_asked', TG_TABLE_SCHEMA);
    RETURN NULL;
  END $$;
  CREATE TRIGGER count_removed AFTER DELETE ON cases
    REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION count_removed()`;
