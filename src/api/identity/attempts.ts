import { sql, type Kysely } from 'kysely';
import { hashOf } from './secrets';
import type { IdentityTables } from './tables';

type Db = Kysely<IdentityTables>;

/** So many failures cost nothing; then there is a pause of 8 seconds, which doubles with each one more up to the longest. */
interface Patience {
  free: number;
  longestSeconds: number;
}

/** Fewer than 100 guesses a day of one password, as NIST SP 800-63B asks; a person is kept out by others for 15 minutes. */
const ofPerson: Patience = { free: 5, longestSeconds: 900 };
/** Many people may share an address, so it is slowed and never kept out. */
const ofAddress: Patience = { free: 50, longestSeconds: 60 };

/** An attempt to prove who one is, by an id that may be nobody's. */
export interface Attempt {
  person: string;
  address: string;
}

/**
 * Counts an attempt as failed before it is made, so that many at once are no way around; {@link succeeded} takes it back.
 * Answers with the seconds to wait where it must not be made now. Whether the person exists makes no difference.
 */
export async function begin(db: Db, { person, address }: Attempt): Promise<number | undefined> {
  await db
    .deleteFrom('failed_attempts')
    .where('last_at', '<', sql<string>`now() - interval '1 day'`)
    .execute();
  return (
    (await count(db, subjectOf('address', address), ofAddress)) ??
    (await count(db, subjectOf('person', person), ofPerson))
  );
}

/** Takes back what {@link begin} counted, and forgets the failures of the person. */
export async function succeeded(db: Db, { person, address }: Attempt): Promise<void> {
  await db.deleteFrom('failed_attempts').where('subject', '=', subjectOf('person', person)).execute();
  await db
    .updateTable('failed_attempts')
    .set((row) => ({ failures: row('failures', '-', 1), next_at: sql`now()` }))
    .where('subject', '=', subjectOf('address', address))
    .execute();
}

async function count(db: Db, subject: string, { free, longestSeconds }: Patience): Promise<number | undefined> {
  const { rows } = await sql`
    INSERT INTO failed_attempts AS before (subject, failures, last_at, next_at)
    VALUES (${subject}, 1, now(), now())
    ON CONFLICT (subject) DO UPDATE SET
      failures = before.failures + 1,
      last_at = now(),
      next_at = now() + CASE
        WHEN before.failures + 1 < ${free} THEN interval '0'
        ELSE make_interval(secs => least(${longestSeconds}::float8, 8 * power(2, least(before.failures + 1 - ${free}, 30))))
      END
    WHERE before.next_at <= now()
    RETURNING subject`.execute(db);
  if (rows.length > 0) return undefined;
  const blocked = await db
    .selectFrom('failed_attempts')
    .select(sql<number>`greatest(1, ceil(extract(epoch FROM next_at - now())))::int`.as('seconds'))
    .where('subject', '=', subject)
    .executeTakeFirst();
  return blocked?.seconds ?? 1;
}

/** Kept as a hash, for what is typed as a person's id may be a password. */
function subjectOf(kind: 'person' | 'address', value: string): string {
  return hashOf(`${kind} ${value.toLowerCase()}`);
}
