import { setTimeout as wait } from 'node:timers/promises';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Kysely } from 'kysely';
import { z } from 'zod';
import type { ServiceTables } from './database';
import { operationOf } from './idempotency';
import { nameOfStatus, Problem, problemMediaType } from './problem';
import type { ServiceApp } from './http';

const scalar = z.union([z.string(), z.number(), z.boolean()]);

const faultSchema = z
  .strictObject({
    operation: z.string().min(1).describe('The operation that fails, its operationId'),
    match: z
      .record(z.string(), scalar)
      .default({})
      .describe('Only requests with these values in their path, query or body'),
    when: z
      .enum(['before', 'after'])
      .describe('before: nothing happens; after: it is committed, and the answer is lost'),
    status: z.int().min(400).max(599).optional().describe('The status answered instead'),
    type: z
      .string()
      .regex(/^[a-z0-9-]+$/)
      .optional()
      .describe('Name of the problem answered; by default made of the status'),
    disconnect: z.literal(true).optional().describe('The connection breaks instead of an answer'),
    latencyMs: z.int().min(1).max(60_000).optional().describe('The time taken more'),
    times: z.int().min(1).optional().describe('How many requests it hits; absent: all'),
  })
  .refine(({ status, disconnect, latencyMs }) => (status ?? disconnect ?? latencyMs) !== undefined, {
    message: 'must have a status, disconnect or latencyMs',
    path: ['status'],
  })
  .refine(({ status, disconnect }) => status === undefined || disconnect === undefined, {
    message: 'must have a status or disconnect, not both',
    path: ['disconnect'],
  });

/** A rule of the fault switch: which requests fail, and how. */
export type Fault = z.input<typeof faultSchema>;

const faultsSchema = z.strictObject({ rules: z.array(faultSchema) });

/**
 * The fault switch, for tests and demonstrations: requests that match a rule fail as it says. Rules are kept in the
 * system's database; `times` in an answer is what is left. A system without the switch has none of these routes.
 */
export function addFaultSwitch(app: ServiceApp, db: Kysely<ServiceTables>): void {
  app.addHook('preHandler', async (request, reply) => {
    const fault = await strike(db, request, 'before');
    if (fault === undefined) return;
    await wait(fault.latency_ms ?? 0);
    if (fault.disconnect) return disconnect(request, reply);
    if (fault.status !== null) throw problemOf(fault.status, fault.type, operationOf(request));
  });

  app.addHook('onSend', async (request, reply, payload) => {
    if (reply.statusCode >= 400) return payload;
    const fault = await strike(db, request, 'after');
    if (fault === undefined) return payload;
    await wait(fault.latency_ms ?? 0);
    if (fault.disconnect) {
      request.raw.socket.destroy();
      return payload;
    }
    if (fault.status === null) return payload;
    reply.code(fault.status).type(problemMediaType).removeHeader('content-length');
    return JSON.stringify(problemOf(fault.status, fault.type, operationOf(request)).toDocument());
  });

  const tags = ['faults'];
  app.put(
    '/faults',
    {
      schema: {
        operationId: 'setFaults',
        summary: 'Replace all rules of the fault switch',
        tags,
        body: faultsSchema,
        response: { 200: faultsSchema },
      },
    },
    async ({ body: { rules } }) => {
      await db.transaction().execute(async (trx) => {
        await trx.deleteFrom('faults').execute();
        for (const { operation, match, when, status, type, disconnect, latencyMs, times } of rules) {
          await trx
            .insertInto('faults')
            .values({
              operation,
              match: JSON.stringify(match),
              timing: when,
              status: status ?? null,
              type: type ?? null,
              disconnect: disconnect ?? false,
              latency_ms: latencyMs ?? null,
              remaining: times ?? null,
            })
            .execute();
        }
      });
      return { rules };
    },
  );
  app.get(
    '/faults',
    {
      schema: { operationId: 'getFaults', summary: 'The rules that still hit', tags, response: { 200: faultsSchema } },
    },
    async () => {
      const rows = await db.selectFrom('faults').selectAll().orderBy('id').execute();
      return { rules: rows.filter(({ remaining }) => remaining !== 0).map(toFault) };
    },
  );
  app.delete(
    '/faults',
    { schema: { operationId: 'clearFaults', summary: 'Remove all rules', tags, response: { 204: z.undefined() } } },
    async (_request, reply) => {
      await db.deleteFrom('faults').execute();
      return reply.code(204).send();
    },
  );
}

const faultOperations = new Set(['setFaults', 'getFaults', 'clearFaults']);

type FaultRow = Awaited<ReturnType<typeof rulesOf>>[number];

/** The rule that hits a request now, counted down. */
async function strike(
  db: Kysely<ServiceTables>,
  request: FastifyRequest,
  timing: 'before' | 'after',
): Promise<FaultRow | undefined> {
  const operation = operationOf(request);
  if (faultOperations.has(operation)) return undefined;
  for (const rule of await rulesOf(db, operation, timing)) {
    if (!matches(rule, request)) continue;
    const hit = await db
      .updateTable('faults')
      .set((row) => ({ remaining: row('remaining', '-', 1) }))
      .where('id', '=', rule.id)
      .where((row) => row.or([row('remaining', 'is', null), row('remaining', '>', 0)]))
      .returning('id')
      .executeTakeFirst();
    if (hit !== undefined) return rule;
  }
  return undefined;
}

function rulesOf(db: Kysely<ServiceTables>, operation: string, timing: 'before' | 'after') {
  return db
    .selectFrom('faults')
    .selectAll()
    .where('operation', '=', operation)
    .where('timing', '=', timing)
    .orderBy('id')
    .execute();
}

function matches({ match }: FaultRow, { params, query, body }: FastifyRequest): boolean {
  const fields = { ...asRecord(query), ...asRecord(body), ...asRecord(params) };
  return Object.entries(asRecord(JSON.parse(match))).every(([field, value]) => fields[field] === value);
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function disconnect(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  reply.hijack();
  request.raw.socket.destroy();
  return reply;
}

function problemOf(status: number, type: string | null, operation: string): Problem {
  return new Problem(status, type ?? nameOfStatus(status), `${operation} fails because the fault switch says so.`);
}

function toFault({ operation, match, timing, status, type, disconnect, latency_ms, remaining }: FaultRow) {
  return {
    operation,
    match: z.record(z.string(), scalar).parse(JSON.parse(match)),
    when: timing,
    ...(status !== null && { status }),
    ...(type !== null && { type }),
    ...(disconnect && { disconnect }),
    ...(latency_ms !== null && { latencyMs: latency_ms }),
    ...(remaining !== null && { times: remaining }),
  };
}
