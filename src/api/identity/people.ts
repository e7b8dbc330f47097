import { sql, type Kysely, type Selectable, type Transaction } from 'kysely';
import { z } from 'zod';
import { Problem } from '../../service/problem';
import { timestampSchema } from '../../service/schemas';
import { roles, type Person, type Role } from '../person';
import type { IdentityTables } from './tables';

type Db = Kysely<IdentityTables>;

export const personIdSchema = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$/,
    'must be 1 to 64 letters, digits, ".", "_", "@" or "-", and begin with a letter or digit',
  )
  .meta({ example: 'E-1002' });

/** A text of one line. */
export const nameSchema = z
  .string()
  .trim()
  .min(1, 'must not be empty')
  .max(200, 'must have at most 200 characters')
  .regex(/^[^\p{Cc}]*$/u, 'must be one line');

export const rolesSchema = z.array(z.enum(roles)).min(1, 'must name at least one role').max(roles.length);

export const personSchema = z.object({ id: z.string(), name: z.string(), roles: z.array(z.enum(roles)) });

/** A person as administrators see them. */
export const knownPersonSchema = personSchema.extend({
  createdAt: timestampSchema,
  disabledAt: timestampSchema.optional().describe('Since when the person can do nothing'),
  hasPassword: z.boolean(),
});
type KnownPerson = z.infer<typeof knownPersonSchema>;

/** @throws Problem 409 `person-exists`, whatever case the id is written in. */
export async function addPerson(db: Db, { id, name, roles: given }: Person): Promise<KnownPerson> {
  const added = await db
    .insertInto('people')
    .values({ id, name, roles: [...new Set(given)] })
    .onConflict((conflict) => conflict.doNothing())
    .returningAll()
    .executeTakeFirst();
  if (added) return asKnown(added);
  throw new Problem(409, 'person-exists', `id: there is a person "${id}" already; change that one.`, {
    errors: [{ field: 'id', value: id, message: 'is a person already' }],
  });
}

export interface PersonChange {
  name?: string | undefined;
  roles?: Role[] | undefined;
  disabled?: boolean | undefined;
}

/**
 * Changes a person. One who is disabled loses sessions, tokens and one-time codes at once, and for good.
 * @throws Problem 404 `unknown-person`, 409 `last-administrator`: somebody has to be left who manages people.
 */
export async function changePerson(db: Db, id: string, { name, roles: given, disabled }: PersonChange) {
  return db.transaction().execute(async (trx): Promise<KnownPerson> => {
    const people = await trx
      .selectFrom('people')
      .selectAll()
      .where((row) => row.or([row('id', '=', id), row('roles', '@>', sql<never>`array['administrator']`)]))
      .orderBy('id')
      .forUpdate()
      .execute();
    const before = people.find((person) => person.id === id);
    if (!before) throw unknownPerson(id);
    const after = {
      name: name ?? before.name,
      roles: given ? [...new Set(given)] : before.roles,
      disabled_at: disabled === undefined ? before.disabled_at : disabled ? (before.disabled_at ?? now()) : null,
    };
    const others = people.filter((person) => person.id !== id);
    if (isAdministrator(before) && ![after, ...others].some(isAdministrator)) {
      throw new Problem(
        409,
        'last-administrator',
        `${id} is the last administrator; make somebody else administrator before.`,
      );
    }
    if (after.disabled_at !== null) await forgetCredentials(trx, id);
    return asKnown(
      await trx.updateTable('people').set(after).where('id', '=', id).returningAll().executeTakeFirstOrThrow(),
    );
  });
}

/** Id of the administrator who was entered first, of those not disabled; there always is one once there were any. */
export async function firstAdministrator(db: Db): Promise<string> {
  const { id } = await db
    .selectFrom('people')
    .select('id')
    .where('disabled_at', 'is', null)
    .where('roles', '@>', sql<never>`array['administrator']`)
    .orderBy('created_at')
    .limit(1)
    .executeTakeFirstOrThrow();
  return id;
}

/** People by id, at most so many of those after `after`. */
export async function listPeople(db: Db, { after, limit }: { after?: string | undefined; limit: number }) {
  const people = await db
    .selectFrom('people')
    .selectAll()
    .$if(after !== undefined, (query) => query.where('id', '>', after ?? ''))
    .orderBy('id')
    .limit(limit)
    .execute();
  return people.map(asKnown);
}

/** The person of this id, in whatever case it is written. */
export function findPerson(db: Db, id: string): Promise<Selectable<IdentityTables['people']> | undefined> {
  return db
    .selectFrom('people')
    .selectAll()
    .where((row) => row(row.fn<string>('lower', ['id']), '=', id.toLowerCase()))
    .executeTakeFirst();
}

export function unknownPerson(id: string): Problem {
  return new Problem(404, 'unknown-person', `There is no person "${id}".`);
}

async function forgetCredentials(trx: Transaction<IdentityTables>, person: string): Promise<void> {
  for (const table of ['sessions', 'tokens', 'one_time_codes'] as const) {
    await trx.deleteFrom(table).where('person', '=', person).execute();
  }
}

type Row = Selectable<IdentityTables['people']>;

function isAdministrator({ roles: own, disabled_at: disabledAt }: Pick<Row, 'roles' | 'disabled_at'>): boolean {
  return disabledAt === null && own.includes('administrator');
}

function asKnown({ id, name, roles: own, created_at, disabled_at, password_hash }: Row): KnownPerson {
  return {
    id,
    name,
    roles: own,
    createdAt: created_at,
    ...(disabled_at !== null && { disabledAt: disabled_at }),
    hasPassword: password_hash !== null,
  };
}

function now(): string {
  return new Date().toISOString();
}
