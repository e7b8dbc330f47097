import { sql, type Kysely, type Selectable } from 'kysely';
import { databaseTime, type NotificationsTables } from './database';
import { requestSending } from './messages';
import type { OutgoingSms, SmsProvider } from './providers/provider';
import { afterAttempt, nextMove, type AfterAttempt, type Attempt, type Unsent } from './sending';

type MessageRow = Selectable<NotificationsTables['messages']>;

interface Claimed {
  sms: OutgoingSms;
  attempts: number;
  /** Set when an earlier attempt ended without a word: when the first such began. */
  unsettledSince?: string;
}

/**
 * Sends a recipient's messages, oldest first, each once. Stops at one that cannot be sent now and has itself called again
 * when it may be. Safe to run beside itself and to be killed at any point.
 */
export async function sendTo(db: Kysely<NotificationsTables>, provider: SmsProvider, recipient: string): Promise<void> {
  for (;;) {
    const claim = await claimOldest(db, provider, recipient);
    if (claim === undefined) return;
    if ('until' in claim) return requestSending(db, recipient, claim.until);
    const attempt = await attemptOnce(db, provider, claim);
    if (attempt === 'lost') return;
    await settle(db, claim, attempt, provider);
  }
}

async function claimOldest(
  db: Kysely<NotificationsTables>,
  provider: SmsProvider,
  recipient: string,
): Promise<Claimed | { until: string } | undefined> {
  return db.transaction().execute(async (trx) => {
    const oldest = await trx
      .selectFrom('messages')
      .selectAll()
      .where('recipient', '=', recipient)
      .where('status', 'in', ['pending', 'sending'])
      .orderBy('id')
      .limit(1)
      .forUpdate()
      .executeTakeFirst();
    if (oldest === undefined) return undefined;

    const now = await databaseTime(trx);
    const next = nextMove(unsent(oldest), { now, attemptTakesMs: provider.attemptTakesMs });
    if (next.move === 'wait') return { until: next.until };
    const attempts = oldest.attempts + 1;
    await trx
      .updateTable('messages')
      .set({
        status: 'sending',
        attempts,
        attempted_at: now,
        unsettled_since: oldest.unsettled_since ?? now,
        provider: provider.name,
      })
      .where('id', '=', oldest.id)
      .execute();
    const sms = { messageId: String(oldest.id), recipient, text: oldest.text };
    return next.move === 'send' ? { sms, attempts } : { sms, attempts, unsettledSince: next.since };
  });
}

function unsent(row: MessageRow): Unsent {
  return {
    nextAttemptAt: row.next_attempt_at,
    ...(row.attempted_at !== null && { attemptedAt: row.attempted_at }),
    ...(row.unsettled_since !== null && { unsettledSince: row.unsettled_since }),
  };
}

/** `lost`: another process took the message over while the provider was asked. */
async function attemptOnce(
  db: Kysely<NotificationsTables>,
  provider: SmsProvider,
  claim: Claimed,
): Promise<Attempt | 'lost'> {
  if (claim.unsettledSince === undefined) return provider.send(claim.sms);
  let found;
  try {
    found = await provider.find(claim.sms, claim.unsettledSince);
  } catch (error) {
    return { status: 'not-now', reason: `${provider.name} could not be asked whether it was sent: ${reasonOf(error)}` };
  }
  const taken = await firstNotOurs(db, provider.name, found);
  if (taken !== undefined) return { status: 'accepted', providerId: taken };
  return (await renew(db, claim)) ? provider.send(claim.sms) : 'lost';
}

/** The first of the provider's ids that is not known to be another message of ours. */
async function firstNotOurs(
  db: Kysely<NotificationsTables>,
  provider: string,
  found: string[],
): Promise<string | undefined> {
  if (found.length === 0) return undefined;
  const ours = await db
    .selectFrom('messages')
    .select('provider_id')
    .where('provider', '=', provider)
    .where('provider_id', 'in', found)
    .execute();
  return found.find((id) => !ours.some(({ provider_id }) => provider_id === id));
}

/** The attempt begins now: nobody else touches the message as long as it can last. */
async function renew(db: Kysely<NotificationsTables>, { sms, attempts }: Claimed): Promise<boolean> {
  const renewed = await db
    .updateTable('messages')
    .set({ attempted_at: sql<string>`clock_timestamp()` })
    .where('id', '=', Number(sms.messageId))
    .where('status', '=', 'sending')
    .where('attempts', '=', attempts)
    .executeTakeFirst();
  return renewed.numUpdatedRows === 1n;
}

async function settle(
  db: Kysely<NotificationsTables>,
  { sms, attempts, unsettledSince }: Claimed,
  attempt: Attempt,
  { attemptTakesMs }: SmsProvider,
): Promise<void> {
  const now = await databaseTime(db);
  const unsettled = unsettledSince !== undefined;
  const after = afterAttempt(attempt, { attempts, unsettled, now, attemptTakesMs });
  const settled = { ...columnsOf(after, now), attempted_at: null };
  await db
    .updateTable('messages')
    .set(after.status === 'sending' ? settled : { ...settled, unsettled_since: null })
    .where('id', '=', Number(sms.messageId))
    .where('status', '=', 'sending')
    // Accepted is accepted, also when another process took over meanwhile.
    .$if(after.status !== 'sent', (update) => update.where('attempts', '=', attempts))
    .execute();
}

function columnsOf(after: AfterAttempt, now: string) {
  switch (after.status) {
    case 'sent':
      return { status: after.status, provider_id: after.providerId, sent_at: now, last_error: null };
    case 'failed':
      return { status: after.status, last_error: after.error };
    case 'pending':
    case 'sending':
      return { status: after.status, last_error: after.error, next_attempt_at: after.nextAttemptAt };
  }
}

/** Has those sent whose job was lost; messages are due for at least a minute when it is. */
export async function requestOverdue(db: Kysely<NotificationsTables>): Promise<void> {
  const overdue = await db
    .selectFrom('messages')
    .select('recipient')
    .distinct()
    .where('status', 'in', ['pending', 'sending'])
    .where('next_attempt_at', '<', sql<string>`now() - interval '1 minute'`)
    .execute();
  for (const { recipient } of overdue) await requestSending(db, recipient);
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
