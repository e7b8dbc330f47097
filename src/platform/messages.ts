import { z } from 'zod';
import { createSystemClient } from '../service/client';

const sms = z.object({
  id: z.int(),
  recipient: z.string(),
  text: z.string(),
  status: z.enum(['pending', 'sending', 'sent', 'failed']),
  attempts: z.int(),
  provider: z.string().optional(),
  providerId: z.string().optional(),
  lastError: z.string().optional(),
  createdAt: z.string(),
  sentAt: z.string().optional(),
});

/** An SMS as the notifications system tells of it. Times are ISO 8601 in UTC. */
export type Sms = z.infer<typeof sms>;

/** The newest SMS, at most 200, asked of the notifications system at its URL. */
export async function listMessages(url: string, limit: number): Promise<Sms[]> {
  const notifications = createSystemClient({ system: 'notifications', url, idempotencyKey: () => undefined });
  const { messages } = await notifications.request({
    operation: 'listMessages',
    method: 'GET',
    path: '/messages',
    query: { limit: String(limit) },
    answer: z.object({ messages: z.array(sms) }),
  });
  return messages;
}
