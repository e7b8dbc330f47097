/** Decisions about sending one SMS exactly once, without I/O. Times are ISO 8601 in UTC. */

/**
 * `pending`: no attempt is under way. `sending`: one began, and it is not known whether the provider took the message.
 * `sent`: the provider took it. `failed`: the provider refused it for good.
 */
export type MessageStatus = 'pending' | 'sending' | 'sent' | 'failed';

/** How an attempt to send ended, as far as it is known. */
export type Attempt =
  | { status: 'accepted'; providerId: string }
  /** The provider will never take this message. */
  | { status: 'refused'; reason: string }
  /** The provider certainly did not take it now, but may later. */
  | { status: 'not-now'; reason: string }
  /** It may have been taken: the connection broke, or the provider failed. */
  | { status: 'unknown'; reason: string };

export interface Unsent {
  /** No attempt before this time. */
  nextAttemptAt: string;
  /** When the attempt began that is under way, or whose process died. */
  attemptedAt?: string;
  /** When the first attempt began of which it is not known whether the provider took the message. */
  unsettledSince?: string;
}

/**
 * What to do about a message now. While an attempt may be under way somewhere (`attemptTakesMs` is the longest it can last)
 * nobody else touches it; after that the provider is asked for it before it is sent again.
 */
export function nextMove(
  message: Unsent,
  { now, attemptTakesMs }: { now: string; attemptTakesMs: number },
): { move: 'send' } | { move: 'ask-then-send'; since: string } | { move: 'wait'; until: string } {
  const { attemptedAt, nextAttemptAt, unsettledSince } = message;
  const freeAt = attemptedAt === undefined ? nextAttemptAt : later(nextAttemptAt, plus(attemptedAt, attemptTakesMs));
  if (now < freeAt) return { move: 'wait', until: freeAt };
  return unsettledSince === undefined ? { move: 'send' } : { move: 'ask-then-send', since: unsettledSince };
}

export type AfterAttempt =
  | { status: 'sent'; providerId: string }
  | { status: 'failed'; error: string }
  | { status: 'pending' | 'sending'; error: string; nextAttemptAt: string };

/**
 * What becomes of a message by its `attempts`th attempt; `unsettled` says that the end of an earlier one is not known, so
 * that the provider stays to be asked. Where the end of this one is not known, the provider may still be about to take the
 * message: it is asked no sooner than `attemptTakesMs` from now.
 */
export function afterAttempt(
  attempt: Attempt,
  {
    attempts,
    unsettled,
    now,
    attemptTakesMs,
  }: { attempts: number; unsettled: boolean; now: string; attemptTakesMs: number },
): AfterAttempt {
  switch (attempt.status) {
    case 'accepted':
      return { status: 'sent', providerId: attempt.providerId };
    case 'refused':
      return { status: 'failed', error: attempt.reason };
    case 'not-now':
      return {
        status: unsettled ? 'sending' : 'pending',
        error: attempt.reason,
        nextAttemptAt: plus(now, retryDelayMs(attempts)),
      };
    case 'unknown':
      return {
        status: 'sending',
        error: attempt.reason,
        nextAttemptAt: plus(now, Math.max(attemptTakesMs, retryDelayMs(attempts))),
      };
  }
}

const longestRetryDelayMs = 5 * 60_000;

/** Doubles from one second with each attempt, up to five minutes. */
export function retryDelayMs(attempts: number): number {
  return Math.min(longestRetryDelayMs, 1000 * 2 ** (attempts - 1));
}

function plus(time: string, ms: number): string {
  return new Date(Date.parse(time) + ms).toISOString();
}

function later(a: string, b: string): string {
  return a > b ? a : b;
}
