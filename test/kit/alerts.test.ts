import { cancelCase, getCase, resolve, restartCase, type Resolution } from '../../src/kit/client';
import type { Alert } from '../../src/kit/workflow';
import { startParked } from './fixtures/acting';
import { ended, runKit, type RunningKit } from './fixtures/server';
import { until } from './fixtures/until';
import { answers, held, refuses, stumbles } from './fixtures/systems';

let kit: RunningKit;
beforeAll(async () => (kit = await runKit('time-skipping')));
afterAll(() => kit.tearDown());

const record = (caseId: string) => getCase(kit.client, caseId);

/** What the administrator was told so far, each time once it had arrived. */
function told(caseId: string): string[] {
  return kit.systems
    .callsOf(caseId)
    .filter(({ operation }) => operation === 'bell.ring' || operation === 'bell.hush')
    .map(
      ({ operation, input }) =>
        `${operation === 'bell.ring' ? 'raised' : 'cleared'} ${(input as Partial<Alert>).cause ?? 'everything'}`,
    );
}

function resolveStep(caseId: string, step: string, action: Resolution['action'], more: Partial<Resolution> = {}) {
  return resolve(kit.client, caseId, { step, action, by: 'olga', reason: 'talked to finance', ...more });
}

const byHand = { result: { bookingId: 'by hand' } };

describe('the administrator', () => {
  test('given a call is parked, then it is told what failed, and again when it is over', async () => {
    kit.systems.plan('one', 'ledger.book', refuses('rule-broken', 'the month is closed'));
    await startParked(kit, 'book', 'one');
    await until(
      () => told('one'),
      ({ length }) => length === 1,
    );
    await resolveStep('one', 'ledger.book', 'replace', byHand);
    await ended(kit.client, 'one');

    expect(told('one')).toEqual([
      'raised book: ledger.book failed (rule-broken)',
      'cleared book: ledger.book failed (rule-broken)',
    ]);
    expect(kit.systems.callsOf('one', 'bell.ring')[0]?.input).toEqual({
      cause: 'book: ledger.book failed (rule-broken)',
      caseId: 'one',
      text: 'the month is closed',
    });
  });

  test('given two calls fail in the same way, then it is told once, and that it is over when both are resolved', async () => {
    kit.systems.plan('same', 'ledger.book', refuses());
    await startParked(kit, 'bookBoth', 'same', 2);
    await resolveStep('same', 'ledger.book/1', 'replace', byHand);
    await until(
      () => record('same'),
      ({ incidents }) => incidents.length === 1,
    );
    const afterOne = await until(
      () => told('same'),
      ({ length }) => length > 0,
    );
    await resolveStep('same', 'ledger.book/2', 'replace', byHand);
    await ended(kit.client, 'same');

    const cause = 'bookBoth: ledger.book failed (rule-broken)';
    expect(afterOne).toEqual([`raised ${cause}`]);
    expect(told('same')).toEqual([`raised ${cause}`, `cleared ${cause}`]);
  });

  test('given two calls fail in different ways, then it is told of both', async () => {
    kit.systems.plan('different', 'ledger.book', refuses('rule-broken'));
    kit.systems.plan('different', 'ledger.close', refuses('month-open'));
    await startParked(kit, 'closeAndBook', 'different', 2);
    await until(
      () => told('different'),
      ({ length }) => length === 2,
    );
    await cancelCase(kit.client, 'different', { by: 'anna', reason: 'enough' });
    await ended(kit.client, 'different');

    expect(told('different').sort()).toEqual([
      'cleared closeAndBook: ledger.book failed (rule-broken)',
      'cleared closeAndBook: ledger.close failed (month-open)',
      'raised closeAndBook: ledger.book failed (rule-broken)',
      'raised closeAndBook: ledger.close failed (month-open)',
    ]);
  });

  test('given a retry fails in the same way, then it is not told again; in another way, then it is', async () => {
    kit.systems.plan('again', 'ledger.book', refuses('a'), refuses('a'), refuses('b'), answers({ bookingId: 'B-1' }));
    await startParked(kit, 'book', 'again');
    for (const retries of [1, 2]) {
      await resolveStep('again', 'ledger.book', 'retry', { reason: `try ${retries}` });
      await until(
        () => record('again'),
        ({ incidents }) => incidents[0]?.retries === retries,
      );
    }
    await resolveStep('again', 'ledger.book', 'retry', { reason: 'try 3' });
    await ended(kit.client, 'again');

    expect(told('again').sort()).toEqual([
      'cleared book: ledger.book failed (a)',
      'cleared book: ledger.book failed (b)',
      'raised book: ledger.book failed (a)',
      'raised book: ledger.book failed (b)',
    ]);
  });

  test('given the case failed and is started again, then what was told of before is over, and news is told after that', async () => {
    kit.systems.plan('anew', 'ledger.book', refuses('a'));
    await startParked(kit, 'book', 'anew');
    await until(
      () => told('anew'),
      ({ length }) => length === 1,
    );
    await kit.client.workflow.getHandle('anew').terminate('out of patience');

    await restartCase(kit.client, { process: 'book', caseId: 'anew', keys: [], input: {} });

    await until(
      () => told('anew'),
      ({ length }) => length === 3,
    );
    expect(told('anew')).toEqual([
      'raised book: ledger.book failed (a)',
      'cleared everything',
      'raised book: ledger.book failed (a)',
    ]);
    await resolveStep('anew', 'ledger.book', 'replace', byHand);
    await ended(kit.client, 'anew');
  });

  test('given the way to it is down for a while, then the case can be resolved meanwhile, and it is told all in order', async () => {
    const { behaviour, begun, release } = held(answers(undefined));
    kit.systems.plan('down', 'ledger.book', refuses());
    kit.systems.plan('down', 'bell.ring', stumbles(), stumbles(), behaviour);
    await startParked(kit, 'book', 'down');
    await begun;
    await resolveStep('down', 'ledger.book', 'replace', byHand);
    const meanwhile = await until(
      () => record('down'),
      ({ incidents }) => incidents.length === 0,
    );
    const toldMeanwhile = kit.systems.callsOf('down', 'bell.hush');
    release();
    const { steps } = await ended(kit.client, 'down');

    expect(meanwhile.status).toBe('running');
    expect(toldMeanwhile).toEqual([]);
    expect(steps.map(({ id, status }) => `${id} ${status}`)).toEqual([
      'ledger.book/1 replaced',
      'bell.ring/1 done',
      'bell.hush/1 done',
    ]);
  });

  test('given it cannot be told at all, then the case ends as it would, with that on the record', async () => {
    kit.systems.plan('unreachable', 'ledger.book', refuses());
    kit.systems.plan('unreachable', 'bell.ring', refuses('no-such-number'));
    await startParked(kit, 'book', 'unreachable');
    await resolveStep('unreachable', 'ledger.book', 'replace', byHand);

    const { status, steps } = await ended(kit.client, 'unreachable');

    expect(status).toBe('completed');
    expect(steps.find(({ name }) => name === 'bell.ring')).toMatchObject({ kind: 'alert', status: 'failed' });
  });

  test('given nobody is named to be told, then calls are parked and resolved all the same', async () => {
    kit.systems.plan('quiet', 'ledger.book', refuses());
    await startParked(kit, 'bookQuietly', 'quiet');
    await resolveStep('quiet', 'ledger.book', 'replace', byHand);

    await expect(ended(kit.client, 'quiet')).resolves.toMatchObject({ status: 'completed' });
    expect(told('quiet')).toEqual([]);
  });
});

describe('the end of a case', () => {
  test('given it fails by itself, then the administrator is told that, and nothing clears it', async () => {
    await kit.start('failsInTheEnd', 'fails');

    const { failure } = await ended(kit.client, 'fails');

    expect(failure?.type).toBe('out-of-stock');
    expect(told('fails')).toEqual(['raised failsInTheEnd: failed (out-of-stock)']);
  });

  test('given an operator lets it fail while another call is parked, then all is over and nothing new is told', async () => {
    kit.systems.plan('let-fail', 'ledger.book', refuses('a'));
    kit.systems.plan('let-fail', 'ledger.close', refuses('b'));
    await startParked(kit, 'closeAndBook', 'let-fail', 2);
    await until(
      () => told('let-fail'),
      ({ length }) => length === 2,
    );
    await resolveStep('let-fail', 'ledger.book', 'fail');

    await expect(ended(kit.client, 'let-fail')).resolves.toMatchObject({ status: 'failed' });
    expect(told('let-fail').sort()).toEqual([
      'cleared closeAndBook: ledger.book failed (a)',
      'cleared closeAndBook: ledger.close failed (b)',
      'raised closeAndBook: ledger.book failed (a)',
      'raised closeAndBook: ledger.close failed (b)',
    ]);
  });

  test('given it is cancelled while a call is parked, then the administrator hears that it is over before it ends', async () => {
    const { behaviour, begun, release } = held(answers(undefined));
    kit.systems.plan('cancelled', 'ledger.book', refuses());
    kit.systems.plan('cancelled', 'bell.hush', behaviour);
    await startParked(kit, 'book', 'cancelled');
    await cancelCase(kit.client, 'cancelled', { by: 'anna', reason: 'enough' });
    await begun;
    const whileTelling = await record('cancelled');
    release();

    await expect(ended(kit.client, 'cancelled')).resolves.toMatchObject({ status: 'cancelled' });
    expect(whileTelling.endedAt).toBeUndefined();
  });

  test('given it ends well with a call still parked, then the administrator hears that it is over', async () => {
    kit.systems.plan('left', 'ledger.book', refuses());
    await startParked(kit, 'leavesACallBehind', 'left');
    await until(
      () => told('left'),
      ({ length }) => length === 1,
    );
    await kit.client.workflow.getHandle('left').signal('proceed');

    const { status, outcome, incidents } = await ended(kit.client, 'left');

    expect({ status, outcome, incidents }).toEqual({ status: 'completed', outcome: 'left', incidents: [] });
    expect(told('left')).toEqual([
      'raised leavesACallBehind: ledger.book failed (rule-broken)',
      'cleared leavesACallBehind: ledger.book failed (rule-broken)',
    ]);
  });
});
