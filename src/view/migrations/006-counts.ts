import { sql, type Kysely, type Migration } from 'kysely';

/**
 * How many cases there are, and which were corrected. Rows are added and never changed, so that no two writers wait for each
 * other; those that are alike are one sum, which the sweep makes one row of now and then.
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
    // Before the cases are counted that there are: it keeps others from writing any meanwhile.
    await sql.raw(countsCases).execute(db);
    await sql`
      INSERT INTO case_counts
      SELECT process, status, (started_at AT TIME ZONE 'UTC')::date AS started_on, roles_asked, count(*)
      FROM cases GROUP BY process, status, started_on, roles_asked`.execute(db);
    await sql`CREATE INDEX cases_corrected ON cases (corrections) WHERE corrections > 0`.execute(db);
  },
};

/** Whoever writes or removes cases, also a worker of an earlier build and people. */
const countsCases = `
  CREATE FUNCTION count_case() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    EXECUTE format('INSERT INTO %I.case_counts VALUES ($1, $2, $3, $4, -1), ($5, $6, $7, $8, 1)', TG_TABLE_SCHEMA)
      USING OLD.process, OLD.status, (OLD.started_at AT TIME ZONE 'UTC')::date, OLD.roles_asked,
        NEW.process, NEW.status, (NEW.started_at AT TIME ZONE 'UTC')::date, NEW.roles_asked;
    RETURN NULL;
  END $$;
  CREATE FUNCTION count_cases() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    EXECUTE format(
      'INSERT INTO %I.case_counts
       SELECT process, status, (started_at AT TIME ZONE ''UTC'')::date AS started_on, roles_asked, %s * count(*)
       FROM those GROUP BY process, status, started_on, roles_asked', TG_TABLE_SCHEMA, TG_ARGV[0]);
    RETURN NULL;
  END $$;
  CREATE TRIGGER count_added AFTER INSERT ON cases
    REFERENCING NEW TABLE AS those FOR EACH STATEMENT EXECUTE FUNCTION count_cases('1');
  CREATE TRIGGER count_removed AFTER DELETE ON cases
    REFERENCING OLD TABLE AS those FOR EACH STATEMENT EXECUTE FUNCTION count_cases('-1');
  CREATE TRIGGER count_changed AFTER UPDATE ON cases FOR EACH ROW
    WHEN ((OLD.process, OLD.status, OLD.started_at, OLD.roles_asked)
      IS DISTINCT FROM (NEW.process, NEW.status, NEW.started_at, NEW.roles_asked))
    EXECUTE FUNCTION count_case()`;
