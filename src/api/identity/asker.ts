import { parse } from 'cookie';
import type { FastifyRequest } from 'fastify';
import type { Kysely } from 'kysely';
import { Problem } from '../../service/problem';
import { roles, type Person } from '../person';
import { findPerson, personIdSchema } from './people';
import { isWhole } from './secrets';
import { askerBySession } from './sessions';
import type { IdentityTables } from './tables';
import { askerByToken } from './tokens';

type Db = Kysely<IdentityTables>;

/** Who asks, and by what that is proved. */
export interface Asker {
  person: Person;
  by: 'session' | 'token';
  /** Id of the session or token. */
  credential: string;
  /** A token of the scope `read`. */
  readsOnly: boolean;
  /** Whose token it is, where it acts for another person. */
  actedBy?: string;
}

/** Header by which the local command line names the person whom it acts for, see {@link actingFor}. */
const actForHeader = 'x-whereabouts-act-for';

/**
 * Who asks, by the header `Authorization: Bearer wab_...`, else by the session's cookie. Undefined for neither, and for a
 * session that has ended.
 * @throws Problem 401 `token-refused`, 403 `act-for-refused`
 */
export async function whoAsks(db: Db, request: FastifyRequest, cookie: string): Promise<Asker | undefined> {
  const { authorization } = request.headers;
  const actFor = request.headers[actForHeader];
  if (authorization === undefined) {
    if (actFor !== undefined) throw actForRefused();
    const secret = sessionSecret(request, cookie);
    return secret === undefined ? undefined : askerBySession(db, secret);
  }
  const { actsForOthers, ...asker } = await askerByAuthorization(db, authorization);
  if (actFor === undefined) return asker;
  if (!actsForOthers || !asker.person.roles.includes('administrator')) throw actForRefused();
  return { ...asker, person: await actingFor(db, String(actFor)), actedBy: asker.person.id };
}

/** What the session's cookie holds; undefined without one. */
export function sessionSecret({ headers }: FastifyRequest, cookie: string): string | undefined {
  return headers.cookie === undefined ? undefined : parse(headers.cookie)[cookie];
}

async function askerByAuthorization(db: Db, authorization: string): Promise<Asker & { actsForOthers: boolean }> {
  const token = /^Bearer +(\S+)$/i.exec(authorization)?.[1];
  if (token === undefined || !isWhole(token, 'wab')) {
    throw new Problem(
      401,
      'token-refused',
      'The header Authorization must be "Bearer" and a whole token, which is "wab_" and 72 digits.',
    );
  }
  const asker = await askerByToken(db, token);
  if (asker) return asker;
  throw new Problem(401, 'token-refused', 'The token is unknown, was ended or has expired; make a new one.');
}

/**
 * Whom the local command line acts for (`--by E-1002`). Only the token that is kept in the data folder may, and only while
 * its person is an administrator: its file is read by nobody but the owner of that folder, who could as well write to the
 * databases and to Temporal. A person who is entered here is acted for with that person's own roles, so that the command
 * line shows what they may do, and not once disabled. A name that is not entered is taken as said, with every role: on a
 * machine of one's own nobody has to enter people before trying a process. Whoever acts for others is in the audit.
 */
async function actingFor(db: Db, id: string): Promise<Person> {
  if (!personIdSchema.safeParse(id).success) {
    throw new Problem(400, 'invalid-request', `X-Whereabouts-Act-For: "${id}" is no id of a person.`);
  }
  const found = await findPerson(db, id);
  if (!found) return { id, name: id, roles: [...roles] };
  if (found.disabled_at === null) return { id: found.id, name: found.name, roles: found.roles };
  throw new Problem(403, 'act-for-refused', `X-Whereabouts-Act-For: ${found.id} is disabled; nobody acts for them.`);
}

/**
 * Who made something earlier, as they are now; undefined once they may do nothing. Who acted for them (`actedBy`) still has
 * to be an administrator; sessions and tokens may have ended.
 */
export async function personNow(
  db: Db,
  { person, actedBy }: { person: string; actedBy: string | null },
): Promise<Person | undefined> {
  const found = await findPerson(db, actedBy ?? person);
  if (found?.disabled_at !== null) return undefined;
  if (actedBy === null) return { id: found.id, name: found.name, roles: found.roles };
  if (!found.roles.includes('administrator')) return undefined;
  return actingFor(db, person).catch((error: unknown) => {
    if (error instanceof Problem) return undefined;
    throw error;
  });
}

function actForRefused(): Problem {
  return new Problem(
    403,
    'act-for-refused',
    'X-Whereabouts-Act-For: only the command line on the machine that keeps the state acts for others. Leave the header out.',
  );
}
