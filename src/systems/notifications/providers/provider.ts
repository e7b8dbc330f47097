import type { Attempt } from '../sending';

export interface OutgoingSms {
  /** Ours, e.g. `41`. */
  messageId: string;
  /** E.164 */
  recipient: string;
  text: string;
}

/** Who carries SMS to phones. */
export interface SmsProvider {
  name: string;
  /** The longest that an attempt can be under way, from taking the message up to noting how it ended, in milliseconds. */
  attemptTakesMs: number;
  /** Sends once and never throws for what the provider or the network does. */
  send(sms: OutgoingSms): Promise<Attempt>;
  /**
   * The provider's ids of messages to that recipient with that text, taken since a time (ISO 8601); throws when it cannot be
   * asked.
   */
  find(sms: OutgoingSms, since: string): Promise<string[]>;
}
