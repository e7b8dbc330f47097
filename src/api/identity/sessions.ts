import { sql, type Kysely } from 'kysely';
import { z } from 'zod';
import { timestampSchema } from '../../service/schemas';
import type { Asker } from './asker';
import { hashOf, newSecret } from './secrets';
import type { IdentityTables } from './tables';

type Db = Kysely<IdentityTables>;

const longestIdle = sql`interval '12 hours'`;
const longest = sql`interval '7 days'`;
/** How exactly it is known when a session or token was used last. */
export const exactly = sql`interval '1 minute'`;

/** A session of one's own. */
export const sessionSchema = z.object({
  id: z.string(),
  createdAt: timestampSchema,
  usedAt: timestampSchema,
  expiresAt: timestampSchema,
  address: z.string().describe('Where it was begun from'),
  agent: z.string().optional().describe('The browser it was begun with, as it told'),
  current: z.boolean().describe('Whether it is the one that asks'),
});

/**
 * Begins a session and answers with its secret, which goes into the cookie. It ends after 12 hours without a request, and
 * after 7 days.
 */
export async function beginSession(
  db: Db,
  person: string,
  { address, agent }: { address: string; agent: string | undefined },
): Promise<string> {
  const secret = newSecret();
  await db.deleteFrom('sessions').where(isOver()).execute();
  await db
    .insertInto('sessions')
    .values({
      hash: hashOf(secret),
      person,
      address,
      agent: agent?.slice(0, 200) ?? null,
      expires_at: sql`now() + ${longest}`,
    })
    .execute();
  return secret;
}

/** Who asks by the secret of a session; undefined when it has ended, or its person is disabled. */
export async function askerBySession(db: Db, secret: string): Promise<Asker | undefined> {
  const hash = hashOf(secret);
  const found = await db
    .selectFrom('sessions')
    .innerJoin('people', 'people.id', 'sessions.person')
    .select(['people.id', 'people.name', 'people.roles', 'sessions.id as session'])
    .select(sql<boolean>`sessions.used_at < now() - ${exactly}`.as('stale'))
    .where('sessions.hash', '=', hash)
    .where(sql<boolean>`NOT ${isOver()}`)
    .where('people.disabled_at', 'is', null)
    .executeTakeFirst();
  if (!found) return undefined;
  const { id, name, roles, session, stale } = found;
  if (stale)
    await db
      .updateTable('sessions')
      .set({ used_at: sql`now()` })
      .where('hash', '=', hash)
      .execute();
  return { person: { id, name, roles }, by: 'session', credential: session, readsOnly: false };
}

export async function endSession(db: Db, secret: string): Promise<void> {
  await db.deleteFrom('sessions').where('hash', '=', hashOf(secret)).execute();
}

/** Ends one of the person's sessions; false when there is none of this id. */
export async function endSessionOf(db: Db, person: string, id: string): Promise<boolean> {
  const { numDeletedRows } = await db
    .deleteFrom('sessions')
    .where('person', '=', person)
    .where('id', '=', id)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}

/** The person's sessions, the one used last first. */
export async function listSessions(
  db: Db,
  person: string,
  current: string | undefined,
): Promise<z.infer<typeof sessionSchema>[]> {
  const rows = await db
    .selectFrom('sessions')
    .select(['id', 'created_at', 'used_at', 'expires_at', 'address', 'agent'])
    .where('person', '=', person)
    .where(sql<boolean>`NOT ${isOver()}`)
    .orderBy('used_at', 'desc')
    .execute();
  return rows.map(({ id, created_at, used_at, expires_at, address, agent }) => ({
    id,
    createdAt: created_at,
    usedAt: used_at,
    expiresAt: expires_at,
    address,
    ...(agent !== null && { agent }),
    current: id === current,
  }));
}

function isOver() {
  return sql<boolean>`(sessions.expires_at <= now() OR sessions.used_at <= now() - ${longestIdle})`;
}
