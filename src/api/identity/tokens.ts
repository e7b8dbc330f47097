import { sql, type Kysely, type Selectable } from 'kysely';
import { z } from 'zod';
import { timestampSchema } from '../../service/schemas';
import type { Asker } from './asker';
import { hashOf, newMarkedSecret } from './secrets';
import { exactly } from './sessions';
import type { IdentityTables, Scope } from './tables';

type Db = Kysely<IdentityTables>;

export const scopeSchema = z
  .enum(['read', 'all'])
  .describe('read: what its person may read; all: whatever its person may do, but to make tokens and set the password');

/** A token as its person sees it. */
export const tokenSchema = z.object({
  id: z.string(),
  name: z.string(),
  scope: scopeSchema,
  createdAt: timestampSchema,
  expiresAt: timestampSchema.optional(),
  usedAt: timestampSchema.optional().describe('When it was used last, to the minute'),
  actsForOthers: z.literal(true).optional().describe('Of the local command line'),
});
type Token = z.infer<typeof tokenSchema>;

interface NewToken {
  person: string;
  name: string;
  scope: Scope;
  expiresInDays: number;
}

/** Makes a personal access token; its `secret` is told this once. */
export async function makeToken(
  db: Db,
  { person, name, scope, expiresInDays }: NewToken,
): Promise<Token & { secret: string }> {
  const secret = newMarkedSecret('wab');
  const made = await db
    .insertInto('tokens')
    .values({
      hash: hashOf(secret),
      person,
      name,
      scope,
      acts_for_others: false,
      expires_at: sql`now() + make_interval(days => ${expiresInDays}::int)`,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  return { ...asToken(made), secret };
}

const nameOfLocal = 'local command line';

/**
 * Makes the token of the command line on the machine that keeps the state, and ends the one made before. It does not
 * expire, and it may act for others (see `actingFor`); no route makes such a token.
 */
export async function makeLocalToken(db: Db, person: string): Promise<string> {
  const secret = newMarkedSecret('wab');
  await db.transaction().execute(async (trx) => {
    await trx.deleteFrom('tokens').where('acts_for_others', '=', true).execute();
    await trx
      .insertInto('tokens')
      .values({ hash: hashOf(secret), person, name: nameOfLocal, scope: 'all', acts_for_others: true })
      .execute();
  });
  return secret;
}

/** Who asks by a token; undefined when it is unknown or has expired, or its person is disabled. */
export async function askerByToken(db: Db, secret: string): Promise<(Asker & { actsForOthers: boolean }) | undefined> {
  const hash = hashOf(secret);
  const found = await db
    .selectFrom('tokens')
    .innerJoin('people', 'people.id', 'tokens.person')
    .select([
      'people.id',
      'people.name',
      'people.roles',
      'tokens.id as token',
      'tokens.scope',
      'tokens.acts_for_others',
    ])
    .select(sql<boolean>`tokens.used_at IS NULL OR tokens.used_at < now() - ${exactly}`.as('stale'))
    .where('tokens.hash', '=', hash)
    .where(sql<boolean>`(tokens.expires_at IS NULL OR tokens.expires_at > now())`)
    .where('people.disabled_at', 'is', null)
    .executeTakeFirst();
  if (!found) return undefined;
  const { id, name, roles, token, scope, acts_for_others: actsForOthers, stale } = found;
  if (stale)
    await db
      .updateTable('tokens')
      .set({ used_at: sql`now()` })
      .where('hash', '=', hash)
      .execute();
  return { person: { id, name, roles }, by: 'token', credential: token, readsOnly: scope === 'read', actsForOthers };
}

/** The person's tokens, the newest first. */
export async function listTokens(db: Db, person: string): Promise<Token[]> {
  const rows = await db
    .selectFrom('tokens')
    .selectAll()
    .where('person', '=', person)
    .orderBy('created_at', 'desc')
    .execute();
  return rows.map(asToken);
}

/** Ends a token, of `person` alone where that is given, and answers with whose it was; undefined when there is none. */
export async function endToken(db: Db, id: string, person: string | undefined): Promise<string | undefined> {
  const ended = await db
    .deleteFrom('tokens')
    .where('id', '=', id)
    .$if(person !== undefined, (query) => query.where('person', '=', person ?? ''))
    .returning('person')
    .executeTakeFirst();
  return ended?.person;
}

function asToken(row: Selectable<IdentityTables['tokens']>): Token {
  return {
    id: row.id,
    name: row.name,
    scope: row.scope,
    createdAt: row.created_at,
    ...(row.expires_at !== null && { expiresAt: row.expires_at }),
    ...(row.used_at !== null && { usedAt: row.used_at }),
    ...(row.acts_for_others && { actsForOthers: true }),
  };
}
