import type { FastifyRequest } from 'fastify';
import type { Kysely } from 'kysely';
import { z } from 'zod';
import type { ServiceApp } from '../../service/http';
import { idempotencyHeaders, tellOnce } from '../../service/idempotency';
import { Problem } from '../../service/problem';
import { audited } from '../audit';
import { may } from '../rules';
import { bySession } from './guard';
import { nameSchema, personIdSchema } from './people';
import type { IdentityTables } from './tables';
import { endToken, listTokens, makeToken, scopeSchema, tokenSchema } from './tokens';

const tags = ['identity'];
const longestDays = 365;

/** Personal access tokens, one's own; administrators see and end those of all. */
export function addTokenRoutes(app: ServiceApp, db: Kysely<IdentityTables>): void {
  app.get(
    '/api/tokens',
    {
      config: { allows: ['read', 'Own'] },
      schema: {
        operationId: 'listTokens',
        summary: "One's own tokens, the newest first; those of somebody else for administrators",
        tags,
        querystring: z.strictObject({ person: personIdSchema.optional() }),
        response: { 200: z.object({ tokens: z.array(tokenSchema) }) },
      },
    },
    async (request) => {
      const { person = request.person.id } = request.query;
      if (person !== request.person.id && !managesPeople(request)) {
        throw new Problem(403, 'not-allowed', `person: the tokens of ${person} are seen by administrators alone.`);
      }
      return { tokens: await listTokens(db, person) };
    },
  );
  app.post(
    '/api/tokens',
    {
      config: { allows: ['manage', 'Own'] },
      onRequest: bySession,
      schema: {
        operationId: 'makeToken',
        summary: 'Make a token for programs; it is shown this once',
        description:
          'Needs a session: no token makes a token. It is told once: with the same Idempotency-Key again 409 told-before.',
        tags,
        headers: idempotencyHeaders,
        body: z.strictObject({
          name: nameSchema,
          scope: scopeSchema,
          expiresInDays: z.int().min(1).max(longestDays).default(90),
        }),
        response: { 201: tokenSchema.extend({ secret: z.string() }) },
      },
    },
    async (request, reply) => {
      const person = request.person.id;
      const token = await tellOnce(db, request, person, (trx) => makeToken(trx, { person, ...request.body }));
      audited(request, { about: token.id, decision: `token with scope ${token.scope}` });
      return reply.code(201).send(token);
    },
  );
  app.delete(
    '/api/tokens/:id',
    {
      config: { allows: ['manage', 'Own'] },
      schema: {
        operationId: 'endToken',
        summary: "End one of one's own tokens; anybody's for administrators",
        tags,
        params: z.object({ id: z.uuid() }),
        response: { 204: z.undefined() },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      audited(request, { about: id });
      const person = await endToken(db, id, managesPeople(request) ? undefined : request.person.id);
      if (person === undefined) throw new Problem(404, 'unknown-token', `You have no token ${id}.`);
      audited(request, { decision: `token of ${person} ended` });
      return reply.code(204).send();
    },
  );
}

function managesPeople({ person }: FastifyRequest): boolean {
  return may(person, 'manage', 'Person');
}
