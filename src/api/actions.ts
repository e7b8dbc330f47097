import { Client } from '@temporalio/client';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { decide, requireReadable, resolve } from '../kit/client';
import { processes } from '../processes/catalogue';
import type { ServiceApp } from '../service/http';
import { answerOnceElsewhere, idempotencyHeaders } from '../service/idempotency';
import { Problem } from '../service/problem';
import { askAfterRest } from '../view/due';
import { caseFor } from './access';
import { taskThatAsks } from './asked-task';
import { cancelOnce } from './cancelling';
import { caseId, given, words } from './params';
import { asProblem } from './problems';
import { resolutionAction } from './schemas';
import type { ApiParts } from './server';
import { tellView } from './starting';

const tags = ['cases'];
const headers = idempotencyHeaders;
const ofCase = z.object({ id: caseId });

/** The routes that change a case. `by` is who asks and nobody else; what is sent twice under one key happens once. */
export function addActions(app: ServiceApp, parts: ApiParts): void {
  const { view, client, door } = parts;
  const once = <Answer>(
    request: FastifyRequest,
    reply: FastifyReply,
    about: string,
    effect: (id: string, again: boolean) => Promise<Answer>,
  ) =>
    answerOnceElsewhere(parts.db, request, reply, request.person.id, async (id, again) => {
      try {
        return await effect(id, again);
      } catch (error) {
        throw asProblem(error, { ...(request.body as object), by: request.person.id });
      } finally {
        // What its worker reports of it may be lost.
        await askAfterRest(view, about).catch((error: unknown) => request.log.warn({ err: error }, 'not asked soon'));
      }
    });

  app.post(
    '/api/cases/:id/tasks/:task/decision',
    {
      config: { allows: ['decide', 'Case'] },
      schema: {
        operationId: 'decide',
        summary: 'Decide a task, or enter its data',
        tags,
        headers,
        params: ofCase.extend({ task: z.string().describe('Id or name of the task') }),
        body: z.strictObject({
          decision: z.string().min(1, 'must be one of the decisions that the task takes'),
          comment: words.optional(),
          data: z.unknown().optional().describe('Matching the form of the task'),
          shownHash: z.string().optional().describe('`shownHash` of the task as it was shown'),
        }),
        response: { 200: z.object({ caseId, task: z.string(), decision: z.string(), by: z.string(), at: z.string() }) },
      },
    },
    async (request, reply) => {
      const { params, body, person } = request;
      const { record } = await caseFor(view, person, 'decide', params.id);
      return once(request, reply, params.id, async (updateId) => {
        await requireReadable(client, params.id);
        const asked = await taskThatAsks(client, record, params.task, person);
        const decision = { task: asked, by: person.id, decision: body.decision, ...given(body) };
        const { task, by, at, ...recorded } = await decide(as(client, person.id), params.id, decision, { updateId });
        return { caseId: params.id, task, decision: recorded.decision, by, at };
      });
    },
  );
  app.post(
    '/api/cases/:id/steps/:step/resolution',
    {
      config: { allows: ['resolve', 'Case'] },
      schema: {
        operationId: 'resolve',
        summary: 'Retry, skip, replace or fail a parked step',
        tags,
        headers,
        params: ofCase.extend({ step: z.string().describe('Id of the step, or its name when only one is parked') }),
        body: z.strictObject({
          action: resolutionAction,
          reason: words,
          result: z.unknown().optional().describe('The result of the step, for `replace`'),
        }),
        response: {
          200: z.object({ caseId, step: z.string(), action: resolutionAction, by: z.string(), at: z.string() }),
        },
      },
    },
    async (request, reply) => {
      const { params, body, person } = request;
      await caseFor(view, person, 'resolve', params.id);
      return once(request, reply, params.id, async (updateId) => {
        await requireReadable(client, params.id);
        const resolution = {
          step: params.step,
          by: person.id,
          action: body.action,
          reason: body.reason,
          ...given(body),
        };
        const { step, action, by, at } = await resolve(as(client, person.id), params.id, resolution, { updateId });
        return { caseId: params.id, step, action, by, at };
      });
    },
  );
  app.post(
    '/api/cases/:id/cancellation',
    {
      config: { allows: ['cancel', 'Case'] },
      schema: {
        operationId: 'cancel',
        summary: 'Ask a case to cancel; calls in flight are waited for, and what was done is undone',
        tags,
        headers,
        params: ofCase,
        body: z.strictObject({ reason: words }),
        response: { 202: z.object({ caseId, by: z.string(), reason: z.string() }) },
      },
    },
    async (request, reply) => {
      const { params, body, person } = request;
      await caseFor(view, person, 'cancel', params.id);
      reply.code(202);
      return once(request, reply, params.id, async (requestId, again) => {
        const asked = { by: person.id, reason: body.reason };
        await cancelOnce(as(client, person.id), params.id, asked, { requestId, again });
        return { caseId: params.id, ...asked };
      });
    },
  );
  app.post(
    '/api/cases/:id/restart',
    {
      config: { allows: ['restart', 'Case'] },
      schema: {
        operationId: 'restart',
        summary: 'Start a case again that failed, was cancelled or terminated, with what systems and settings say now',
        tags,
        headers,
        params: ofCase,
        response: { 201: z.object({ caseId, runId: z.string(), restart: z.int() }) },
      },
    },
    async (request, reply) => {
      const { params, person } = request;
      const { record } = await caseFor(view, person, 'restart', params.id);
      if (!processes.some(({ workflow }) => workflow === record.process)) {
        const detail = `Case ${params.id} is of ${record.process}, which is started elsewhere; start it again there.`;
        throw new Problem(422, 'not-started-here', detail);
      }
      reply.code(201);
      return once(request, reply, params.id, async (requestId) => {
        const reopened = await door.reopen(params.id, person.id, requestId);
        if (reopened.status === 'refused')
          throw new Problem(409, 'not-restarted', reopened.reason, { errors: reopened.errors });
        await tellView(parts, params.id, request.log);
        const { runId, restart } = reopened;
        return { caseId: params.id, runId, restart };
      });
    },
  );
}

/** The client by which somebody acts, so that the server's own history says who it was, too. */
export function as({ connection, options: { namespace, dataConverter } }: Client, identity: string): Client {
  return new Client({ connection, namespace, dataConverter, identity });
}
