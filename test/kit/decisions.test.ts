import {
  cancelCase,
  decide,
  getCase,
  resolve,
  signalDecision,
  startCase,
  type CaseRecord,
  type Decision,
  type RecordedDecision,
  type Refusal,
  type Resolution,
} from '../../src/kit/client';
import { approves, refusalOf, startWaiting } from './fixtures/acting';
import { ended, runKit, type RunningKit } from './fixtures/server';
import { until } from './fixtures/until';
import { answers, held, refuses } from './fixtures/systems';
import type { ApprovalInput } from './fixtures/people';

let kit: RunningKit;
beforeAll(async () => (kit = await runKit('time-skipping')));
afterAll(() => kit.tearDown());

const record = (caseId: string) => getCase(kit.client, caseId);
const openTask = async (caseId: string) => (await record(caseId)).waitingFor[0];
const decides = (caseId: string, sent: Decision) => decide(kit.client, caseId, sent);
const signals = (caseId: string, sent: Decision) => signalDecision(kit.client, caseId, sent);

describe('a decision that is refused', () => {
  const shows = { order: 'O-1' };
  const refusals: [what: string, sent: Decision, refusal: Refusal][] = [
    [
      'somebody decides who is not asked',
      approves('carl'),
      { code: 'not-a-candidate', field: 'by', message: 'by: "carl" is not asked; manager anna may decide' },
    ],
    [
      'somebody decides who is excluded, though a candidate',
      approves('otto'),
      { code: 'excluded', field: 'by', message: 'by: "otto" must not decide "approveOrder" (four eyes)' },
    ],
    [
      'the task takes no such decision',
      approves('anna', { decision: 'aprove' }),
      { code: 'unknown-decision', field: 'decision', message: 'decision: "aprove" is none of approve, reject' },
    ],
    [
      'the data has changed since it was seen',
      approves('anna', { shownHash: 'abc' }),
      {
        code: 'shown-data-changed',
        field: 'shownHash',
        message: expect.stringMatching(
          /^shownHash: "abc" is not that of the data shown now \([0-9a-f]{64}\); look/,
        ) as string,
      },
    ],
    [
      'there is no such task',
      approves('anna', { task: 'aproveOrder' }),
      { code: 'no-such-task', field: 'task', message: 'task: "aproveOrder" is not open; open now: approveOrder' },
    ],
    ['nobody signs for it', approves(''), { code: 'invalid-message', field: 'by', message: 'by: "" is not text' }],
    [
      'the decision is missing',
      { task: 'approveOrder', by: 'anna' } as Decision,
      { code: 'invalid-message', field: 'decision', message: 'decision: undefined is not text' },
    ],
    [
      'the task is a number',
      { ...approves('anna'), task: 7 } as unknown as Decision,
      { code: 'invalid-message', field: 'task', message: 'task: 7 is not text' },
    ],
    [
      'the comment is no text',
      { ...approves('anna'), comment: 7 } as unknown as Decision,
      { code: 'invalid-message', field: 'comment', message: 'comment: 7 is not text' },
    ],
    [
      'there is nothing in the message',
      null as unknown as Decision,
      { code: 'invalid-message', field: 'task', message: 'task: undefined is not text' },
    ],
  ];

  beforeAll(() =>
    startWaiting(kit, 'refusing', { role: 'manager', candidates: ['anna', 'otto'], excluded: ['otto'], shows }),
  );

  test.each(refusals)('given %s, then an update is answered with what is wrong', async (_, sent, refusal) => {
    expect(await refusalOf(decides('refusing', sent))).toEqual(refusal);
  });

  test('given each of them as a signal, then nothing is decided, and what is about the task is kept with it', async () => {
    for (const [, sent] of refusals) await signals('refusing', sent);
    const shownHash = (await openTask('refusing'))?.shownHash;
    await signals('refusing', approves('anna', { ...(shownHash && { shownHash }) }));

    const { status, steps } = await ended(kit.client, 'refusing');

    expect(status).toBe('completed');
    expect(steps[0]).toMatchObject({ decision: 'approve', by: 'anna' });
    expect(steps[0]?.refusals?.map(({ by, decision }) => `${by} ${decision}`)).toEqual([
      'carl approve',
      'otto approve',
      'anna aprove',
      'anna approve',
    ]);
  });

  test('given a task without candidates, then anybody may decide but who is excluded', async () => {
    await startWaiting(kit, 'anybody', { role: 'manager', excluded: ['otto'] });

    expect(await refusalOf(decides('anybody', approves('otto')))).toMatchObject({ code: 'excluded' });
    await expect(decides('anybody', approves('zoe'))).resolves.toMatchObject({ by: 'zoe' });
    await ended(kit.client, 'anybody');
  });
});

describe('whoever gave a result by hand', () => {
  test('given a task on it, then somebody else has to decide (four eyes)', async () => {
    kit.systems.plan('by-hand', 'ledger.book', refuses());
    await kit.start('approval', 'by-hand', { role: 'manager', excluded: ['otto'], bookFirst: true });
    await until(
      () => record('by-hand'),
      ({ status }) => status === 'incident',
    );
    const result = { bookingId: 'by hand' };
    const byAnna: Resolution = { step: 'ledger.book', action: 'replace', by: 'anna', reason: 'asked by phone', result };
    await resolve(kit.client, 'by-hand', byAnna);
    const { waitingFor } = await until(
      () => record('by-hand'),
      (known) => known.waitingFor.length > 0,
    );

    expect(waitingFor[0]?.excluded).toEqual(['otto', 'anna']);
    expect(await refusalOf(decides('by-hand', approves('anna')))).toMatchObject({ code: 'excluded', field: 'by' });
    await expect(decides('by-hand', approves('bert'))).resolves.toMatchObject({ by: 'bert' });
    await ended(kit.client, 'by-hand');
  });
});

describe('deciding twice', () => {
  /** Decided, with the case still running. */
  async function decidedOnce(caseId: string): Promise<{ first: RecordedDecision; end: () => Promise<CaseRecord> }> {
    const { behaviour, begun, release } = held(answers({ bookingId: 'B-1' }));
    kit.systems.plan(caseId, 'ledger.book', behaviour);
    await kit.start('approvalThenBook', caseId);
    await until(
      () => record(caseId),
      ({ waitingFor }) => waitingFor.length > 0,
    );
    const first = await decide(kit.client, caseId, approves('anna'), { updateId: 'click' });
    await begun;
    return {
      first,
      end: () => {
        release();
        return ended(kit.client, caseId);
      },
    };
  }

  test('given the same decision again, by the same update or another, then it is one decision', async () => {
    const { first, end } = await decidedOnce('double-click');

    const sameUpdate = await decide(kit.client, 'double-click', approves('anna'), { updateId: 'click' });
    const again = await decides('double-click', approves('anna'));
    await signals('double-click', approves('anna', { task: 'approveOrder/1' }));

    expect([sameUpdate, again]).toEqual([first, first]);
    const { steps } = await end();
    expect(steps[0]).toMatchObject({ decision: 'approve', by: 'anna' });
    expect(steps[0]).not.toHaveProperty('refusals');
  });

  test('given another decision, then it is refused and says who decided before; a signal is kept with the task', async () => {
    const { first, end } = await decidedOnce('too-late');

    const refusal = await refusalOf(decides('too-late', approves('bert', { decision: 'reject' })));
    await signals('too-late', approves('anna', { decision: 'reject' }));

    expect(refusal).toEqual({
      code: 'already-decided',
      field: 'task',
      message: `task: "approveOrder/1" was decided by anna at ${first.at}: approve`,
    });
    const { steps } = await end();
    expect(steps[0]).toMatchObject({
      decision: 'approve',
      refusals: [{ by: 'anna', decision: 'reject', reason: refusal.message }],
    });
  });
});

describe('two tasks of one name, one after the other', () => {
  const anna: ApprovalInput = { role: 'manager', candidates: ['anna'] };

  async function firstDecided(caseId: string, first: ApprovalInput, second: ApprovalInput): Promise<CaseRecord> {
    await startCase(kit.client, { process: 'twoApprovals', caseId, keys: [], input: { first, second } });
    await until(
      () => record(caseId),
      ({ waitingFor }) => waitingFor.length > 0,
    );
    await decides(caseId, approves('anna'));
    return until(
      () => record(caseId),
      ({ waitingFor }) => waitingFor[0]?.id === 'approveOrder/2',
    );
  }

  const stillOpen = async (caseId: string) => {
    expect(await openTask(caseId)).toMatchObject({ id: 'approveOrder/2' });
  };

  test.each([
    ['with the id of the task', anna, approves('anna', { task: 'approveOrder/1' })],
    ['when she is excluded from the second', { role: 'director', excluded: ['anna'] }, approves('anna')],
    ['when somebody else is asked for the second', { role: 'director', candidates: ['bert'] }, approves('anna')],
  ])('given a double click on the first %s, then it does not decide the second', async (what, second, click) => {
    const caseId = `two ${what}`;
    await firstDecided(caseId, anna, second);

    const again = await decides(caseId, click);
    await signals(caseId, click);

    expect(again).toMatchObject({ task: 'approveOrder/1', by: 'anna' });
    await stillOpen(caseId);
    await cancelCase(kit.client, caseId, { by: 'otto', reason: 'seen enough' });
    await ended(kit.client, caseId);
  });

  test('given a double click that carries the hash of what the first showed, then it does not decide the second', async () => {
    const shown = await (async () => {
      const input = { first: { ...anna, shows: 1 }, second: { ...anna, shows: 2 } };
      await startCase(kit.client, { process: 'twoApprovals', caseId: 'two-hashes', keys: [], input });
      const { waitingFor } = await until(
        () => record('two-hashes'),
        (known) => known.waitingFor.length > 0,
      );
      return waitingFor[0]?.shownHash ?? '';
    })();
    const click = approves('anna', { shownHash: shown });
    await decides('two-hashes', click);
    await until(
      () => record('two-hashes'),
      ({ waitingFor }) => waitingFor[0]?.id === 'approveOrder/2',
    );

    await expect(decides('two-hashes', click)).resolves.toMatchObject({ task: 'approveOrder/1' });

    await stillOpen('two-hashes');
    await cancelCase(kit.client, 'two-hashes', { by: 'otto', reason: 'seen enough' });
    await ended(kit.client, 'two-hashes');
  });

  test('given the same person is asked again and decides the same by name, then the id is asked for, and decides', async () => {
    await firstDecided('same-again', anna, anna);

    const refusal = await refusalOf(decides('same-again', approves('anna')));
    await signals('same-again', approves('anna'));
    await stillOpen('same-again');

    expect(refusal).toEqual({
      code: 'already-decided',
      field: 'task',
      message: expect.stringMatching(
        /^task: "approveOrder\/1" was decided by anna at .*: approve; approveOrder\/2 is open now: .* give its id$/,
      ) as string,
    });
    await expect(decides('same-again', approves('anna', { task: 'approveOrder/2' }))).resolves.toMatchObject({
      task: 'approveOrder/2',
    });
    await ended(kit.client, 'same-again');
  });

  test('given whoever decided is not asked again and decides otherwise by name, then it is said who decided before', async () => {
    await firstDecided('otherwise', anna, { role: 'director', candidates: ['dora'] });

    const sent = approves('anna', { decision: 'reject' });
    expect(await refusalOf(decides('otherwise', sent))).toMatchObject({
      code: 'already-decided',
      message: expect.stringMatching(/^task: "approveOrder\/1" was decided by anna at .*: approve$/) as string,
    });

    await decides('otherwise', approves('dora'));
    await ended(kit.client, 'otherwise');
  });

  test('given the same decision carries the hash of what the second shows, then it is meant for the second', async () => {
    const shows = { amount: 2 };
    const { waitingFor } = await firstDecided('same-seen', anna, { ...anna, shows });

    const seen = approves('anna', { shownHash: waitingFor[0]?.shownHash ?? '' });

    await expect(decides('same-seen', seen)).resolves.toMatchObject({ task: 'approveOrder/2' });
    await ended(kit.client, 'same-seen');
  });

  test('given the same person decides otherwise on the second, then the name is enough', async () => {
    await firstDecided('other-again', anna, anna);

    await expect(decides('other-again', approves('anna', { decision: 'reject' }))).resolves.toMatchObject({
      task: 'approveOrder/2',
    });
    await ended(kit.client, 'other-again');
  });

  test('given both are open at once, then each person decides by name the one asked for', async () => {
    await kit.start('twoAtOnce', 'at-once');
    await until(
      () => record('at-once'),
      ({ waitingFor }) => waitingFor.length === 2,
    );

    await expect(decides('at-once', approves('bert'))).resolves.toMatchObject({ task: 'approveOrder/2' });
    await expect(decides('at-once', approves('anna'))).resolves.toMatchObject({ task: 'approveOrder/1' });
    await ended(kit.client, 'at-once');
  });
});
