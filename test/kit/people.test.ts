import {
  cancelCase,
  CaseClosed,
  decide,
  getCase,
  Refused,
  resolve,
  resultOf,
  signalDecision,
  startCase,
  type CaseRecord,
  type Decision,
  type RecordedDecision,
  type Refusal,
  type Resolution,
} from '../../src/kit/client';
import type { Alert } from '../../src/kit/workflow';
import { ended, runKit, until, type RunningKit } from './fixtures/server';
import { answers, held, refuses } from './fixtures/systems';
import type { ApprovalInput } from './fixtures/people';

let kit: RunningKit;
beforeAll(async () => (kit = await runKit('time-skipping')));
afterAll(() => kit.tearDown());

const record = (caseId: string) => getCase(kit.client, caseId);
const openTask = async (caseId: string) => (await record(caseId)).waitingFor[0];
const decides = (caseId: string, sent: Decision) => decide(kit.client, caseId, sent);
const signals = (caseId: string, sent: Decision) => signalDecision(kit.client, caseId, sent);
const later = (howLong: Parameters<RunningKit['environment']['sleep']>[0]) => kit.environment.sleep(howLong);

const approves = (by: string, more: Partial<Decision> = {}): Decision => ({
  task: 'approveOrder',
  decision: 'approve',
  by,
  ...more,
});

/** Starts a case and waits until it waits for a person. */
async function startWaiting(caseId: string, input: ApprovalInput, workflow = 'approval'): Promise<CaseRecord> {
  await kit.start(workflow, caseId, input);
  return until(
    () => record(caseId),
    ({ waitingFor }) => waitingFor.length > 0,
  );
}

async function refusalOf(answer: Promise<unknown>): Promise<Refusal> {
  const error: unknown = await answer.then(
    () => new Error('was not refused'),
    (refused: unknown) => refused,
  );
  if (error instanceof Refused) return error.refusal;
  throw error;
}

const manager: ApprovalInput = { role: 'manager', candidates: ['anna', 'bert'] };

describe('a task', () => {
  test('given it is open, then it says who has to decide what, on which data, and until when', async () => {
    const shows = { amount: { amountInCents: 500, currency: 'EUR' }, order: 'O-1' };
    const { status, waitingFor, steps } = await startWaiting('open', {
      ...manager,
      excluded: ['otto'],
      decisions: ['ask-back'],
      dueIn: '2 days',
      shows,
    });

    const dueAt = new Date(Date.parse(steps[0]?.startedAt ?? '') + 2 * 86_400_000).toISOString();
    expect(status).toBe('waiting');
    expect(waitingFor).toEqual([
      {
        id: 'approveOrder/1',
        name: 'approveOrder',
        title: 'Approve order',
        role: 'manager',
        candidates: ['anna', 'bert'],
        excluded: ['otto'],
        since: steps[0]?.startedAt,
        dueAt,
        escalated: false,
        decisions: ['approve', 'reject', 'ask-back'],
        shows,
        // SHA-256 of {"amount":{"amountInCents":500,"currency":"EUR"},"order":"O-1"}
        shownHash: '0ff0febfb062433f165010fa5ee20fff21c25792dd8a6c5549164b12cc52cc6b',
      },
    ]);
    expect(steps).toMatchObject([
      { id: 'approveOrder/1', kind: 'task', status: 'open', role: 'manager', candidates: ['anna', 'bert'], dueAt },
    ]);
    await decides('open', approves('anna', { decision: 'ask-back' }));
    await expect(ended(kit.client, 'open')).resolves.toMatchObject({ steps: [{ decision: 'ask-back' }] });
  });

  test('given a call is under way beside it, then the case is running; alone, then it is waiting', async () => {
    const { behaviour, begun, release } = held(answers({ bookingId: 'B-1' }));
    kit.systems.plan('beside', 'ledger.book', behaviour);
    await kit.start('approvalBesideCall', 'beside');
    await begun;
    const during = await record('beside');
    release();
    const after = await until(
      () => record('beside'),
      ({ status }) => status === 'waiting',
    );

    expect(during.status).toBe('running');
    expect(during.waitingFor).toHaveLength(1);
    expect(after.waitingFor).toHaveLength(1);
    await decides('beside', approves('anna'));
    await ended(kit.client, 'beside');
  });

  test('given no due time, then it waits for as long as it takes, and nobody is told', async () => {
    await startWaiting('no-due', manager);
    await later('400 days');

    expect(await openTask('no-due')).not.toHaveProperty('dueAt');
    expect(kit.systems.callsOf('no-due')).toEqual([]);
    await decides('no-due', approves('anna'));
    await ended(kit.client, 'no-due');
  });

  test('given the case is cancelled, then it ends with it', async () => {
    await startWaiting('cancelled', { ...manager, dueIn: '1 day' });
    await cancelCase(kit.client, 'cancelled', { by: 'otto', reason: 'order withdrawn' });

    await expect(ended(kit.client, 'cancelled')).resolves.toMatchObject({
      status: 'cancelled',
      waitingFor: [],
      steps: [{ id: 'approveOrder/1', status: 'cancelled' }],
    });
  });
});

describe('deciding', () => {
  test('by update: then the answer is the decision as recorded, and the step keeps it', async () => {
    await startWaiting('by-update', manager);

    const recorded = await decides('by-update', approves('bert', { decision: 'reject', comment: 'too dear' }));

    expect(recorded).toEqual({
      task: 'approveOrder/1',
      decision: 'reject',
      by: 'bert',
      at: expect.stringMatching(/Z$/) as string,
      comment: 'too dear',
    });
    const { steps } = await ended(kit.client, 'by-update');
    expect(steps).toMatchObject([{ status: 'done', by: 'bert', decision: 'reject', comment: 'too dear' }]);
    await expect(resultOf(kit.client, 'by-update')).resolves.toEqual(recorded);
  });

  test('by signal: then the case goes on with it', async () => {
    await startWaiting('by-signal', manager);

    await signals('by-signal', approves('anna', { task: 'approveOrder/1' }));

    const { steps } = await ended(kit.client, 'by-signal');
    expect(steps).toMatchObject([{ id: 'approveOrder/1', status: 'done', by: 'anna', decision: 'approve' }]);
    await expect(resultOf<RecordedDecision>(kit.client, 'by-signal')).resolves.toMatchObject({ by: 'anna' });
  });

  test('by signal before the task is open: then it counts when it opens', async () => {
    const { behaviour, begun, release } = held(answers({ bookingId: 'B-1' }));
    kit.systems.plan('early', 'ledger.book', behaviour);
    await kit.start('approval', 'early', { ...manager, bookFirst: true });
    await begun;
    await signals('early', approves('anna'));
    release();

    await expect(ended(kit.client, 'early')).resolves.toMatchObject({
      steps: [{ name: 'ledger.book' }, { id: 'approveOrder/1', status: 'done', by: 'anna' }],
    });
  });

  test('by a signal sent with the start: then it counts when the task opens', async () => {
    await kit.client.workflow.signalWithStart('approval', {
      workflowId: 'with-start',
      taskQueue: 'whereabouts',
      args: [{ ...manager, bookFirst: true }],
      signal: 'decide',
      signalArgs: [approves('anna')],
    });

    await expect(ended(kit.client, 'with-start')).resolves.toMatchObject({
      status: 'completed',
      steps: [{ name: 'ledger.book' }, { id: 'approveOrder/1', by: 'anna' }],
    });
  });

  test('by an early signal of somebody who is not asked: then it is refused when the task opens, and kept with it', async () => {
    const { behaviour, begun, release } = held(answers({ bookingId: 'B-1' }));
    kit.systems.plan('early-wrong', 'ledger.book', behaviour);
    await kit.start('approval', 'early-wrong', { ...manager, bookFirst: true });
    await begun;
    await signals('early-wrong', approves('carl'));
    release();

    const { steps } = await until(
      () => record('early-wrong'),
      ({ status }) => status === 'waiting',
    );

    expect(steps[1]?.refusals).toMatchObject([{ by: 'carl', decision: 'approve' }]);
    await decides('early-wrong', approves('anna'));
    await ended(kit.client, 'early-wrong');
  });

  test('by update before the task is open: then it is refused, and says what is open', async () => {
    const { behaviour, begun, release } = held(answers({ bookingId: 'B-1' }));
    kit.systems.plan('early-update', 'ledger.book', behaviour);
    await kit.start('approval', 'early-update', { ...manager, bookFirst: true });
    await begun;

    expect(await refusalOf(decides('early-update', approves('anna')))).toEqual({
      code: 'no-such-task',
      field: 'task',
      message: 'task: "approveOrder" is not open; no task is open now',
    });
    release();
    await until(
      () => record('early-update'),
      ({ waitingFor }) => waitingFor.length > 0,
    );
    await decides('early-update', approves('anna'));
    await ended(kit.client, 'early-update');
  });

  test('after the end: then it is answered that the case is closed', async () => {
    await startWaiting('after-the-end', manager);
    await decides('after-the-end', approves('anna'));
    await ended(kit.client, 'after-the-end');

    await expect(decides('after-the-end', approves('bert'))).rejects.toThrow(CaseClosed);
    await expect(signals('after-the-end', approves('bert'))).rejects.toThrow(CaseClosed);
  });
});

describe('a decision that is refused', () => {
  const shows = { order: 'O-1' };
  const refusals: [what: string, sent: Decision, refusal: Refusal][] = [
    [
      'somebody decides who is not asked',
      approves('carl'),
      { code: 'not-a-candidate', field: 'by', message: 'by: "carl" is not asked; manager anna, otto may decide' },
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
    startWaiting('refusing', { role: 'manager', candidates: ['anna', 'otto'], excluded: ['otto'], shows }),
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
    await startWaiting('anybody', { role: 'manager', excluded: ['otto'] });

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

describe('data entry', () => {
  const entered = (data: unknown): Decision => ({ task: 'enterHours', decision: 'submit', by: 'anna', data });

  test('given data that fits the form, then the case goes on with it', async () => {
    await kit.start('hoursEntry', 'hours');
    const { waitingFor } = await until(
      () => record('hours'),
      (known) => known.waitingFor.length > 0,
    );
    await decides('hours', entered({ hours: 160 }));

    const { steps } = await ended(kit.client, 'hours');
    expect(waitingFor[0]).toMatchObject({ decisions: ['submit'], form: { required: ['hours'] } });
    expect(steps[0]).toMatchObject({ status: 'done', decision: 'submit', by: 'anna', result: '{"hours":160}' });
    await expect(resultOf(kit.client, 'hours')).resolves.toMatchObject({ data: { hours: 160 } });
  });

  test('given data that does not fit, then the field is named, by update and with the task by signal', async () => {
    await kit.start('hoursEntry', 'wrong-hours');
    await until(
      () => record('wrong-hours'),
      ({ waitingFor }) => waitingFor.length > 0,
    );

    expect(await refusalOf(decides('wrong-hours', entered({ hours: 800 })))).toEqual({
      code: 'invalid-data',
      field: 'data.hours',
      message: 'data.hours: 800 is greater than 744.',
    });
    expect(await refusalOf(decides('wrong-hours', entered({})))).toMatchObject({ field: 'data.hours' });
    expect(await refusalOf(decides('wrong-hours', entered(undefined)))).toMatchObject({ field: 'data' });
    await signals('wrong-hours', entered({ hours: 160, minutes: 5 }));
    await decides('wrong-hours', entered({ hours: 160 }));
    const { steps } = await ended(kit.client, 'wrong-hours');
    expect(steps[0]?.refusals).toMatchObject([{ by: 'anna', reason: 'data.minutes: is not asked for' }]);
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

describe('a task that nobody decides in time', () => {
  const told = (caseId: string, operation: string) =>
    until(
      () => kit.systems.callsOf(caseId, operation).map(({ input }) => input),
      ({ length }) => length > 0,
    );
  const overdue = 'approval: approveOrder overdue';

  test('given a reminder, then whoever is asked is reminded once, and may still decide', async () => {
    await startWaiting('reminded', { ...manager, dueIn: '2 days', remindAfter: '1 day' });
    await later('1 day');

    expect(await told('reminded', 'bell.remind')).toEqual([{ of: 'approveOrder', whom: ['anna', 'bert'] }]);
    await decides('reminded', approves('anna'));
    await ended(kit.client, 'reminded');
    expect(kit.systems.callsOf('reminded', 'bell.ring')).toEqual([]);
  });

  test('given the reminder cannot be sent, then the task goes on', async () => {
    kit.systems.plan('reminder-fails', 'bell.remind', refuses());
    await startWaiting('reminder-fails', { ...manager, remindAfter: '1 day' });
    await later('1 day');
    await told('reminder-fails', 'bell.remind');
    await decides('reminder-fails', approves('anna'));

    const { status, steps } = await ended(kit.client, 'reminder-fails');
    expect(status).toBe('completed');
    expect(steps.find(({ name }) => name === 'bell.remind')).toMatchObject({ kind: 'alert', status: 'failed' });
  });

  test('given it is decided before the reminder, then nobody is reminded', async () => {
    await startWaiting('not-reminded', { ...manager, dueIn: '2 days', remindAfter: '1 day' });
    await decides('not-reminded', approves('anna'));
    await ended(kit.client, 'not-reminded');
    await later('3 days');

    expect(kit.systems.callsOf('not-reminded')).toEqual([]);
  });

  test('given somebody to escalate to, then that role decides from then on, but nobody who is excluded', async () => {
    await startWaiting('escalated', {
      ...manager,
      excluded: ['otto'],
      dueIn: '2 days',
      escalateTo: { role: 'director', candidates: ['otto', 'dora'] },
    });
    await later('2 days');
    const { waitingFor, steps } = await until(
      () => record('escalated'),
      (known) => known.waitingFor[0]?.escalated === true,
    );

    expect(waitingFor[0]).toMatchObject({ role: 'director', candidates: ['dora'], escalated: true });
    expect(steps[0]).toMatchObject({ status: 'open', role: 'director', candidates: ['dora'] });
    expect(Date.parse(waitingFor[0]?.dueAt ?? '') - Date.parse(waitingFor[0]?.since ?? '')).toBeGreaterThanOrEqual(
      4 * 86_400_000,
    );
    expect(await refusalOf(decides('escalated', approves('anna')))).toMatchObject({ code: 'not-a-candidate' });
    expect(await refusalOf(decides('escalated', approves('otto')))).toMatchObject({ code: 'excluded' });
    await expect(decides('escalated', approves('dora'))).resolves.toMatchObject({ by: 'dora' });
    await ended(kit.client, 'escalated');
    expect(kit.systems.callsOf('escalated', 'bell.ring')).toEqual([]);
  });

  test('given everybody to escalate to is excluded, then those asked may still decide, and the administrator is told', async () => {
    await startWaiting('nobody-above', {
      ...manager,
      excluded: ['otto'],
      dueIn: '2 days',
      escalateTo: { role: 'director', candidates: ['otto'] },
    });
    await later('2 days');

    expect(await told('nobody-above', 'bell.ring')).toMatchObject([{ cause: overdue }]);
    expect(await openTask('nobody-above')).toMatchObject({ role: 'manager', candidates: ['anna', 'bert'] });
    await decides('nobody-above', approves('anna'));
    await ended(kit.client, 'nobody-above');
  });

  test('given nobody to escalate to, then the administrator is told, and again once it is decided', async () => {
    await startWaiting('overdue', { ...manager, dueIn: '2 days' });
    await later('2 days');

    expect(await told('overdue', 'bell.ring')).toEqual([
      { cause: overdue, caseId: 'overdue', text: 'Approve order waits for manager anna or bert' },
    ]);
    expect(kit.systems.callsOf('overdue', 'bell.hush')).toEqual([]);
    await decides('overdue', approves('anna'));
    await ended(kit.client, 'overdue');
    expect(await told('overdue', 'bell.hush')).toMatchObject([{ cause: overdue }]);
    expect(kit.systems.callsOf('overdue', 'bell.ring')).toHaveLength(1);
  });

  test('given it is escalated and still not decided, then the administrator is told; cancelled, that it is over', async () => {
    await startWaiting('twice-due', { ...manager, dueIn: '2 days', escalateTo: { role: 'director' } });
    await later('2 days');
    await until(
      () => openTask('twice-due'),
      (task) => task?.escalated === true,
    );
    const beforeSecondDue: Alert[] = kit.systems.callsOf('twice-due', 'bell.ring').map(({ input }) => input as Alert);
    await later('2 days');

    expect(beforeSecondDue).toEqual([]);
    expect(await told('twice-due', 'bell.ring')).toMatchObject([{ text: 'Approve order waits for director' }]);
    await cancelCase(kit.client, 'twice-due', { by: 'otto', reason: 'order withdrawn' });
    await ended(kit.client, 'twice-due');
    expect(await told('twice-due', 'bell.hush')).toMatchObject([{ cause: overdue }]);
  });
});
