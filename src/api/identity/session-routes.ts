import { serialize, type SerializeOptions } from 'cookie';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Kysely } from 'kysely';
import { z } from 'zod';
import type { ServiceApp } from '../../service/http';
import { Problem } from '../../service/problem';
import { audited } from '../audit';
import { begin, succeeded } from './attempts';
import { sessionSecret, whoAsks } from './asker';
import { setPassword, setPasswordByCode } from './codes';
import { bySession, requireSession, type Site } from './guard';
import { isPassword, newPasswordSchema, passwordSchema } from './passwords';
import { findPerson, personIdSchema, personSchema } from './people';
import { beginSession, endSession, endSessionOf, listSessions, sessionSchema } from './sessions';
import type { IdentityTables } from './tables';

type Db = Kysely<IdentityTables>;

const tags = ['identity'];
const nothing = z.undefined();

const askerSchema = z.object({
  person: personSchema,
  by: z.enum(['session', 'token']),
  actedBy: z.string().optional().describe('Whose token it is, where it acts for the person'),
});

/** Signing in and out, one's sessions and password. */
export function addSessionRoutes(app: ServiceApp, db: Db, site: Site): void {
  const cookie: SerializeOptions = {
    path: '/',
    httpOnly: true,
    sameSite: 'strict',
    secure: site.origin?.startsWith('https:') ?? false,
  };

  app.post(
    '/api/session',
    {
      config: { allows: 'anyone' },
      schema: {
        operationId: 'signIn',
        summary: 'Sign in; the session is in a cookie that scripts cannot read',
        description: '401 sign-in-refused whatever is wrong; 429 too-many-attempts with Retry-After.',
        tags,
        body: z.strictObject({ person: personIdSchema, password: passwordSchema }),
        response: { 200: z.object({ person: personSchema }) },
      },
    },
    async (request, reply) => {
      const { person: id, password } = request.body;
      const person = await provePassword(db, request, reply, id, password);
      const before = sessionSecret(request, site.cookie);
      if (before !== undefined) await endSession(db, before);
      const secret = await beginSession(db, person.id, { address: request.ip, agent: request.headers['user-agent'] });
      reply.header('set-cookie', serialize(site.cookie, secret, cookie));
      return { person: { id: person.id, name: person.name, roles: person.roles } };
    },
  );
  app.get(
    '/api/session',
    {
      config: { allows: ['read', 'Own'] },
      schema: { operationId: 'whoAmI', summary: 'Who asks', tags, response: { 200: askerSchema } },
    },
    ({ person, asker }) => ({
      person,
      by: asker?.by ?? 'session',
      ...(asker?.actedBy !== undefined && { actedBy: asker.actedBy }),
    }),
  );
  app.delete(
    '/api/session',
    {
      config: { allows: ['manage', 'Own'] },
      onRequest: bySession,
      schema: { operationId: 'signOut', summary: 'Sign out', tags, response: { 204: nothing } },
    },
    async ({ person, asker }, reply) => {
      await endSessionOf(db, person.id, asker?.credential ?? '');
      return reply
        .header('set-cookie', serialize(site.cookie, '', { ...cookie, maxAge: 0 }))
        .code(204)
        .send();
    },
  );
  app.get(
    '/api/sessions',
    {
      config: { allows: ['read', 'Own'] },
      schema: {
        operationId: 'listSessions',
        summary: "One's own sessions, the one used last first",
        tags,
        response: { 200: z.object({ sessions: z.array(sessionSchema) }) },
      },
    },
    async ({ person, asker }) => ({ sessions: await listSessions(db, person.id, asker?.credential) }),
  );
  app.delete(
    '/api/sessions/:id',
    {
      config: { allows: ['manage', 'Own'] },
      schema: {
        operationId: 'endSession',
        summary: "End one of one's own sessions",
        tags,
        params: z.object({ id: z.uuid() }),
        response: { 204: nothing },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      audited(request, { about: id });
      if (await endSessionOf(db, request.person.id, id)) return reply.code(204).send();
      throw new Problem(404, 'unknown-session', `You have no session ${id}.`);
    },
  );
  app.post(
    '/api/password',
    {
      config: { allows: 'anyone' },
      schema: {
        operationId: 'setPassword',
        summary: "Set one's password, by the code of a one-time link or by the old password",
        description:
          'By a code nobody has to be signed in, and all sessions end; by the old password a session is needed, and all ' +
          'others end. Tokens stay. 401 code-refused, sign-in-refused; 422 password-guessable.',
        tags,
        body: z
          .strictObject({
            code: z.string().max(200).optional(),
            oldPassword: passwordSchema.optional(),
            password: newPasswordSchema,
          })
          .refine(({ code, oldPassword }) => (code === undefined) !== (oldPassword === undefined), {
            message: 'must be given, or oldPassword, and not both',
            path: ['code'],
          }),
        response: { 204: nothing },
      },
    },
    async (request, reply) => {
      const { code, oldPassword, password } = request.body;
      if (code !== undefined) {
        const person = await setPasswordByCode(db, code, password);
        audited(request, { person, about: person, decision: 'password by one-time code' });
      } else {
        request.asker = requireSession((await whoAsks(db, request, site.cookie)) ?? null);
        const { person, credential } = request.asker;
        await provePassword(db, request, reply, person.id, oldPassword ?? '');
        audited(request, { about: person.id, decision: 'password by the old one' });
        await db.transaction().execute(async (trx) => {
          await setPassword(trx, person, password);
          await trx.deleteFrom('sessions').where('person', '=', person.id).where('id', '!=', credential).execute();
        });
      }
      return reply.code(204).send();
    },
  );
}

/**
 * The person, when the password is theirs.
 * @throws Problem 401 `sign-in-refused`, the same and as late for a person who does not exist; 429 `too-many-attempts`.
 */
async function provePassword(db: Db, request: FastifyRequest, reply: FastifyReply, id: string, password: string) {
  const attempt = { person: id, address: request.ip };
  const wait = await begin(db, attempt);
  if (wait !== undefined) {
    reply.header('retry-after', wait);
    throw new Problem(429, 'too-many-attempts', `Too many attempts failed; try again in ${wait} seconds.`);
  }
  const person = await findPerson(db, id);
  audited(request, { person: person?.id });
  const isTheirs = await isPassword(password, person?.password_hash);
  if (!person || !isTheirs || person.disabled_at !== null) {
    throw new Problem(401, 'sign-in-refused', 'The person or the password is wrong, or the person may not sign in.');
  }
  await succeeded(db, attempt);
  return person;
}
