import { afterAttempt, nextMove, retryDelayMs } from '../../../src/systems/notifications/sending';

const now = '2026-11-02T08:00:00.000Z';
const secondsFromNow = (seconds: number) => new Date(Date.parse(now) + seconds * 1000).toISOString();

const attemptTakesMs = 20_000;

describe('the next move about an unsent message', () => {
  test('given no attempt is under way, when its time has come, then it is sent', () => {
    expect(nextMove({ nextAttemptAt: now }, { now, attemptTakesMs })).toEqual({ move: 'send' });
  });

  test('given a retry is due later, then it waits until then', () => {
    const nextAttemptAt = secondsFromNow(8);

    expect(nextMove({ nextAttemptAt }, { now, attemptTakesMs })).toEqual({
      move: 'wait',
      until: nextAttemptAt,
    });
  });

  test('given an attempt may still be under way somewhere, then nobody else touches it', () => {
    const attemptedAt = secondsFromNow(-5);
    const message = { nextAttemptAt: now, attemptedAt, unsettledSince: attemptedAt };

    expect(nextMove(message, { now, attemptTakesMs })).toEqual({ move: 'wait', until: secondsFromNow(15) });
  });

  test('given an attempt ended without a word, then the provider is asked before it is sent again', () => {
    const unsettledSince = secondsFromNow(-60);
    const message = { nextAttemptAt: now, attemptedAt: secondsFromNow(-20), unsettledSince };

    expect(nextMove(message, { now, attemptTakesMs })).toEqual({ move: 'ask-then-send', since: unsettledSince });
  });
});

describe('after an attempt', () => {
  const third = { attempts: 3, unsettled: false, now, attemptTakesMs };

  test('accepted: sent', () => {
    expect(afterAttempt({ status: 'accepted', providerId: 'SM1' }, third)).toEqual({
      status: 'sent',
      providerId: 'SM1',
    });
  });

  test('refused for good: failed, with the reason', () => {
    expect(afterAttempt({ status: 'refused', reason: 'not a number' }, third)).toEqual({
      status: 'failed',
      error: 'not a number',
    });
  });

  test('not taken now: pending, tried again later', () => {
    expect(afterAttempt({ status: 'not-now', reason: 'too many' }, third)).toEqual({
      status: 'pending',
      error: 'too many',
      nextAttemptAt: secondsFromNow(4),
    });
  });

  test('not taken now, but the end of an earlier attempt is not known: the provider stays to be asked', () => {
    expect(afterAttempt({ status: 'not-now', reason: 'too many' }, { ...third, unsettled: true }).status).toBe(
      'sending',
    );
  });

  test('not known: stays in sending, and the provider is asked first, once it cannot be about to take it any more', () => {
    expect(afterAttempt({ status: 'unknown', reason: 'broken pipe' }, third)).toEqual({
      status: 'sending',
      error: 'broken pipe',
      nextAttemptAt: secondsFromNow(20),
    });
    expect(afterAttempt({ status: 'unknown', reason: 'broken pipe' }, { ...third, attempts: 6 })).toMatchObject({
      nextAttemptAt: secondsFromNow(32),
    });
  });

  test('the delay doubles and is never longer than five minutes, however many attempts there were', () => {
    expect([1, 2, 3, 9, 10, 100_000].map(retryDelayMs)).toEqual([1000, 2000, 4000, 256_000, 300_000, 300_000]);
  });
});
