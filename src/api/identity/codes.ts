import { sql, type Kysely, type Transaction } from 'kysely';
import { Problem } from '../../service/problem';
import { hashPassword, isGuessable } from './passwords';
import { addPerson } from './people';
import { hashOf, isWhole, newMarkedSecret } from './secrets';
import type { IdentityTables } from './tables';

type Db = Kysely<IdentityTables>;

/** What a one-time link carries. Whoever has it may set the person's password, once. */
export interface OneTimeCode {
  person: string;
  code: string;
  /** 24 hours from now; ISO 8601, UTC. */
  expiresAt: string;
}

/** Makes a code by which the person sets a password; the password that is there goes on working until then. */
export async function newCode(db: Db, person: string): Promise<OneTimeCode> {
  const code = newMarkedSecret('wac');
  await db
    .deleteFrom('one_time_codes')
    .where('expires_at', '<', sql<string>`now()`)
    .execute();
  const { expires_at: expiresAt } = await db
    .insertInto('one_time_codes')
    .values({ hash: hashOf(code), person, expires_at: sql`now() + interval '24 hours'` })
    .returning('expires_at')
    .executeTakeFirstOrThrow();
  return { person, code, expiresAt };
}

/**
 * While no administrator has a password: makes the first administrator, `administrator`, unless there is one, and a code
 * for the password. Undefined from then on. Codes made before go on working for their 24 hours.
 */
export async function firstCode(db: Db): Promise<OneTimeCode | undefined> {
  return db.transaction().execute(async (trx) => {
    await sql`LOCK TABLE people IN SHARE ROW EXCLUSIVE MODE`.execute(trx);
    const administrators = await trx
      .selectFrom('people')
      .select(['id', 'password_hash'])
      .where('disabled_at', 'is', null)
      .where('roles', '@>', sql<never>`array['administrator']`)
      .orderBy('created_at')
      .execute();
    if (administrators.some(({ password_hash: hash }) => hash !== null)) return undefined;
    const first =
      administrators[0] ??
      (await addPerson(trx, { id: 'administrator', name: 'Administrator', roles: ['administrator'] }));
    return newCode(trx, first.id);
  });
}

/**
 * Sets a password by a one-time code, and ends the person's sessions and other codes.
 * @returns the person's id
 * @throws Problem 401 `code-refused`, 422 `password-guessable`, after which the code still works.
 */
export async function setPasswordByCode(db: Db, code: string, password: string): Promise<string> {
  if (!isWhole(code, 'wac')) {
    throw new Problem(401, 'code-refused', 'The one-time code was not copied whole: it is "wac_" and 72 digits.');
  }
  return db.transaction().execute(async (trx) => {
    const used = await trx
      .deleteFrom('one_time_codes')
      .using('people')
      .whereRef('people.id', '=', 'one_time_codes.person')
      .where('one_time_codes.hash', '=', hashOf(code))
      .where('one_time_codes.expires_at', '>', sql<string>`now()`)
      .where('people.disabled_at', 'is', null)
      .returning(['people.id', 'people.name'])
      .executeTakeFirst();
    if (!used) {
      throw new Problem(
        401,
        'code-refused',
        'The one-time code was used before or has expired; ask an administrator for a new one.',
      );
    }
    await setPassword(trx, used, password);
    await trx.deleteFrom('sessions').where('person', '=', used.id).execute();
    return used.id;
  });
}

/**
 * Keeps a new password of the person, whose one-time codes end with it.
 * @throws Problem 422 `password-guessable`
 */
export async function setPassword(
  trx: Transaction<IdentityTables>,
  person: { id: string; name: string },
  password: string,
): Promise<void> {
  if (isGuessable(password, person)) {
    throw new Problem(
      422,
      'password-guessable',
      'password: is little more than your id or name, or words that anyone would try first; choose other words.',
      { errors: [{ field: 'password', message: 'would be guessed' }] },
    );
  }
  await trx
    .updateTable('people')
    .set({ password_hash: await hashPassword(password) })
    .where('id', '=', person.id)
    .execute();
  await trx.deleteFrom('one_time_codes').where('person', '=', person.id).execute();
}
