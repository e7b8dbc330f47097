import { defaultTaskQueue, decide, getCase, resolve, startCase, type CaseRecord } from '../../src/kit/client';
import { caseKeysAttribute, caseMemo, type CaseMemo } from '../../src/kit/contract';
import { ended, runKit, type RunningKit } from './fixtures/server';
import { until } from './fixtures/until';
import { answers, held, refuses } from './fixtures/systems';

let kit: RunningKit;
beforeAll(async () => (kit = await runKit('dev')));
afterAll(() => kit.tearDown());

const record = (caseId: string) => getCase(kit.client, caseId);
const brief = ({ steps }: CaseRecord) => steps.map(({ id, status }) => `${id} ${status}`);
const memoOf = async (caseId: string) => (await kit.client.workflow.getHandle(caseId).describe()).memo ?? {};
const sign = (caseId: string, round: number) =>
  decide(kit.client, caseId, { task: `signRound${round}`, decision: 'approve', by: 'anna' });
const open = (caseId: string, task: string) =>
  until(
    () => record(caseId),
    ({ waitingFor }) => waitingFor.some(({ name }) => name === task),
  );

describe('a case that goes on in a new run', () => {
  test('given steps, keys and decisions, then they go on, and so do occurrences and idempotency keys', async () => {
    const input = { round: 1, rounds: 2 };
    const started = await startCase(kit.client, { process: 'inRounds', caseId: 'rounds', keys: ['order:O-1'], input });
    await open('rounds', 'signRound1');
    await sign('rounds', 1);

    const second = await open('rounds', 'signRound2');

    expect(second.runId).not.toBe(started.runId);
    expect(second.startedAt < (second.steps.at(-1)?.startedAt ?? '')).toBe(true);
    expect(brief(second)).toEqual([
      'ledger.book/1 done',
      'signRound1/1 done',
      'ledger.book/2 done',
      'signRound2/1 open',
    ]);
    expect(second.keys).toEqual(['order:O-1', 'round:1', 'first:1', 'round:2']);
    expect(kit.systems.callsOf('rounds').map(({ key }) => key)).toEqual([
      'rounds~0/ledger.book/1',
      'rounds~0/ledger.book/2',
    ]);
    await expect(sign('rounds', 1)).resolves.toMatchObject({ task: 'signRound1/1', by: 'anna' });
    await sign('rounds', 2);
    const done = await ended(kit.client, 'rounds');
    expect(done).toMatchObject({ status: 'completed', outcome: 'booked B-2', startedAt: second.startedAt });
    const { searchAttributes } = await kit.client.workflow.getHandle('rounds').describe();
    expect(searchAttributes[caseKeysAttribute]).toEqual(done.keys);
  });

  test('given a decision sent for a task of a later run, then it counts there', async () => {
    await kit.start('inRounds', 'early', { round: 1, rounds: 2 });
    await open('early', 'signRound1');
    await kit.client.workflow
      .getHandle('early')
      .signal('decide', { task: 'signRound2', decision: 'approve', by: 'anna' });
    await sign('early', 1);

    await expect(ended(kit.client, 'early')).resolves.toMatchObject({ status: 'completed', outcome: 'booked B-2' });
  });

  test('given a memo of the author, and a restart number, then both are kept', async () => {
    const memo = { [caseMemo]: { restart: 3 } satisfies CaseMemo, ticket: 'T-7' };
    await kit.client.workflow.start('inRounds', {
      workflowId: 'memo',
      taskQueue: defaultTaskQueue,
      args: [{ round: 1, rounds: 2 }],
      memo,
    });
    await open('memo', 'signRound1');
    await sign('memo', 1);
    await open('memo', 'signRound2');

    expect(await memoOf('memo')).toMatchObject({ ticket: 'T-7', [caseMemo]: { restart: 3 } });
    expect((await record('memo')).restart).toBe(3);
    expect(kit.systems.callsOf('memo', 'ledger.book').map(({ key }) => key)).toEqual([
      'memo~3/ledger.book/1',
      'memo~3/ledger.book/2',
    ]);
    await sign('memo', 2);
    await ended(kit.client, 'memo');
  });

  test('given more steps than are kept, then the next run goes on counting', async () => {
    await kit.start('manyTimersInTwoRuns', 'many', { run: 1, howMany: 1_010 });
    await kit.client.workflow.getHandle('many').result();

    const { steps, stepsNotRecorded } = await ended(kit.client, 'many');

    expect(steps).toHaveLength(1_000);
    expect(steps[0]?.id).toBe('timer/1');
    expect(stepsNotRecorded).toBe(1_020);
  });

  test('given an alert not delivered yet and a timer still open, then the one is waited for and the other given up', async () => {
    const { behaviour, begun, release } = held(answers(undefined));
    kit.systems.plan('haste', 'ledger.book', refuses());
    kit.systems.plan('haste', 'bell.hush', behaviour);
    await kit.start('inHaste', 'haste', { round: 1 });
    await until(
      () => record('haste'),
      ({ status }) => status === 'incident',
    );
    await resolve(kit.client, 'haste', { step: 'ledger.book', action: 'fail', by: 'olga', reason: 'hopeless' });
    await begun;
    const { runId: oldRun } = await record('haste');
    release();
    const later = await until(
      () => record('haste'),
      ({ runId }) => runId !== oldRun,
    );

    expect(brief(later).sort()).toEqual([
      'bell.hush/1 done',
      'bell.ring/1 done',
      'ledger.book/1 failed',
      'timer/1 cancelled',
    ]);
    await kit.client.workflow.getHandle('haste').signal('proceed');
    await expect(ended(kit.client, 'haste')).resolves.toMatchObject({ status: 'completed' });
  });
});
