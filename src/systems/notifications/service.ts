import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { answerOnce, idempotencyHeaders, idempotencyKeyOf } from '../../service/idempotency';
import { timestampSchema } from '../../service/schemas';
import { defineSystem } from '../../service/system';
import { clearAlert, endWindow, raiseAlert, requestOverdueWindows, windowTask } from './alerts';
import type { NotificationsTables } from './database';
import { runJobs } from './jobs';
import { keepMessage, listMessages, sendTask } from './messages';
import { migrations } from './migrations';
import { chooseProvider } from './providers/choose';
import { requestOverdue, sendTo } from './send';

const recipient = z
  .string()
  .regex(/^\+[1-9][0-9]{6,14}$/, 'must be a phone number in E.164 such as "+4915550100001"')
  .meta({ example: '+4915550100001' });

/** The longest text that one SMS may have at Twilio. */
const text = z.string().min(1).max(1600);

const cause = z.string().min(1).max(500).describe('What went wrong; alerts are grouped by it.');
const subject = z.string().min(1).max(300).describe('What it went wrong for, e.g. a case id.');

const sms = z.strictObject({ recipient, text });

const alert = z.strictObject({
  cause,
  subject,
  recipient,
  text: text.describe('What to do about it; sent when the SMS is about one subject.'),
  windowInMinutes: z.int().min(1).max(1440),
  cases: z.int().min(1).max(1_000_000).optional().describe('How many cases the subject stands for; 1 unless told.'),
});

const clearance = z.strictObject({
  cause: cause.optional().describe('Absent: whatever the cause.'),
  subject,
  recipient,
});

const message = z.object({
  id: z.int(),
  recipient,
  text: z.string(),
  status: z.enum(['pending', 'sending', 'sent', 'failed']),
  attempts: z.int(),
  provider: z.string().optional(),
  providerId: z.string().optional(),
  lastError: z.string().optional(),
  createdAt: timestampSchema,
  sentAt: timestampSchema.optional(),
});

/** Notifications: sends SMS, each once, and turns many alerts of one cause into few. */
export const notifications = defineSystem<NotificationsTables>({
  name: 'notifications',
  title: 'Notifications',
  team: 'platform',
  layer: 'sink',
  migrations,

  async start({ db, pool, log, environment }) {
    const provider = await chooseProvider(environment);
    return runJobs({
      databaseUrl: String(pool.options.connectionString),
      tasks: {
        [sendTask]: (payload) => sendTo(db, provider, z.object({ recipient: z.string() }).parse(payload).recipient),
        [windowTask]: (payload) => endWindow(db, z.object({ alertId: z.int() }).parse(payload).alertId),
        async requestOverdue() {
          await requestOverdue(db);
          await requestOverdueWindows(db);
        },
      },
      everyMinute: 'requestOverdue',
      log,
    });
  },

  routes(app, { db }) {
    const tags = ['messages'];
    app.post(
      '/messages',
      {
        schema: {
          operationId: 'sendSms',
          summary: 'Send one SMS',
          tags,
          headers: idempotencyHeaders,
          body: sms,
          response: { 201: z.object({ messageId: z.string() }) },
        },
      },
      (request, reply) =>
        answerOnce(db, request, reply.code(201), async (trx) => {
          const id = await keepMessage(trx, { key: keyOf(request), ...request.body });
          return { messageId: String(id) };
        }),
    );

    app.get(
      '/messages',
      {
        schema: {
          operationId: 'listMessages',
          summary: 'Messages, newest first',
          tags,
          querystring: z.strictObject({
            limit: z.coerce.number().int().min(1).max(200).default(50),
            cursor: z.coerce.number().int().min(1).optional().describe('`nextCursor` of the page before.'),
          }),
          response: { 200: z.object({ messages: z.array(message), nextCursor: z.string().optional() }) },
        },
      },
      async ({ query: { limit, cursor } }) => {
        const found = await listMessages(db, { limit: limit + 1, before: cursor });
        const messages = found.slice(0, limit);
        const last = messages.at(-1);
        return last && found.length > limit ? { messages, nextCursor: String(last.id) } : { messages };
      },
    );

    app.post(
      '/alerts',
      {
        schema: {
          operationId: 'raiseAlert',
          summary: 'Say that something is wrong: one SMS per cause, recipient and window',
          tags: ['alerts'],
          headers: idempotencyHeaders,
          body: alert,
          response: { 200: z.object({ status: z.enum(['sent', 'counted']) }) },
        },
      },
      (request, reply) =>
        answerOnce(db, request, reply, async (trx) => ({
          status: await raiseAlert(trx, request.body, keyOf(request)),
        })),
    );

    app.post(
      '/alerts/clearances',
      {
        schema: {
          operationId: 'clearAlert',
          summary: 'Say that a subject is well again: an all-clear for each cause of which none is left',
          tags: ['alerts'],
          headers: idempotencyHeaders,
          body: clearance,
          response: { 200: z.object({ status: z.enum(['all-clear', 'others-remain']) }) },
        },
      },
      (request, reply) =>
        answerOnce(db, request, reply, async (trx) => ({
          status: await clearAlert(trx, request.body, keyOf(request)),
        })),
    );
  },
});

function keyOf(request: FastifyRequest): string {
  const key = idempotencyKeyOf(request);
  if (key === undefined) throw new Error(`${request.method} requests have a key`);
  return key;
}
