import type { Kysely, Transaction } from 'kysely';
import type { NotificationsTables } from './database';
import { enqueue } from './jobs';
import type { MessageStatus } from './sending';

/** The task that sends a recipient's messages, see `sendTo`. */
export const sendTask = 'send';

/** An SMS as others see it. Times are ISO 8601 in UTC. */
export interface Message {
  id: number;
  recipient: string;
  text: string;
  status: MessageStatus;
  attempts: number;
  provider?: string;
  /** The provider's id. */
  providerId?: string;
  /** Why it was not sent yet, or never will be. */
  lastError?: string;
  createdAt: string;
  sentAt?: string;
}

/** Keep an SMS and have it sent after the commit. */
export async function keepMessage(
  trx: Transaction<NotificationsTables>,
  message: { key: string; recipient: string; text: string },
): Promise<number> {
  const { id } = await trx.insertInto('messages').values(message).returning('id').executeTakeFirstOrThrow();
  await requestSending(trx, message.recipient);
  return id;
}

/** Have a recipient's unsent messages sent, not before `runAt` (ISO 8601). */
export async function requestSending(
  db: Kysely<NotificationsTables>,
  recipient: string,
  runAt?: string,
): Promise<void> {
  const job = { task: sendTask, payload: { recipient }, key: `${sendTask}:${recipient}` };
  await enqueue(db, runAt === undefined ? job : { ...job, runAt });
}

/** Messages, newest first, those older than `before` (an id) when it is given. */
export async function listMessages(
  db: Kysely<NotificationsTables>,
  { limit, before }: { limit: number; before?: number | undefined },
): Promise<Message[]> {
  let query = db.selectFrom('messages').selectAll().orderBy('id', 'desc').limit(limit);
  if (before !== undefined) query = query.where('id', '<', before);
  return (await query.execute()).map((row) => ({
    id: row.id,
    recipient: row.recipient,
    text: row.text,
    status: row.status,
    attempts: row.attempts,
    ...(row.provider !== null && { provider: row.provider }),
    ...(row.provider_id !== null && { providerId: row.provider_id }),
    ...(row.last_error !== null && { lastError: row.last_error }),
    createdAt: row.created_at,
    ...(row.sent_at !== null && { sentAt: row.sent_at }),
  }));
}
