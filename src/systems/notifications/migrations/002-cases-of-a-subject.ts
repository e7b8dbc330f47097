import { sql, type Kysely, type Migration } from 'kysely';

/** How many cases a subject stands for. */
export const casesOfASubject: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`ALTER TABLE alert_subjects ADD COLUMN cases integer NOT NULL DEFAULT 1`.execute(db);
  },
};
