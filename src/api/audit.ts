import type { FastifyRequest } from 'fastify';
import { sql, type Generated, type Kysely } from 'kysely';
import { z } from 'zod';
import type { ServiceApp } from '../service/http';
import { operationOf } from '../service/idempotency';
import { timestampSchema } from '../service/schemas';
import { changes } from './identity/guard';
import { readable } from './rules';

export interface AuditTables {
  /** Added to, never changed. */
  audit: {
    number: Generated<number>;
    at: Generated<string>;
    request_id: string;
    person: string | null;
    acted_by: string | null;
    credential: string | null;
    address: string;
    action: string;
    route: string;
    about: string | null;
    step: string | null;
    decision: string | null;
    reason: string | null;
    /** HTTP status of the answer; null: what was asked for, before it was done. */
    status: number | null;
    /** Number of the row of what was asked for, of which this tells how it ended. */
    ends: number | null;
  };
}

/** What a route knows of a request beyond what its path and body say. */
export interface AuditFacts {
  /** Who asked, where the route finds it out by itself. */
  person?: string | undefined;
  /** Id of the case, person, session or token. */
  about?: string | undefined;
  step?: string | undefined;
  /** What was decided or set; no secret, no amount of money. */
  decision?: string | undefined;
  reason?: string | undefined;
}

declare module 'fastify' {
  interface FastifyRequest {
    auditFacts: AuditFacts | null;
    isAudited: boolean;
    /** Number of the row that was written before anything was done. */
    auditedAs: number | null;
  }
}

/** Adds to what the audit says of this request; a request of nobody is in the audit only when something is added. */
export function audited(request: FastifyRequest, facts: AuditFacts): void {
  request.auditFacts = { ...request.auditFacts, ...facts };
}

/**
 * Writes who asks for what, from where and why, before any of it is done, and how it ended, before the answer leaves: of each
 * request that changes something, and of each that was refused to somebody; among these a case that is not found by who may
 * not read all. Nothing is changed when it cannot be written, and an answer that tells of a change is not given. Requests of nobody are only logged, or anybody
 * could fill the audit; attempts to sign in are written, as long as they are let through.
 *
 * Of a route about a case the path's `id`, `process`, `task` and `step` and the body's `decision`, `action`, `reason` and
 * `comment` are taken; data, results and secrets never.
 */
export function addAudit(app: ServiceApp, db: Kysely<AuditTables>): void {
  app.decorateRequest('auditFacts', null);
  app.decorateRequest('isAudited', false);
  app.decorateRequest('auditedAs', null);
  app.addHook('preHandler', async (request) => {
    if (!request.asker || !changes(request)) return;
    const asked = { ...entryOf(request), status: null, ends: null };
    const { number } = await db.insertInto('audit').values(asked).returning('number').executeTakeFirstOrThrow();
    request.auditedAs = number;
  });
  app.addHook('onSend', async (request, { statusCode }) => {
    if (request.isAudited || !belongsInAudit(request, statusCode)) return;
    request.isAudited = true;
    const entry = { ...entryOf(request), status: statusCode, ends: request.auditedAs };
    try {
      await db.insertInto('audit').values(entry).execute();
    } catch (error) {
      request.log.error({ entry, reason: String(error) }, 'the audit could not be written');
      if (statusCode < 400) throw error;
    }
  });
  app.get(
    '/api/audit',
    {
      config: { allows: ['read', 'Audit'] },
      schema: {
        operationId: 'readAudit',
        summary: 'Who did what, newest first',
        tags: ['audit'],
        querystring: z.strictObject({
          person: text.optional().describe('Who did it'),
          about: text.optional().describe('Id of the case, person, session or token'),
          cursor: z
            .string()
            .regex(/^[0-9]{1,15}$/, 'must be the cursor of the page before')
            .optional(),
          limit: z.coerce.number().int().min(1).max(500).default(100),
        }),
        response: { 200: z.object({ entries: z.array(entrySchema), cursor: z.string().optional() }) },
      },
    },
    ({ query }) => readAudit(db, query),
  );
}

const text = z.string().regex(/^[^\0]{1,500}$/, 'must be 1 to 500 characters');

const entrySchema = z.object({
  at: timestampSchema,
  requestId: z.string(),
  person: z.string().optional(),
  actedBy: z.string().optional().describe('Whose token acted for the person'),
  credential: z.string().optional().describe('`session <id>` or `token <id>`'),
  address: z.string(),
  action: z.string().describe('The operation').meta({ example: 'decideTask' }),
  route: z.string().meta({ example: 'POST /api/cases/:id/tasks/:task/decision' }),
  about: z.string().optional().describe('Id of the case, person, session or token'),
  step: z.string().optional(),
  decision: z.string().optional(),
  reason: z.string().optional(),
  status: z
    .int()
    .optional()
    .describe('HTTP status of the answer; absent: it is at work, or the process ended before it told how it ended'),
});

interface Wanted {
  person?: string | undefined;
  about?: string | undefined;
  cursor?: string | undefined;
  limit: number;
}

async function readAudit(db: Kysely<AuditTables>, { person, about, cursor, limit }: Wanted) {
  const rows = await db
    .selectFrom('audit')
    .selectAll()
    .where(
      sql<boolean>`(status IS NOT NULL OR NOT EXISTS (SELECT FROM audit AS ended WHERE ended.ends = audit.number))`,
    )
    .$if(person !== undefined, (query) => query.where('person', '=', person ?? ''))
    .$if(about !== undefined, (query) => query.where('about', '=', about ?? ''))
    .$if(cursor !== undefined, (query) => query.where('number', '<', Number(cursor)))
    .orderBy('number', 'desc')
    .limit(limit + 1)
    .execute();
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return {
    entries: page.map(({ number: _, ends: __, request_id: requestId, acted_by, ...row }) => ({
      ...withoutNulls({ ...row, actedBy: acted_by }),
      requestId,
    })) as z.infer<typeof entrySchema>[],
    ...(rows.length > limit && last && { cursor: String(last.number) }),
  };
}

function withoutNulls(row: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null));
}

function belongsInAudit(request: FastifyRequest, status: number): boolean {
  const { asker, auditFacts } = request;
  if (request.is404 || (!asker && !auditFacts)) return false;
  if (changes(request) || status === 403) return true;
  return status === 404 && asker !== null && readable(asker.person) !== 'all';
}

function entryOf(request: FastifyRequest) {
  const { asker, routeOptions, id, ip, method } = request;
  const { allows } = routeOptions.config;
  const facts = { ...(allows !== 'anyone' && allows?.[1] !== 'Own' && factsOf(request)), ...request.auditFacts };
  return {
    request_id: kept(id) ?? '',
    person: facts.person ?? asker?.person.id ?? null,
    acted_by: asker?.actedBy ?? null,
    credential: asker ? `${asker.by} ${asker.credential}` : null,
    address: ip,
    action: operationOf(request),
    route: `${method} ${routeOptions.url ?? ''}`,
    about: kept(facts.about),
    step: kept(facts.step),
    decision: kept(facts.decision),
    reason: kept(facts.reason),
  };
}

function factsOf({ params, body }: FastifyRequest): AuditFacts {
  const path = textsIn(params);
  const said = textsIn(body);
  return {
    about: path['id'] ?? path['process'],
    step: path['task'] ?? path['step'],
    decision: said['decision'] ?? said['action'],
    reason: said['reason'] ?? said['comment'],
  };
}

function textsIn(value: unknown): Record<string, string | undefined> {
  const entries = Object.entries(typeof value === 'object' && value !== null ? value : {});
  return Object.fromEntries(entries.filter(([, field]) => typeof field === 'string'));
}

/** What the audit keeps of a text: at most 500 characters, and none that Postgres does not keep. */
export function kept(value: string | undefined): string | null {
  return value === undefined ? null : value.replaceAll('\0', '').slice(0, 500);
}
