import { cancelCase, describeCase, getCase, resolve } from '../../src/kit/client';
import { brief, calls, startParked, resolution } from './fixtures/acting';
import { ended, runKit, type RunningKit } from './fixtures/server';
import { until } from './fixtures/until';
import { answers, held, refuses, stumbles } from './fixtures/systems';

let kit: RunningKit;
beforeAll(async () => (kit = await runKit('time-skipping')));
afterAll(() => kit.tearDown());

const record = (caseId: string) => getCase(kit.client, caseId);
const result = (caseId: string) => kit.client.workflow.getHandle(caseId).result() as Promise<unknown>;
const inputs = (caseId: string, operation: string) => kit.systems.callsOf(caseId, operation).map(({ input }) => input);

describe('a call that fails for a while', () => {
  test('given it stumbles once, then it is tried again and the case knows nothing of it', async () => {
    kit.systems.plan('stumbles', 'ledger.book', stumbles(), answers({ bookingId: 'B-2' }));
    await kit.start('book', 'stumbles');

    const done = await ended(kit.client, 'stumbles');

    expect(done.steps).toMatchObject([{ id: 'ledger.book/1', status: 'done', result: '{"bookingId":"B-2"}' }]);
    expect(kit.systems.callsOf('stumbles').map(({ attempt }) => attempt)).toEqual([1, 2]);
  });

  test('given it stumbles more often than the system is tried, then it is parked', async () => {
    kit.systems.plan('stumbles-on', 'ledger.book', stumbles('service-unavailable', 'closed until noon'));

    const { status, incidents } = await startParked(kit, 'book', 'stumbles-on');

    expect(status).toBe('incident');
    expect(incidents).toEqual([
      {
        step: 'ledger.book/1',
        name: 'ledger.book',
        title: 'Book',
        system: 'ledger',
        error: { type: 'service-unavailable', message: 'closed until noon' },
        since: expect.stringMatching(/Z$/) as string,
        retries: 0,
      },
    ]);
    expect(kit.systems.callsOf('stumbles-on', 'ledger.book')).toHaveLength(2);
    await cancelCase(kit.client, 'stumbles-on', { by: 'anna', reason: 'enough' });
    await ended(kit.client, 'stumbles-on');
  });

  test('given the case says how often to try, then that counts', async () => {
    const stumble = stumbles();
    kit.systems.plan('patient', 'ledger.book', stumble, stumble, stumble, answers({ bookingId: 'B-4' }));
    await kit.start('book', 'patient', { retry: { initialInterval: 20, maximumAttempts: 4 } });

    await expect(ended(kit.client, 'patient')).resolves.toMatchObject({ status: 'completed' });
    await expect(result('patient')).resolves.toBe('B-4');
  });
});

describe('cancelling a case', () => {
  const cancel = (caseId: string) => cancelCase(kit.client, caseId, { by: 'anna', reason: 'wrong order' });

  test('given a step is parked, then the case ends and the step with it', async () => {
    kit.systems.plan('cancel-parked', 'ledger.book', refuses());
    await startParked(kit, 'book', 'cancel-parked');

    await cancel('cancel-parked');

    const cancelled = await ended(kit.client, 'cancel-parked');
    expect(cancelled).toMatchObject({ status: 'cancelled', cancellation: 'anna: wrong order', incidents: [] });
    expect(calls(cancelled)).toEqual(['ledger.book/1 cancelled']);
  });

  test('given a call is in flight, then its answer is taken, and no further call is made', async () => {
    const { behaviour, begun, release } = held(answers({ bookingId: 'B-5' }));
    kit.systems.plan('cancel-in-flight', 'ledger.book', behaviour);
    await kit.start('bookThenClose', 'cancel-in-flight');
    await begun;

    await cancel('cancel-in-flight');
    await until(
      () => kit.client.workflow.getHandle('cancel-in-flight').fetchHistory(),
      ({ events }) => (events ?? []).some(({ activityTaskCancelRequestedEventAttributes: asked }) => asked),
    );
    release();

    const cancelled = await ended(kit.client, 'cancel-in-flight');
    expect(cancelled.status).toBe('cancelled');
    expect(cancelled.steps).toMatchObject([{ id: 'ledger.book/1', status: 'done', result: '{"bookingId":"B-5"}' }]);
    expect(inputs('cancel-in-flight', 'ledger.close')).toEqual([]);
  });

  test('given a call in flight fails, then it is not parked, and nobody is told of it', async () => {
    const { behaviour, begun, release } = held(refuses());
    kit.systems.plan('cancel-failing', 'ledger.book', behaviour);
    await kit.start('book', 'cancel-failing');
    await begun;

    await cancel('cancel-failing');
    await until(
      () => kit.client.workflow.getHandle('cancel-failing').fetchHistory(),
      ({ events }) => (events ?? []).some(({ activityTaskCancelRequestedEventAttributes: asked }) => asked),
    );
    release();

    const cancelled = await ended(kit.client, 'cancel-failing');
    expect(cancelled.status).toBe('cancelled');
    expect(cancelled.steps).toMatchObject([{ status: 'cancelled', error: { type: 'rule-broken' } }]);
    expect(inputs('cancel-failing', 'bell.ring')).toEqual([]);
  });

  test('given a call waits to be tried again, then it is not', async () => {
    kit.systems.plan('cancel-backoff', 'ledger.book', stumbles());
    await kit.start('book', 'cancel-backoff', { retry: { initialInterval: '1 hour', maximumAttempts: 5 } });
    await until(
      () => describeCase(kit.client, 'cancel-backoff'),
      ({ retrying }) => retrying.length > 0,
    );

    await cancel('cancel-backoff');

    const cancelled = await ended(kit.client, 'cancel-backoff');
    expect(cancelled.status).toBe('cancelled');
    expect(calls(cancelled)).toEqual(['ledger.book/1 cancelled']);
    expect(kit.systems.callsOf('cancel-backoff', 'ledger.book')).toHaveLength(1);
  });

  describe('given a call after which there is no way back', () => {
    test('that waits to be tried again, then it is, and the case ends with its answer', async () => {
      kit.systems.plan('cancel-pivot', 'ledger.post', stumbles(), answers({ posted: true }));
      await kit.start('posts', 'cancel-pivot', { retry: { initialInterval: '1 hour', maximumAttempts: 5 } });
      await until(
        () => describeCase(kit.client, 'cancel-pivot'),
        ({ retrying }) => retrying.length > 0,
      );

      await cancel('cancel-pivot');
      await kit.environment.sleep('2 hours');

      const { status, steps } = await ended(kit.client, 'cancel-pivot');
      expect(status).toBe('completed');
      expect(steps.map(brief)).toEqual(['ledger.post/1 done']);
      await expect(result('cancel-pivot')).resolves.toBe(true);
    });

    test('that is answered by none of its attempts, then it is parked until somebody finds out what came of it', async () => {
      kit.systems.plan('cancel-lost-pivot', 'ledger.post', stumbles(), stumbles(), answers({ posted: true }));
      await kit.start('posts', 'cancel-lost-pivot', { retry: { initialInterval: '1 hour', maximumAttempts: 2 } });
      await until(
        () => describeCase(kit.client, 'cancel-lost-pivot'),
        ({ retrying }) => retrying.length > 0,
      );
      await cancel('cancel-lost-pivot');
      await kit.environment.sleep('2 hours');
      await until(
        () => record('cancel-lost-pivot'),
        ({ status }) => status === 'incident',
      );
      expect(kit.systems.callsOf('cancel-lost-pivot', 'bell.ring')).toHaveLength(1);

      await resolve(kit.client, 'cancel-lost-pivot', resolution('ledger.post', 'retry'));

      expect(await ended(kit.client, 'cancel-lost-pivot')).toMatchObject({ status: 'completed' });
    });

    test('that is parked without an answer, then the case waits for an operator', async () => {
      kit.systems.plan('cancel-unanswered-pivot', 'ledger.post', stumbles());
      await startParked(kit, 'posts', 'cancel-unanswered-pivot');

      await cancel('cancel-unanswered-pivot');
      await kit.environment.sleep('1 day');

      expect(await record('cancel-unanswered-pivot')).toMatchObject({ status: 'incident' });
      await resolve(kit.client, 'cancel-unanswered-pivot', resolution('ledger.post', 'fail'));
      expect(await ended(kit.client, 'cancel-unanswered-pivot')).toMatchObject({ status: 'failed' });
    });

    test('that the system has refused, then the case ends and the step with it', async () => {
      kit.systems.plan('cancel-parked-pivot', 'ledger.post', refuses());
      await startParked(kit, 'posts', 'cancel-parked-pivot');

      await cancel('cancel-parked-pivot');

      const cancelled = await ended(kit.client, 'cancel-parked-pivot');
      expect(cancelled.status).toBe('cancelled');
      expect(calls(cancelled)).toEqual(['ledger.post/1 cancelled']);
    });
  });

  test('given an undo is parked while the case is being cancelled, then it can be resolved', async () => {
    kit.systems.plan('cancel-undo', 'ledger.close', refuses(), answers({ closed: true }));
    await kit.start('undoes', 'cancel-undo');
    await until(
      () => record('cancel-undo'),
      ({ steps }) => steps.length === 1,
    );
    await cancel('cancel-undo');
    await until(
      () => record('cancel-undo'),
      ({ status }) => status === 'incident',
    );

    await resolve(kit.client, 'cancel-undo', resolution('ledger.close', 'retry'));

    const cancelled = await ended(kit.client, 'cancel-undo');
    expect(cancelled.status).toBe('cancelled');
    expect(calls(cancelled)).toEqual(['ledger.close/1 done']);
  });
});

describe('a call to a system of kind alert', () => {
  test('given it fails for good, then it is on the record as failed, is not parked, and the author learns of it', async () => {
    kit.systems.plan('mute', 'bell.ring', refuses('no-such-number', 'nobody has this number'));
    await kit.start('ringOnce', 'mute');

    const { status, steps } = await ended(kit.client, 'mute');

    expect(status).toBe('completed');
    expect(steps).toMatchObject([
      {
        id: 'bell.ring/1',
        kind: 'alert',
        system: 'bell',
        status: 'failed',
        error: { type: 'no-such-number', message: 'nobody has this number' },
      },
    ]);
    await expect(result('mute')).resolves.toBe('not rung: ActivityFailure');
  });
});
