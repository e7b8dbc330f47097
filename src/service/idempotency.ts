import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Kysely, Transaction } from 'kysely';
import { z } from 'zod';
import type { ServiceTables } from './database';
import { Problem } from './problem';

const header = 'idempotency-key';
const longestKey = 255;

/** For a route's `schema.headers`, so that its documentation shows the key; POST needs one, PUT may have one. */
export const idempotencyHeaders = z.looseObject({
  [header]: z
    .string()
    .optional()
    .describe(
      'Names this request: sent again with the same key it has no second effect and gets the same answer ' +
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
      if (kept !== undefined) {
        reply.code(kept.status);
        return JSON.parse(kept.answer) as Answer;
      }
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

class Rollback<Answer> extends Error {
  constructor(readonly answer: NotKept<Answer>) {
    super('an answer that is not kept');
  }
}

/** Take the key for this transaction, after any other transaction that has it; or find the answer kept under it. */
async function claim(
  trx: Transaction<ServiceTables>,
  key: string,
  request: FastifyRequest,
): Promise<{ status: number; answer: string } | undefined> {
  const operation = operationOf(request);
  const fingerprint = fingerprintOf(operation, request);
  const claimed = await trx
    .insertInto('idempotent_requests')
    .values({ key, operation, fingerprint })
    .onConflict((conflict) => conflict.column('key').doNothing())
    .returning('key')
    .executeTakeFirst();
  if (claimed !== undefined) return undefined;

  const kept = await trx
    .selectFrom('idempotent_requests')
    .select(['operation', 'fingerprint', 'status', 'answer'])
    .where('key', '=', key)
    .executeTakeFirstOrThrow();
  if (kept.fingerprint !== fingerprint) {
    const difference =
      kept.operation === operation ? 'with other content' : `for ${kept.operation}, and now came for ${operation}`;
    throw new Problem(
      422,
      'idempotency-key-reused',
      `Idempotency-Key "${key}" was used before ${difference}. Use a new key for a new request.`,
    );
  }
  return z.object({ status: z.number(), answer: z.string() }).parse(kept);
}

/** The operation a route stands for, its `operationId`. */
export function operationOf(request: FastifyRequest): string {
  const schema: { operationId?: string } = request.routeOptions.schema ?? {};
  return schema.operationId ?? `${request.method} ${request.routeOptions.url ?? ''}`;
}

/** The key of a request, as a bare value or as the quoted string of the draft; undefined for a request without one. */
export function idempotencyKeyOf(request: FastifyRequest): string | undefined {
  const raw = request.headers[header];
  if (raw === undefined) {
    if (request.method !== 'POST') return undefined;
    throw new Problem(
      400,
      'idempotency-key-missing',
      `${operationOf(request)} needs the header Idempotency-Key: choose a new key for each new request, and send the same one again when sending a request again.`,
    );
  }
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

function fingerprintOf(operation: string, request: FastifyRequest): string {
  const asked = canonicalize({ operation, params: request.params, body: request.body }) ?? '';
  return createHash('sha256').update(asked).digest('hex');
}

function isNotKept<Answer>(answer: Answer | NotKept<Answer>): answer is NotKept<Answer> {
  return typeof answer === 'object' && answer !== null && 'notKept' in answer;
}
