import type { Kysely } from 'kysely';
import { z } from 'zod';
import type { ServiceApp } from '../../service/http';
import { answerOnceElsewhere, idempotencyHeaders } from '../../service/idempotency';
import { Problem } from '../../service/problem';
import { audited } from '../audit';
import { asSearch, type Teams } from '../params';
import { may } from '../rules';
import type { ApiParts } from '../server';
import { makeBatch, startBatch, stopBatch } from './keep';
import { batchFor, listBatches, listItems } from './read';
import { batchBody, batchSchema, itemSchema, type Act, type BatchBody } from './requests';
import { itemStates, type BatchTables } from './tables';

const tags = ['batches'];
const headers = idempotencyHeaders;
const params = z.object({ id: z.string().max(100, 'must have at most 100 characters') });
const page = {
  cursor: z
    .string()
    .regex(/^[0-9]{1,15}$/, 'must be the cursor of the page before')
    .optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
};
const cursor = z.string().optional();
const withItems = batchSchema.extend({ page: z.array(itemSchema), cursor });

/**
 * The routes by which somebody acts on many cases: a dry run makes a batch, which is then started as it was shown, and can
 * be stopped. Who made it is the one that acts, with the rights of the moment.
 */
export function addBatches(app: ServiceApp, { db: own, view, teams }: Pick<ApiParts, 'db' | 'view' | 'teams'>): void {
  const db = own as unknown as Kysely<BatchTables>;
  const answer = async (
    id: string,
    wanted: Parameters<typeof listItems>[2],
    person: Parameters<typeof batchFor>[1],
  ) => {
    const batch = await batchFor(db, person, 'read', id);
    const { items, ...more } = await listItems(db, id, wanted);
    return { ...batch, page: items, ...more };
  };
  const first = { limit: 100 };

  app.post(
    '/api/batches',
    {
      config: { allows: ['start', 'Batch'] },
      schema: {
        operationId: 'makeBatch',
        summary:
          'Dry run of deciding, resolving or cancelling over a search: shows what would be acted on, changes nothing',
        description:
          'What is shown, and nothing else, is acted on once it is started, within a day; at most 10,000 items.',
        tags,
        headers,
        body: batchBody,
        response: { 201: withItems },
      },
    },
    async (request, reply) => {
      const { body, person, asker } = request;
      if (!may(person, body.action, 'Case')) {
        throw new Problem(403, 'not-allowed', `${person.id} may not ${body.action} any case.`);
      }
      const { act, search } = askedFor(body, teams);
      reply.code(201);
      return answerOnceElsewhere(own, request, reply, person.id, async (asked) => {
        const id = asked.replaceAll('-', '').slice(0, 16);
        audited(request, { about: id, decision: inShort(act) });
        await makeBatch(db, view, { id, person, actedBy: asker?.actedBy, act, search });
        return answer(id, first, person);
      });
    },
  );
  app.post(
    '/api/batches/:id/start',
    {
      config: { allows: ['start', 'Batch'] },
      schema: {
        operationId: 'startBatch',
        summary: 'Do what was shown; a batch that was started before goes on as it is',
        tags,
        headers,
        params,
        response: { 202: batchSchema },
      },
    },
    async (request, reply) => {
      const { params: { id }, person, asker } = request; // prettier-ignore
      await batchFor(db, person, 'start', id);
      reply.code(202);
      return answerOnceElsewhere(own, request, reply, person.id, async () => {
        const credential = asker ? `${asker.by} ${asker.credential}` : null;
        await startBatch(db, id, { request_id: request.id, credential, address: request.ip });
        return batchFor(db, person, 'read', id);
      });
    },
  );
  app.post(
    '/api/batches/:id/stop',
    {
      config: { allows: ['stop', 'Batch'] },
      schema: {
        operationId: 'stopBatch',
        summary: 'Begin nothing more of a batch; what was begun is finished',
        tags,
        headers,
        params,
        response: { 202: batchSchema },
      },
    },
    async (request, reply) => {
      const { params: { id }, person } = request; // prettier-ignore
      await batchFor(db, person, 'stop', id);
      reply.code(202);
      return answerOnceElsewhere(own, request, reply, person.id, async () => {
        await stopBatch(db, id, person.id);
        return batchFor(db, person, 'read', id);
      });
    },
  );
  app.get(
    '/api/batches',
    {
      config: { allows: ['read', 'Batch'] },
      schema: {
        operationId: 'listBatches',
        summary: 'Batches, newest first: one’s own; for operators, administrators and auditors all',
        tags,
        querystring: z.strictObject(page),
        response: { 200: z.object({ batches: z.array(batchSchema), cursor }) },
      },
    },
    ({ query, person }) => listBatches(db, person, query),
  );
  app.get(
    '/api/batches/:id',
    {
      config: { allows: ['read', 'Batch'] },
      schema: {
        operationId: 'readBatch',
        summary: 'How far a batch is, and what it acts on, page by page',
        tags,
        params,
        querystring: z.strictObject({ ...page, state: z.enum(itemStates).optional() }),
        response: { 200: withItems },
      },
    },
    ({ params: { id }, query, person }) => answer(id, query, person),
  );
}

/** A task or step that is meant also narrows the search, and only cases that have not ended are acted on. */
function askedFor({ search: fields, ...act }: BatchBody, teams: Teams) {
  const search = asSearch(fields, teams, 'search.team');
  const status = search.status ?? (act.action === 'resolve' ? 'incident' : 'open');
  const step = search.step ?? (act.action === 'decide' ? act.task : undefined);
  return { act: act, search: { ...search, status, ...(step !== undefined && { step }) } };
}

function inShort(act: Act): string {
  if (act.action === 'cancel') return 'cancel';
  return act.action === 'decide' ? `decide ${act.task} ${act.decision}` : `resolve ${act.resolution}`;
}
