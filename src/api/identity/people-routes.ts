import type { Kysely } from 'kysely';
import { z } from 'zod';
import type { ServiceApp } from '../../service/http';
import { idempotencyHeaders, tellOnce } from '../../service/idempotency';
import { Problem } from '../../service/problem';
import { timestampSchema } from '../../service/schemas';
import { audited } from '../audit';
import { newCode } from './codes';
import {
  addPerson,
  changePerson,
  findPerson,
  knownPersonSchema,
  listPeople,
  nameSchema,
  personIdSchema,
  rolesSchema,
  unknownPerson,
} from './people';
import type { IdentityTables } from './tables';

const tags = ['people'];
const toldOnce = 'The code is told once: with the same Idempotency-Key again 409 told-before.';
const params = z.object({ id: personIdSchema });
const codeSchema = z.object({
  person: z.string(),
  code: z.string().describe('To be handed to the person, who sets a password by it; shown this once'),
  expiresAt: timestampSchema,
});

/** People who may sign in, for administrators. */
export function addPeopleRoutes(app: ServiceApp, db: Kysely<IdentityTables>): void {
  app.get(
    '/api/people',
    {
      config: { allows: ['read', 'Person'] },
      schema: {
        operationId: 'listPeople',
        summary: 'People by id',
        tags,
        querystring: z.strictObject({
          cursor: personIdSchema.optional(),
          limit: z.coerce.number().int().min(1).max(500).default(100),
        }),
        response: { 200: z.object({ people: z.array(knownPersonSchema), cursor: z.string().optional() }) },
      },
    },
    async ({ query: { cursor: after, limit } }) => {
      const people = await listPeople(db, { after, limit: limit + 1 });
      const page = people.slice(0, limit);
      const last = page.at(-1);
      return { people: page, ...(people.length > limit && last && { cursor: last.id }) };
    },
  );
  app.post(
    '/api/people',
    {
      config: { allows: ['manage', 'Person'] },
      schema: {
        operationId: 'addPerson',
        summary: 'Enter a person, who sets a password by the one-time code',
        description: `409 person-exists. ${toldOnce}`,
        tags,
        headers: idempotencyHeaders,
        body: z.strictObject({ id: personIdSchema, name: nameSchema, roles: rolesSchema }),
        response: { 201: knownPersonSchema.extend({ oneTimeCode: codeSchema }) },
      },
    },
    async (request, reply) => {
      const { id, roles } = request.body;
      audited(request, { about: id, decision: `roles ${roles.join(', ')}` });
      const made = await tellOnce(db, request, request.person.id, async (trx) => ({
        ...(await addPerson(trx, request.body)),
        oneTimeCode: await newCode(trx, id),
      }));
      return reply.code(201).send(made);
    },
  );
  app.patch(
    '/api/people/:id',
    {
      config: { allows: ['manage', 'Person'] },
      schema: {
        operationId: 'changePerson',
        summary: 'Change name or roles, disable or enable',
        description:
          'It counts from the next request on. One who is disabled loses all sessions and tokens for good. 404 ' +
          'unknown-person, 409 last-administrator.',
        tags,
        params,
        body: z
          .strictObject({
            name: nameSchema.optional(),
            roles: rolesSchema.optional(),
            disabled: z.boolean().optional(),
          })
          .refine((change) => Object.keys(change).length > 0, 'must name what is to change'),
        response: { 200: knownPersonSchema },
      },
    },
    async (request) => {
      const { id } = request.params;
      const { name, roles, disabled } = request.body;
      const changed = [
        name !== undefined && 'name',
        roles && `roles ${roles.join(', ')}`,
        disabled !== undefined && (disabled ? 'disabled' : 'enabled'),
      ];
      audited(request, { about: id, decision: changed.filter(Boolean).join('; ') });
      return changePerson(db, id, request.body);
    },
  );
  app.post(
    '/api/people/:id/codes',
    {
      config: { allows: ['manage', 'Person'] },
      schema: {
        operationId: 'makeOneTimeCode',
        summary: 'Make a one-time code for somebody who has forgotten the password',
        description: `The old password works until a new one is set. 404 unknown-person, 409 person-disabled. ${toldOnce}`,
        tags,
        headers: idempotencyHeaders,
        params,
        response: { 201: codeSchema },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      audited(request, { about: id, decision: 'one-time code' });
      const made = await tellOnce(db, request, request.person.id, async (trx) => {
        const person = await findPerson(trx, id);
        if (!person) throw unknownPerson(id);
        if (person.disabled_at !== null)
          throw new Problem(409, 'person-disabled', `${id} is disabled; enable them before.`);
        return newCode(trx, person.id);
      });
      return reply.code(201).send(made);
    },
  );
}
