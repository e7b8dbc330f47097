import { createHash, randomUUID } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Kysely, Transaction } from 'kysely';
import { z } from 'zod';
import type { ServiceTables } from './database';
import { Problem } from './problem';

const header = 'idempotency-key';
const longestKey = 255;

/** For a route's `schema.headers`, so that its documentation shows the key. */
export const idempotencyHeaders = z.looseObject({
  [header]: z
    .string()
    .optional()
    .describe(
      'Names this request: sent again with the same key it has no second effect and gets the same answer, but for a secret ' +
        '(IETF draft-ietf-httpapi-idempotency-key-header). Keys are kept for ever.',
    ),
});

/** An answer that is given but not kept under the request's key: nothing was changed, and a later try may find otherwise. */
export interface NotKept<Answer> {
  notKept: Answer;
}

/**
 * Do what a state-changing request asks for, once per idempotency key: the key, everything `effect` does in its
 * transaction and the answer (body, and status set on `reply`) are committed together or not at all.
 *
 * The same key with the same operation, parameters and body gives the kept answer without another effect; one that is
 * still being worked on is waited for, and answered 409 `in-flight` when that takes too long. The same key with another
 * request is refused with 422 `idempotency-key-reused`, a POST without a key with 400 `idempotency-key-missing`. What
 * `effect` throws undoes everything and is not kept.
 */
export async function answerOnce<Tables, Answer>(
  db: Kysely<Tables>,
  request: FastifyRequest,
  reply: FastifyReply,
  effect: (trx: Transaction<Tables>) => Promise<Answer | NotKept<Answer>>,
): Promise<Answer> {
  const key = idempotencyKeyOf(request);
  try {
    return await db.transaction().execute(async (trx) => {
      const service = trx as unknown as Transaction<ServiceTables>;
      const kept = key === undefined ? undefined : await claim(service, key, request);
      if (kept !== undefined) return keptAnswer(reply, kept);
      const answer = await effect(trx);
      if (isNotKept(answer)) throw new Rollback(answer);
      if (key !== undefined) {
        await service
          .updateTable('idempotent_requests')
          .set({ status: reply.statusCode, answer: JSON.stringify(answer) })
          .where('key', '=', key)
          .execute();
      }
      return answer;
    });
  } catch (error) {
    if (error instanceof Rollback) return (error as Rollback<Answer>).answer.notKept;
    throw error;
  }
}

/**
 * Do what a request asks for whose effect is not in this database, once per idempotency key, if it has one; keys of
 * different persons are different. `effect` is given an id made of person, key, operation, parameters and body, or a new
 * one, by which whoever does it must tell that it is asked for again; and whether it may have been asked for before.
 *
 * A key is kept with the request before the effect, and with the answer after it. The same key with the same request gives
 * the answer kept; while there is none, since the first is at work or was lost, the effect is asked for again under the
 * same id. The same key with another request is refused with 422 `idempotency-key-reused`. A {@link Problem} below 500
 * that `effect` throws says that nothing was changed, and sets the key free.
 */
export async function answerOnceElsewhere<Answer>(
  db: Kysely<ServiceTables>,
  request: FastifyRequest,
  reply: FastifyReply,
  person: string,
  effect: (id: string, again: boolean) => Promise<Answer>,
): Promise<Answer> {
  const sent = keySent(request);
  if (sent === undefined) return effect(randomUUID(), false);
  const key = `${person} ${sent}`;
  const kept = await claim(db, key, request);
  if (typeof kept?.answer === 'string') return keptAnswer(reply, kept);
  const asked = askedBy(request);
  let answer: Answer;
  try {
    answer = await effect(createHash('sha256').update(key).update(asked.fingerprint).digest('hex'), kept !== undefined);
  } catch (error) {
    if (error instanceof Problem && error.status < 500) {
      await db.deleteFrom('idempotent_requests').where('key', '=', key).where('answer', 'is', null).execute();
    }
    throw error;
  }
  const first = await db
    .insertInto('idempotent_requests')
    .values({ key, ...asked, status: reply.statusCode, answer: JSON.stringify(answer) })
    .onConflict((conflict) =>
      conflict.column('key').doUpdateSet((row) => ({
        status: row.fn.coalesce('idempotent_requests.status', 'excluded.status'),
        answer: row.fn.coalesce('idempotent_requests.answer', 'excluded.answer'),
      })),
    )
    .returning(['status', 'answer'])
    .executeTakeFirstOrThrow();
  return keptAnswer(reply, first);
}

/**
 * Do what a request asks for, in a transaction, and answer with a secret that is not kept: once per idempotency key, if it
 * has one; keys of different persons are different. The same key with the same request has no second effect and is
 * answered 409 `told-before`; with another request it is refused with 422 `idempotency-key-reused`.
 */
export async function tellOnce<Tables, Answer>(
  db: Kysely<Tables>,
  request: FastifyRequest,
  person: string,
  effect: (trx: Transaction<Tables>) => Promise<Answer>,
): Promise<Answer> {
  const sent = keySent(request);
  return db.transaction().execute(async (trx) => {
    const service = trx as unknown as Transaction<ServiceTables>;
    const kept = sent === undefined ? undefined : await claim(service, `${person} ${sent}`, request);
    if (kept === undefined) return effect(trx);
    throw new Problem(
      409,
      'told-before',
      `${operationOf(request)} with the Idempotency-Key "${sent}" was done before; its answer held a secret, which was told then and is not kept.`,
    );
  });
}

class Rollback<Answer> extends Error {
  constructor(readonly answer: NotKept<Answer>) {
    super('an answer that is not kept');
  }
}

/** What is kept under a key; null while there is no answer. */
interface Kept {
  status: number | null;
  answer: string | null;
}

/** Take the key, after any transaction that has it; or find what is kept under it. */
async function claim(db: Kysely<ServiceTables>, key: string, request: FastifyRequest): Promise<Kept | undefined> {
  const asked = askedBy(request);
  const claimed = await db
    .insertInto('idempotent_requests')
    .values({ key, ...asked })
    .onConflict((conflict) => conflict.column('key').doNothing())
    .returning('key')
    .executeTakeFirst();
  if (claimed !== undefined) return undefined;

  const kept = await db
    .selectFrom('idempotent_requests')
    .select(['operation', 'fingerprint', 'status', 'answer'])
    .where('key', '=', key)
    .executeTakeFirst();
  if (kept === undefined || kept.fingerprint === asked.fingerprint) return kept;
  const difference =
    kept.operation === asked.operation
      ? 'with other content'
      : `for ${kept.operation}, and now came for ${asked.operation}`;
  throw new Problem(
    422,
    'idempotency-key-reused',
    `Idempotency-Key "${keySent(request)}" was used before ${difference}. Use a new key for a new request.`,
  );
}

function keptAnswer<Answer>(reply: FastifyReply, kept: Kept): Answer {
  const { status, answer } = z.object({ status: z.number(), answer: z.string() }).parse(kept);
  reply.code(status);
  return JSON.parse(answer) as Answer;
}

/** The operation a route stands for, its `operationId`. */
export function operationOf(request: FastifyRequest): string {
  const schema: { operationId?: string } = request.routeOptions.schema ?? {};
  return schema.operationId ?? `${request.method} ${request.routeOptions.url ?? ''}`;
}

/** As {@link keySent}; a POST needs one. */
export function idempotencyKeyOf(request: FastifyRequest): string | undefined {
  const key = keySent(request);
  if (key !== undefined || request.method !== 'POST') return key;
  throw new Problem(
    400,
    'idempotency-key-missing',
    `${operationOf(request)} needs the header Idempotency-Key: choose a new key for each new request, and send the same one again when sending a request again.`,
  );
}

/** The key of a request, as a bare value or as the quoted string of the draft; undefined for a request without one. */
function keySent(request: FastifyRequest): string | undefined {
  const raw = request.headers[header];
  if (raw === undefined) return undefined;
  const value = String(raw);
  const key = /^"(.*)"$/.exec(value)?.[1] ?? value;
  if (key.length === 0 || key.length > longestKey || !/^[\x21\x23-\x7e]+$/.test(key)) {
    throw new Problem(
      400,
      'idempotency-key-invalid',
      `Idempotency-Key ${JSON.stringify(value)} must be 1 to ${longestKey} visible ASCII characters without spaces and quotes.`,
    );
  }
  return key;
}

function askedBy(request: FastifyRequest): { operation: string; fingerprint: string } {
  const operation = operationOf(request);
  const asked = canonicalize({ operation, params: request.params, body: request.body }) ?? '';
  return { operation, fingerprint: createHash('sha256').update(asked).digest('hex') };
}

function isNotKept<Answer>(answer: Answer | NotKept<Answer>): answer is NotKept<Answer> {
  return typeof answer === 'object' && answer !== null && 'notKept' in answer;
}
