import {
  ApplicationFailure,
  Client,
  WorkflowFailedError,
  WorkflowUpdateFailedError,
  type WorkflowClientInterceptor,
} from '@temporalio/client';
import {
  cancelCase,
  CaseClosed,
  CodeFails,
  decide,
  describeCase,
  findCases,
  getCase,
  historyOf,
  NoAnswer,
  NoSuchCase,
  Refused,
  resolve,
  restartCase,
  resultOf,
  signalDecision,
  signalResolution,
  startCase,
  StartRefused,
  type Decision,
  type NewCase,
  type Resolution,
} from '../../src/kit/client';
import { newApproval } from './fixtures/acting';
import { ended, runKit, type RunningKit } from './fixtures/server';
import { until } from './fixtures/until';
import { refuses, stumbles } from './fixtures/systems';

let kit: RunningKit;
let client: Client;
beforeAll(async () => {
  kit = await runKit('dev');
  ({ client } = kit);
});
afterAll(() => kit.tearDown());

const approves: Decision = { task: 'approveOrder', decision: 'approve', by: 'anna' };
const retries: Resolution = { step: 'ledger.book', action: 'retry', by: 'olga', reason: 'mended' };
const enough = { by: 'otto', reason: 'enough of it' };

const waits = (caseId: string) =>
  until(
    () => getCase(client, caseId),
    ({ status }) => status === 'waiting',
  );

async function startAndCancel(newCase: NewCase): Promise<void> {
  await startCase(client, newCase);
  await cancelCase(client, newCase.caseId, enough);
  await ended(client, newCase.caseId);
}

async function startAndComplete(caseId: string): Promise<void> {
  await startCase(client, newApproval(caseId));
  await waits(caseId);
  await decide(client, caseId, approves);
  await ended(client, caseId);
}

test('given a worker that ends a task without a word on a decision, then it is sent again', async () => {
  let sent = 0;
  const unprocessed = ApplicationFailure.nonRetryable('not processed by the worker', 'UnprocessedUpdate');
  const interceptor: WorkflowClientInterceptor = {
    startUpdate(input, next) {
      sent += 1;
      if (sent < 3) throw new WorkflowUpdateFailedError('rejected by the server', unprocessed);
      return next(input);
    },
  };
  const { connection, options } = client;
  const unheard = new Client({ connection, namespace: options.namespace, interceptors: { workflow: [interceptor] } });
  await startCase(client, newApproval('unheard'));
  await waits('unheard');

  expect(await decide(unheard, 'unheard', approves)).toMatchObject({ by: 'anna' });
  expect(sent).toBe(3);
  sent = -Infinity;
  await expect(decide(unheard, 'unheard', approves)).rejects.toThrow(NoAnswer);
});

describe('starting a case', () => {
  test('given none of its id, then it is started; again, then it is found', async () => {
    const first = await startCase(client, newApproval('start-twice'));
    const second = await startCase(client, newApproval('start-twice', { input: { role: 'somebody else' } }));

    expect(first).toEqual({ caseId: 'start-twice', runId: expect.any(String) as string, existed: false });
    expect(second).toEqual({ ...first, existed: true });
    expect((await waits('start-twice')).waitingFor[0]?.role).toBe('manager');
  });

  test('given two at once, then it is one case', async () => {
    const started = await Promise.all([1, 2].map(() => startCase(client, newApproval('start-at-once'))));

    expect(started.map(({ existed }) => existed).sort()).toEqual([false, true]);
    expect(new Set(started.map(({ runId }) => runId)).size).toBe(1);
  });

  test('given it has ended well, then it is found', async () => {
    await startAndComplete('start-ended');

    await expect(startCase(client, newApproval('start-ended'))).resolves.toMatchObject({ existed: true });
  });

  test('given it was cancelled, was terminated or has failed, then it is refused and says how to restart it', async () => {
    await startAndCancel(newApproval('start-cancelled'));
    await startCase(client, newApproval('start-terminated'));
    await client.workflow.getHandle('start-terminated').terminate();
    await startCase(client, { process: 'failing', caseId: 'start-failed', keys: [], input: undefined });
    await ended(client, 'start-failed');

    for (const [caseId, how] of [
      ['start-cancelled', 'was cancelled'],
      ['start-terminated', 'was terminated'],
      ['start-failed', 'has failed'],
    ] as const) {
      const refused = startCase(client, newApproval(caseId));
      await expect(refused).rejects.toThrow(StartRefused);
      await expect(refused).rejects.toThrow(
        `case ${caseId} ${how}; restart it: npx whereabouts restart ${caseId} --by <person>`,
      );
    }
  });

  test('given keys that the server would drop, then it is refused and says how they look', async () => {
    const keys = { employee: 'E-1' } as unknown as string[];

    const refused = startCase(client, { ...newApproval('start-keys'), keys });

    await expect(refused).rejects.toThrow(
      'keys must be a list of texts such as "employee:E-1001", not {"employee":"E-1"}',
    );
  });

  test('given a namespace without the search attributes, then it is refused and says what to run', async () => {
    await client.workflowService.registerNamespace({
      namespace: 'bare',
      workflowExecutionRetentionPeriod: { seconds: 86_400 as never },
    });
    const bare = new Client({ connection: kit.environment.connection, namespace: 'bare' });
    const start = () =>
      startCase(bare, newApproval('start-bare')).then(
        () => new Error('was not refused'),
        (error: unknown) => error,
      );

    const refused = await until(start, (error) => error instanceof StartRefused);

    expect((refused as Error).message).toBe(
      'the Temporal server lacks the search attributes CaseProcess, CaseKeys; run: npx whereabouts setup',
    );
  });
});

describe('restarting a case', () => {
  test('given it was cancelled, then it runs again with other input, and each restart counts', async () => {
    await startAndCancel(newApproval('restart'));

    const first = await restartCase(client, newApproval('restart', { input: { role: 'director' } }));
    const record = await waits('restart');
    await cancelCase(client, 'restart', enough);
    await ended(client, 'restart');
    const second = await restartCase(client, newApproval('restart'));

    expect(first).toEqual({ caseId: 'restart', runId: record.runId, restart: 1 });
    expect(record).toMatchObject({ restart: 1, waitingFor: [{ role: 'director' }] });
    expect(second.restart).toBe(2);
    await expect(describeCase(client, 'restart')).resolves.toMatchObject({ restart: 2, status: 'running' });
  });

  test('given two at once, then one restarts it and the other is refused', async () => {
    await startAndCancel(newApproval('restart-at-once'));

    const outcomes = await Promise.allSettled([1, 2].map(() => restartCase(client, newApproval('restart-at-once'))));

    const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []));
    expect(refused).toEqual([expect.any(StartRefused)]);
    await expect(describeCase(client, 'restart-at-once')).resolves.toMatchObject({ restart: 1 });
  });

  test('given it runs, has ended well or does not exist, then it is refused', async () => {
    await startCase(client, newApproval('restart-running'));
    await startAndComplete('restart-ended');

    await expect(restartCase(client, newApproval('restart-running'))).rejects.toThrow(
      new StartRefused('restart-running', 'case restart-running still runs; cancel it first'),
    );
    await expect(restartCase(client, newApproval('restart-ended'))).rejects.toThrow(
      new StartRefused('restart-ended', 'case restart-ended has ended well'),
    );
    await expect(restartCase(client, newApproval('restart-none'))).rejects.toThrow(new NoSuchCase('restart-none'));
  });
});

describe('a message to a case', () => {
  test('given there is no such case, then every function says so', async () => {
    const answers = [
      decide(client, 'nobody', approves),
      signalDecision(client, 'nobody', approves),
      resolve(client, 'nobody', retries),
      signalResolution(client, 'nobody', retries),
      cancelCase(client, 'nobody', enough),
      getCase(client, 'nobody'),
      historyOf(client, 'nobody'),
      describeCase(client, 'nobody'),
      resultOf(client, 'nobody'),
    ];

    for (const answer of await Promise.allSettled(answers)) {
      expect(answer).toEqual({ status: 'rejected', reason: new NoSuchCase('nobody') });
    }
  });

  test('given the case is closed, then messages say so, and questions are answered', async () => {
    await startAndComplete('closed');
    const messages = [
      decide(client, 'closed', approves),
      signalDecision(client, 'closed', approves),
      resolve(client, 'closed', retries),
      signalResolution(client, 'closed', retries),
      cancelCase(client, 'closed', enough),
    ];

    for (const answer of await Promise.allSettled(messages)) {
      expect(answer).toEqual({ status: 'rejected', reason: new CaseClosed('closed') });
    }
    await expect(getCase(client, 'closed')).resolves.toMatchObject({ status: 'completed' });
    await expect(historyOf(client, 'closed')).resolves.toMatchObject([{ id: 'approveOrder/1', status: 'done' }]);
    await expect(resultOf(client, 'closed')).resolves.toMatchObject({ decision: 'approve', by: 'anna' });
  });

  test('given no worker, then what needs an answer gets none in time, and the server still says what it knows', async () => {
    const taskQueue = 'nobody works here';
    await startCase(client, newApproval('no-worker', { process: 'unattended', taskQueue, keys: ['order:O-9'] }));

    await until(
      () => client.workflow.count(`CaseProcess = 'unattended'`),
      ({ count }) => count === 1,
    );
    const found = findCases(client, { process: 'unattended' });
    const answers = await Promise.allSettled([
      decide(client, 'no-worker', approves),
      resolve(client, 'no-worker', retries),
      getCase(client, 'no-worker'),
      historyOf(client, 'no-worker'),
    ]);

    for (const answer of answers) expect(answer).toEqual({ status: 'rejected', reason: new NoAnswer('no-worker') });
    await expect(describeCase(client, 'no-worker')).resolves.toMatchObject({
      process: 'unattended',
      keys: ['order:O-9'],
      status: 'running',
      retrying: [],
    });
    await expect(found).resolves.toMatchObject([
      { answered: false, record: { caseId: 'no-worker', status: 'running' } },
    ]);
  });

  test('given a signal while no worker runs, then it counts as soon as one does', async () => {
    await startCase(client, newApproval('signalled'));
    await waits('signalled');
    await kit.stopWorker();
    await signalDecision(client, 'signalled', approves);
    await kit.startWorker();

    await expect(resultOf(client, 'signalled')).resolves.toMatchObject({ by: 'anna' });
  });

  test('given a workflow that takes no decisions, then it is refused in words', async () => {
    await startCase(client, { process: 'waitsForever', caseId: 'foreign', keys: [], input: undefined });

    const refused = decide(client, 'foreign', approves);

    await expect(refused).rejects.toThrow(Refused);
    await expect(refused).rejects.toThrow(/^case foreign takes no such message/);
  });

  test('given the workflow code fails, then it is said so', async () => {
    await startCase(client, { process: 'buggy', caseId: 'buggy', keys: [], input: undefined });
    await until(
      () => client.workflow.getHandle('buggy').describe(),
      ({ raw }) => (raw.pendingWorkflowTask?.attempt ?? 0) > 2,
    );

    await expect(getCase(client, 'buggy')).rejects.toThrow(new CodeFails('buggy'));
    await client.workflow.getHandle('buggy').signal('hurry');
    await expect(resultOf(client, 'buggy')).resolves.toBe('mended');
  });

  test('given a case is cancelled, then its history says who asked and why; asking twice is no error', async () => {
    kit.systems.plan('cancelled', 'ledger.close', refuses());
    await startCase(client, { process: 'undoes', caseId: 'cancelled', keys: [], input: undefined });
    await until(
      () => getCase(client, 'cancelled'),
      ({ steps }) => steps.length > 0,
    );
    await cancelCase(client, 'cancelled', enough);
    await until(
      () => getCase(client, 'cancelled'),
      ({ status }) => status === 'incident',
    );
    await cancelCase(client, 'cancelled', { by: 'anna', reason: 'me too' });

    const { events } = await client.workflow.getHandle('cancelled').fetchHistory();
    const asked = events?.flatMap(({ workflowExecutionCancelRequestedEventAttributes: request }) => request ?? []);
    expect(asked?.[0]).toMatchObject({ cause: 'otto: enough of it', identity: 'otto' });
    await resolve(client, 'cancelled', { ...retries, step: 'ledger.close', action: 'skip' });
    await expect(ended(client, 'cancelled')).resolves.toMatchObject({ status: 'cancelled' });
  });

  test('given a call is being tried again, then the server says how often and what went wrong last', async () => {
    kit.systems.plan('retrying', 'ledger.book', stumbles('service-unavailable', 'closed until noon'));
    const input = { retry: { initialInterval: 20, backoffCoefficient: 100, maximumAttempts: 5 } };
    await startCase(client, { process: 'book', caseId: 'retrying', keys: [], input });

    const { retrying } = await until(
      () => describeCase(client, 'retrying'),
      (known) => (known.retrying[0]?.attempt ?? 0) > 2,
    );

    expect(retrying).toEqual([{ activity: 'ledger.book', attempt: 3, lastError: 'closed until noon' }]);
    await cancelCase(client, 'retrying', enough);
    await ended(client, 'retrying');
  });

  test('given a case fails, then its result is the failure', async () => {
    await startCase(client, { process: 'failing', caseId: 'result-of-failed', keys: [], input: undefined });

    await expect(resultOf(client, 'result-of-failed')).rejects.toThrow(WorkflowFailedError);
  });
});
