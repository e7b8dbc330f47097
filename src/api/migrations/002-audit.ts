import { sql, type Kysely, type Migration } from 'kysely';

/**
 * Who did what. Rows are added and never changed: triggers refuse it to whoever asks, and the role that runs this loses
 * the rights to it, where it is no superuser.
 */
export const audit: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`
      CREATE TABLE audit (
        number bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
        at timestamptz NOT NULL DEFAULT now(),
        request_id text NOT NULL,
        person text,
        acted_by text,
        credential text,
        address text NOT NULL,
        action text NOT NULL,
        route text NOT NULL,
        about text,
        step text,
        decision text,
        reason text,
        status integer NOT NULL
      )`.execute(db);
    await sql`CREATE INDEX audit_by_person ON audit (person, number)`.execute(db);
    await sql`CREATE INDEX audit_by_what_it_is_about ON audit (about, number)`.execute(db);

    await sql`
      CREATE FUNCTION refuse_to_change_the_audit() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        RAISE EXCEPTION 'the audit is only added to: % is refused', TG_OP;
      END $$`.execute(db);
    await sql`
      CREATE TRIGGER only_added_to BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
      FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_the_audit()`.execute(db);
    await sql`REVOKE UPDATE, DELETE, TRUNCATE ON audit FROM PUBLIC, CURRENT_USER`.execute(db);
  },
};
