import {
  cancelCase,
  decide,
  getCase,
  resolve,
  signalResolution,
  type Refusal,
  type Resolution,
} from '../../src/kit/client';
import { calls, refusalOf, startParked, resolution } from './fixtures/acting';
import { ended, runKit, type RunningKit } from './fixtures/server';
import { until } from './fixtures/until';
import { answers, held, refuses } from './fixtures/systems';

let kit: RunningKit;
beforeAll(async () => (kit = await runKit('time-skipping')));
afterAll(() => kit.tearDown());

const record = (caseId: string) => getCase(kit.client, caseId);
const result = (caseId: string) => kit.client.workflow.getHandle(caseId).result() as Promise<unknown>;

const ways = {
  update: (caseId: string, sent: Resolution) => resolve(kit.client, caseId, sent),
  signal: (caseId: string, sent: Resolution) => signalResolution(kit.client, caseId, sent),
};

describe.each(['update', 'signal'] as const)('a parked call resolved by %s', (way) => {
  test('retry: given it works now, then the case goes on with its answer', async () => {
    const caseId = `retry-by-${way}`;
    kit.systems.plan(caseId, 'ledger.book', refuses(), answers({ bookingId: 'B-9' }));
    await startParked(kit, 'book', caseId);

    await ways[way](caseId, resolution('ledger.book/1', 'retry'));

    const { status, steps, incidents } = await ended(kit.client, caseId);
    expect({ status, incidents }).toEqual({ status: 'completed', incidents: [] });
    expect(steps[0]).toMatchObject({
      status: 'done',
      by: 'olga',
      result: '{"bookingId":"B-9"}',
      resolutions: [{ action: 'retry', by: 'olga', reason: 'talked to finance' }],
    });
    expect(steps[0]).not.toHaveProperty('error');
    await expect(result(caseId)).resolves.toBe('B-9');
  });

  test('retry: given it fails again, then it is parked again and says how often it was retried', async () => {
    const caseId = `retry-in-vain-by-${way}`;
    kit.systems.plan(caseId, 'ledger.book', refuses());
    await startParked(kit, 'book', caseId);

    await ways[way](caseId, resolution('ledger.book', 'retry', { reason: 'first' }));
    await until(
      () => record(caseId),
      ({ incidents }) => incidents[0]?.retries === 1,
    );
    await ways[way](caseId, resolution('ledger.book', 'retry', { reason: 'second' }));
    const { steps } = await until(
      () => record(caseId),
      ({ incidents }) => incidents[0]?.retries === 2,
    );

    expect(steps[0]).toMatchObject({ status: 'parked', error: { type: 'rule-broken' } });
    expect(steps[0]?.resolutions?.map(({ reason }) => reason)).toEqual(['first', 'second']);
    await cancelCase(kit.client, caseId, { by: 'anna', reason: 'enough' });
    await ended(kit.client, caseId);
  });

  test('skip: given the author said what skipping means, then the case goes on with that', async () => {
    const caseId = `skip-by-${way}`;
    kit.systems.plan(caseId, 'ledger.close', refuses());
    await startParked(kit, 'closeAndBook', caseId);

    await ways[way](caseId, resolution('ledger.close', 'skip'));

    const done = await ended(kit.client, caseId);
    expect(calls(done)).toEqual(['ledger.close/1 skipped', 'ledger.book/1 done']);
    await expect(result(caseId)).resolves.toEqual([false, 'B-100']);
  });

  test('replace: given a fitting result, then the case goes on with it', async () => {
    const caseId = `replace-by-${way}`;
    kit.systems.plan(caseId, 'ledger.book', refuses());
    await startParked(kit, 'book', caseId);

    await ways[way](caseId, resolution('ledger.book/1', 'replace', { result: { bookingId: 'by hand' } }));

    const { steps } = await ended(kit.client, caseId);
    expect(steps[0]).toMatchObject({ status: 'replaced', by: 'olga', result: '{"bookingId":"by hand"}' });
    await expect(result(caseId)).resolves.toBe('by hand');
    expect(kit.systems.callsOf(caseId, 'ledger.book')).toHaveLength(1);
  });

  test('fail: then the case fails with the error of the system, and says who decided so', async () => {
    const caseId = `fail-by-${way}`;
    kit.systems.plan(caseId, 'ledger.book', refuses('rule-broken', 'the month is closed'));
    await startParked(kit, 'book', caseId);

    await ways[way](caseId, resolution('ledger.book/1', 'fail'));

    const { status, failure, steps } = await ended(kit.client, caseId);
    expect(status).toBe('failed');
    expect(failure).toEqual({
      type: 'rule-broken',
      message: 'ledger.book failed for good, as olga decided: the month is closed',
    });
    expect(steps[0]).toMatchObject({ status: 'failed', by: 'olga', error: { type: 'rule-broken' } });
  });
});

describe('a resolution that is refused', () => {
  const parkedBook = (sent: object): Resolution => ({ ...resolution('ledger.book/1', 'retry'), ...sent });
  const refusals: [what: string, sent: Resolution, refusal: Refusal][] = [
    [
      'nobody signs for it',
      parkedBook({ by: ' ' }),
      { code: 'invalid-message', field: 'by', message: 'by: " " is not text' },
    ],
    [
      'it has no reason',
      parkedBook({ reason: undefined }),
      { code: 'invalid-message', field: 'reason', message: 'reason: undefined is not text' },
    ],
    [
      'the step is no text',
      parkedBook({ step: 1 }),
      { code: 'invalid-message', field: 'step', message: 'step: 1 is not text' },
    ],
    [
      'there is no such action',
      parkedBook({ action: 'ignore' }),
      {
        code: 'invalid-message',
        field: 'action',
        message: 'action: "ignore" is none of retry, skip, replace, fail',
      },
    ],
    [
      'a replacement has no result',
      parkedBook({ action: 'replace' }),
      { code: 'invalid-message', field: 'result', message: 'result: replace needs the result of the step' },
    ],
    [
      'the result lacks a field',
      parkedBook({ action: 'replace', result: {} }),
      {
        code: 'invalid-data',
        field: 'result.bookingId',
        message: 'result.bookingId: is missing',
      },
    ],
    [
      'a field of the result is wrong',
      parkedBook({ action: 'replace', result: { bookingId: 7 } }),
      {
        code: 'invalid-data',
        field: 'result.bookingId',
        message: expect.stringMatching(/^result\.bookingId: .*number.*string/) as string,
      },
    ],
    [
      'the case cannot go on without the answer',
      parkedBook({ action: 'skip' }),
      {
        code: 'invalid-message',
        field: 'action',
        message: 'action: "ledger.book/1" cannot be skipped, the case needs its result; replace it',
      },
    ],
    [
      'the case has no such step',
      parkedBook({ step: 'ledger.bok' }),
      {
        code: 'no-such-step',
        field: 'step',
        message: 'step: there is no "ledger.bok" in this case; parked now: ledger.book/1',
      },
    ],
    [
      'the step is not parked',
      parkedBook({ step: 'ledger.close/1' }),
      {
        code: 'not-parked',
        field: 'step',
        message: 'step: "ledger.close/1" is not parked; parked now: ledger.book/1',
      },
    ],
  ];

  beforeAll(async () => {
    kit.systems.plan('refusing', 'ledger.book', refuses());
    await startParked(kit, 'closeAndBook', 'refusing');
    await until(
      () => record('refusing'),
      ({ steps }) => steps[0]?.status === 'done',
    );
  });

  test.each(refusals)('given %s, then an update is answered with what is wrong', async (_, sent, refusal) => {
    expect(await refusalOf(resolve(kit.client, 'refusing', sent))).toEqual(refusal);
  });

  test('given each of them as a signal, then nothing changes', async () => {
    const before = await record('refusing');
    for (const [, sent] of refusals) await signalResolution(kit.client, 'refusing', sent);
    const last = resolution('ledger.book', 'replace', { result: { bookingId: 'B-1' }, reason: 'after all that' });
    await signalResolution(kit.client, 'refusing', last);

    const { status, steps } = await ended(kit.client, 'refusing');

    expect(before.incidents).toHaveLength(1);
    expect(status).toBe('completed');
    expect(steps.find(({ name }) => name === 'ledger.book')?.resolutions).toMatchObject([
      { action: 'replace', reason: 'after all that' },
    ]);
  });
});

test('given a result given by hand while a task is open, then whoever gave it does not decide the task', async () => {
  kit.systems.plan('beside', 'ledger.book', refuses());
  await kit.start('approvalBesideCall', 'beside', { role: 'manager', candidates: ['anna', 'bert'] });
  await until(
    () => record('beside'),
    ({ incidents, waitingFor }) => incidents.length === 1 && waitingFor.length === 1,
  );

  const byHand = resolution('ledger.book', 'replace', { by: 'Anna ', result: { bookingId: 'by hand' } });
  await resolve(kit.client, 'beside', byHand);

  const { waitingFor, steps } = await record('beside');
  expect(waitingFor).toMatchObject([{ candidates: ['bert'] }]);
  expect(steps.find(({ kind }) => kind === 'task')).toMatchObject({ candidates: ['bert'] });
  const decision = { task: 'approveOrder', decision: 'approve', by: 'anna' };
  expect(await refusalOf(decide(kit.client, 'beside', decision))).toMatchObject({ code: 'excluded' });
  await decide(kit.client, 'beside', { ...decision, by: 'bert' });
  await ended(kit.client, 'beside');
});

test('given a case that has failed while somebody is asked, then nobody decides any more while the alert is delivered', async () => {
  const { behaviour, begun, release } = held(answers(undefined));
  kit.systems.plan('failing', 'ledger.book', refuses());
  kit.systems.plan('failing', 'bell.hush', behaviour);
  await kit.start('approvalBesideCall', 'failing', { role: 'manager', candidates: ['anna'] });
  await until(
    () => record('failing'),
    ({ incidents, waitingFor }) => incidents.length === 1 && waitingFor.length === 1,
  );
  await resolve(kit.client, 'failing', resolution('ledger.book', 'fail'));
  await begun;

  const decision = { task: 'approveOrder', decision: 'approve', by: 'anna' };
  expect(await refusalOf(decide(kit.client, 'failing', decision))).toMatchObject({ code: 'task-not-open' });
  expect(await record('failing')).toMatchObject({ waitingFor: [], incidents: [] });
  release();

  const { status, steps } = await ended(kit.client, 'failing');
  expect(status).toBe('failed');
  expect(steps.find(({ kind }) => kind === 'task')).toMatchObject({ status: 'cancelled' });
});

test('given whom the case is about, then they neither resolve nor decide anything in it', async () => {
  kit.systems.plan('own', 'ledger.book', refuses(), answers({ bookingId: 'B-1' }));
  await kit.start('approval', 'own', { role: 'manager', bookFirst: true, about: 'anna' });
  await until(
    () => record('own'),
    ({ incidents }) => incidents.length === 1,
  );
  const retry = resolution('ledger.book', 'retry');

  expect(await refusalOf(resolve(kit.client, 'own', { ...retry, by: ' ANNA' }))).toEqual({
    code: 'excluded',
    field: 'by',
    message: 'by: " ANNA" must resolve nothing in this case (four eyes)',
  });
  await resolve(kit.client, 'own', retry);
  const { waitingFor } = await until(
    () => record('own'),
    (known) => known.waitingFor.length === 1,
  );
  expect(waitingFor).toMatchObject([{ excluded: ['anna'] }]);
  const decision = { task: 'approveOrder', decision: 'approve' };
  expect(await refusalOf(decide(kit.client, 'own', { ...decision, by: 'anna' }))).toMatchObject({ code: 'excluded' });
  await decide(kit.client, 'own', { ...decision, by: 'bert' });
  await ended(kit.client, 'own');
});

describe('resolutions that meet', () => {
  test('given the same resolution twice, then the second is answered with the first', async () => {
    const { behaviour, release } = held(answers({ bookingId: 'B-3' }));
    kit.systems.plan('twice', 'ledger.book', refuses(), behaviour);
    await startParked(kit, 'book', 'twice');

    const first = await resolve(kit.client, 'twice', resolution('ledger.book', 'retry'), { updateId: 'one' });
    const sameUpdate = await resolve(kit.client, 'twice', resolution('ledger.book', 'retry'), { updateId: 'one' });
    const second = await resolve(kit.client, 'twice', resolution('ledger.book/1', 'retry'));
    const another = refusalOf(resolve(kit.client, 'twice', resolution('ledger.book', 'retry', { by: 'otto' })));

    expect(first).toMatchObject({ step: 'ledger.book/1', action: 'retry', by: 'olga' });
    expect([sameUpdate, second]).toEqual([first, first]);
    expect(await another).toMatchObject({ code: 'not-parked', field: 'step' });
    release();
    const { steps } = await ended(kit.client, 'twice');
    expect(steps[0]?.resolutions).toHaveLength(1);
  });

  test('given another result in place of one already given, then it is refused', async () => {
    kit.systems.plan('two-results', 'ledger.book', refuses());
    kit.systems.plan('two-results', 'ledger.close', refuses());
    await startParked(kit, 'closeAndBook', 'two-results', 2);
    const replace = (bookingId: string) => resolution('ledger.book', 'replace', { result: { bookingId } });
    await resolve(kit.client, 'two-results', replace('B-1'));

    const refusal = await refusalOf(resolve(kit.client, 'two-results', replace('B-2')));

    expect(refusal).toMatchObject({ code: 'not-parked', field: 'step' });
    await resolve(kit.client, 'two-results', resolution('ledger.close', 'skip'));
    await ended(kit.client, 'two-results');
    await expect(result('two-results')).resolves.toEqual([false, 'B-1']);
  });

  test('given two parked steps of one operation, then its name alone is refused and each id is taken', async () => {
    kit.systems.plan('two-parked', 'ledger.book', refuses());
    await startParked(kit, 'bookBoth', 'two-parked', 2);

    const refusal = await refusalOf(resolve(kit.client, 'two-parked', resolution('ledger.book', 'retry')));
    for (const occurrence of [1, 2]) {
      const given = { result: { bookingId: `by hand ${occurrence}` } };
      await resolve(kit.client, 'two-parked', resolution(`ledger.book/${occurrence}`, 'replace', given));
    }

    expect(refusal).toEqual({
      code: 'not-parked',
      field: 'step',
      message: expect.stringMatching(/parked now: ledger.book.[12], ledger.book.[12]$/) as string,
    });
    await ended(kit.client, 'two-parked');
    await expect(result('two-parked')).resolves.toEqual(['by hand 1', 'by hand 2']);
  });

  test('given one of two parked steps is let fail, then the case fails and the other is given up', async () => {
    kit.systems.plan('one-fails', 'ledger.book', refuses());
    await startParked(kit, 'bookBoth', 'one-fails', 2);

    await resolve(kit.client, 'one-fails', resolution('ledger.book/2', 'fail'));

    const failed = await ended(kit.client, 'one-fails');
    expect(failed).toMatchObject({ status: 'failed', incidents: [] });
    expect(calls(failed)).toEqual(['ledger.book/1 cancelled', 'ledger.book/2 failed']);
  });
});
