import { sql, type Kysely, type Migration } from 'kysely';

/** What is asked for is written before it is done, without a status; how it ended refers to that. */
export const auditBefore: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`
      ALTER TABLE audit
        ALTER COLUMN status DROP NOT NULL,
        ADD COLUMN ends bigint REFERENCES audit`.execute(db);
    await sql`CREATE UNIQUE INDEX audit_by_what_it_ends ON audit (ends) WHERE ends IS NOT NULL`.execute(db);
  },
};
