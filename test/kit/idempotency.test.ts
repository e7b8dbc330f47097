import { ApplicationFailure } from '@temporalio/common';
import { cancelCase, getCase, historyOf, resolve, restartCase } from '../../src/kit/client';
import { idempotencyKey } from '../../src/kit/worker';
import { ended, runKit, type RunningKit } from './fixtures/server';
import { until } from './fixtures/until';
import { answers, refuses, stumbles, type SeenCall } from './fixtures/systems';

let kit: RunningKit;
beforeAll(async () => (kit = await runKit('time-skipping')));
afterAll(() => kit.tearDown());

const keysOf = (caseId: string, operation?: string) => kit.systems.callsOf(caseId, operation).map(({ key }) => key);
const parked = (caseId: string) =>
  until(
    () => getCase(kit.client, caseId),
    ({ incidents }) => incidents.length > 0,
  );

describe('the idempotency key of a call', () => {
  test('given a call, then it names case, restart, operation and occurrence', async () => {
    await kit.start('book', 'book-O-1');
    await ended(kit.client, 'book-O-1');

    expect(keysOf('book-O-1')).toEqual(['book-O-1~0/ledger.book/1']);
  });

  test('given a call that stumbles, is parked and retried by an operator, then every attempt has the same', async () => {
    kit.systems.plan('retried', 'ledger.book', stumbles(), refuses(), answers({ bookingId: 'B-7' }));
    await kit.start('book', 'retried');
    await parked('retried');
    await resolve(kit.client, 'retried', { step: 'ledger.book', action: 'retry', by: 'olga', reason: 'mended' });
    await ended(kit.client, 'retried');

    const key = 'retried~0/ledger.book/1';
    expect(keysOf('retried', 'ledger.book')).toEqual([key, key, key]);
  });

  test('given two calls of one operation at once, then each has its own', async () => {
    await kit.start('bookBoth', 'both');
    await ended(kit.client, 'both');

    const byAmount = kit.systems.callsOf('both').map(({ input, key }) => [(input as { amount: number }).amount, key]);
    expect(Object.fromEntries(byAmount)).toEqual({ 1: 'both~0/ledger.book/1', 2: 'both~0/ledger.book/2' });
  });

  test('given a case that is restarted, then its calls have others than before', async () => {
    kit.systems.plan('again', 'ledger.book', refuses(), answers({ bookingId: 'B-8' }));
    await kit.start('book', 'again');
    await parked('again');
    await cancelCase(kit.client, 'again', { by: 'anna', reason: 'wrong figures' });
    await ended(kit.client, 'again');

    await restartCase(kit.client, { process: 'book', caseId: 'again', keys: [], input: {} });
    await until(
      () => keysOf('again', 'ledger.book').length,
      (length) => length === 2,
    );

    expect(keysOf('again', 'ledger.book')).toEqual(['again~0/ledger.book/1', 'again~1/ledger.book/1']);
    expect((await ended(kit.client, 'again')).restart).toBe(1);
  });

  test('given two local activities whose retries wait for different times, then each keeps its own', async () => {
    const outOfSight = (call: SeenCall) => {
      if (call.attempt > 1) return 'seen';
      const minutes = (call.input as { at: string }).at === 'far' ? 3 : 2;
      throw ApplicationFailure.create({ message: 'out of sight', nextRetryDelay: `${minutes} minutes` });
    };
    kit.systems.plan('locals', 'look', outOfSight);
    await kit.start('looksAgain', 'locals', ['far', 'near']);
    await until(
      () => historyOf(kit.client, 'locals'),
      (steps) => steps.filter(({ kind }) => kind === 'timer').length === 2,
    );
    await kit.environment.sleep('4 minutes');
    await ended(kit.client, 'locals');

    const seen = kit.systems.callsOf('locals').map(({ input, key }) => `${(input as { at: string }).at}: ${key}`);
    expect(seen.sort()).toEqual([
      'far: locals~0/look/1',
      'far: locals~0/look/1',
      'near: locals~0/look/2',
      'near: locals~0/look/2',
    ]);
  });

  test('outside an activity there is none', () => {
    expect(idempotencyKey()).toBeUndefined();
  });
});
