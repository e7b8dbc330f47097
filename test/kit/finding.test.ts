import { Client } from '@temporalio/client';
import {
  cancelCase,
  decide,
  defaultTaskQueue,
  describeCase,
  findCases,
  getCase,
  listCases,
  restartCase,
  startCase,
  type CaseFilter,
  type NewCase,
} from '../../src/kit/client';
import { newApproval } from './fixtures/acting';
import { bundleFixtures, ended, runKit, runWorker, type RunningKit } from './fixtures/server';
import { until } from './fixtures/until';
import { refuses } from './fixtures/systems';

let kit: RunningKit;
let client: Client;
beforeAll(async () => {
  kit = await runKit('dev');
  ({ client } = kit);
});
afterAll(() => kit.tearDown());

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

describe('finding cases', () => {
  const ids = async (filter: CaseFilter) => (await findCases(client, filter)).map(({ record }) => record.caseId).sort();
  const find = (filter: CaseFilter, expected: string[]) =>
    until(
      () => ids(filter),
      (found) => JSON.stringify(found) === JSON.stringify(expected),
    );
  const strange = ["O'Brien", 'back\\slash', 'both\\\'"', '50%', 'zwei Wörter ✓'];
  const started = (process: string, caseId: string, keys: string[]) =>
    startCase(client, newApproval(caseId, { process, workflow: 'approval', keys }));

  beforeAll(async () => {
    kit.systems.plan('find-incident', 'ledger.book', refuses());
    await started('finding', 'find-waiting', ['order:O-1', 'customer:C-1']);
    await started('finding', 'find-cancelled', ['order:O-2', 'customer:C-1']);
    await startCase(client, {
      process: 'finding',
      workflow: 'book',
      caseId: 'find-incident',
      keys: ['order:O-3'],
      input: {},
    });
    await cancelCase(client, 'find-cancelled', enough);
    await ended(client, 'find-cancelled');
    await waits('find-waiting');
    await find({ process: 'finding', status: 'incident' }, ['find-incident']);
  });

  test('by process: then its cases, running ones first, newest first, then the ended', async () => {
    await find({ process: 'finding' }, ['find-cancelled', 'find-incident', 'find-waiting']);

    const found = await findCases(client, { process: 'finding' });
    expect(found.map(({ record }) => record.caseId)).toEqual(['find-incident', 'find-waiting', 'find-cancelled']);
    expect(found[0]).toMatchObject({ answered: true, record: { incidents: [{ step: 'ledger.book/1' }] } });
    expect(await ids({ process: 'nothing' })).toEqual([]);
  });

  test('by status: then those that are at it now', async () => {
    const process = 'finding';
    await find({ process, status: 'waiting' }, ['find-waiting']);
    await find({ process, status: 'incident' }, ['find-incident']);
    await find({ process, status: 'cancelled' }, ['find-cancelled']);
    await find({ process, status: 'open' }, ['find-incident', 'find-waiting']);
    await find({ process, status: 'completed' }, []);
  });

  test('by business key: then those that have it', async () => {
    await find({ key: 'customer:C-1' }, ['find-cancelled', 'find-waiting']);
    await find({ key: 'order:O-3', process: 'finding' }, ['find-incident']);
    await find({ key: 'order:O-3', process: 'approval' }, []);
  });

  test('by age and number: then no more and none younger', async () => {
    const { startedAt } = await describeCase(client, 'find-cancelled');

    await find({ process: 'finding', startedBefore: new Date(startedAt) }, ['find-waiting']);
    expect(await findCases(client, { process: 'finding', limit: 2 })).toHaveLength(2);
  });

  test('given a case was restarted, then it is found once, as it is now', async () => {
    await startAndCancel(newApproval('find-restarted', { process: 'restarted', workflow: 'approval' }));
    await restartCase(client, newApproval('find-restarted', { process: 'restarted', workflow: 'approval' }));
    await find({ process: 'restarted', status: 'open' }, ['find-restarted']);

    const found = await findCases(client, { process: 'restarted' });

    expect(found).toMatchObject([{ answered: true, record: { caseId: 'find-restarted', restart: 1 } }]);
    expect(await ids({ process: 'restarted', status: 'cancelled' })).toEqual([]);
  });

  test('by keys that hold quotes and the like: then exactly the cases that have them', async () => {
    for (const [index, value] of strange.entries()) await started('strange', `strange-${index}`, [`name:${value}`]);

    for (const [index, value] of strange.entries()) await find({ key: `name:${value}` }, [`strange-${index}`]);
  });

  test.each([
    `x' OR '1'='1`,
    `x' OR CaseProcess IS NOT NULL OR CaseProcess = 'x`,
    `\\' OR CaseProcess IS NOT NULL OR CaseProcess = \\'`,
    `x\\`,
    `'`,
    `"`,
    '`',
    `x'; DROP TABLE executions; --`,
    `') OR (CaseProcess IS NOT NULL`,
    '%',
    'x\ny',
    '\u0000',
  ])('given a value shaped like a query (%j), then nothing is found and nothing fails', async (value) => {
    expect(await ids({ process: value })).toEqual([]);
    expect(await ids({ key: value })).toEqual([]);
    expect(await ids({ key: value, process: 'finding' })).toEqual([]);
  });
});

describe('cases that another client started', () => {
  const ids = async (of: Client, filter?: CaseFilter) =>
    (await findCases(of, filter)).map(({ record }) => record.caseId).sort();
  /** Starts a workflow as any client does, which knows nothing of search attributes. */
  const startPlainly = (of: Client, workflow: string, workflowId: string, args: unknown[]) =>
    of.workflow.start(workflow, { workflowId, taskQueue: defaultTaskQueue, args });
  const untilListed = (of: Client, howMany: number, query: string) =>
    until(
      () => of.workflow.count(query),
      ({ count }) => count === howMany,
    );

  test('given no search attributes, then they are found under their workflow type and among all', async () => {
    await startPlainly(client, 'updateThenCall', 'plain', []);
    await startPlainly(client, 'approval', 'plain-approval', [{ role: 'manager' }]);
    await startCase(client, newApproval('said-approval'));
    await untilListed(client, 3, `WorkflowId IN ('plain', 'plain-approval', 'said-approval')`);

    expect(await ids(client, { process: 'updateThenCall' })).toEqual(['plain']);
    expect(await ids(client, { process: 'approval', status: 'open' })).toEqual(
      expect.arrayContaining(['plain-approval', 'said-approval']),
    );
    expect(await ids(client, { process: 'approval' })).not.toContain('find-waiting');
    expect(await ids(client)).toEqual(expect.arrayContaining(['plain', 'plain-approval', 'said-approval']));
    const listed = [];
    for await (const { caseId, process } of listCases(client)) listed.push({ caseId, process });
    expect(listed).toContainEqual({ caseId: 'plain', process: 'updateThenCall' });
  });

  test('given a namespace without the search attributes, then they are found by what there is', async () => {
    const namespace = 'plain';
    await client.workflowService.registerNamespace({
      namespace,
      workflowExecutionRetentionPeriod: { seconds: 86_400 as never },
    });
    const plain = new Client({ connection: kit.environment.connection, namespace });
    await until(
      () =>
        startPlainly(plain, 'approval', 'in-plain', [{ role: 'manager' }]).then(
          () => true,
          () => false,
        ),
      (started) => started,
    );
    await untilListed(plain, 1, '');
    const stop = await runWorker(kit.environment, { namespace, workflowBundle: kit.bundle });

    expect(await ids(plain)).toEqual(['in-plain']);
    expect(await ids(plain, { process: 'approval' })).toEqual(['in-plain']);
    expect(await ids(plain, { process: 'book' })).toEqual([]);
    expect(await ids(plain, { key: 'order:O-1' })).toEqual([]);
    await stop();
  });

  test('given one goes on in a new run, then it is one case, which started when its first run did', async () => {
    const process = 'inRounds';
    await startPlainly(client, process, 'rounds', [{ round: 1, rounds: 2 }]);
    await waits('rounds');
    await decide(client, 'rounds', { task: 'signRound1', decision: 'approve', by: 'anna' });
    const second = await until(
      () => getCase(client, 'rounds'),
      ({ waitingFor }) => waitingFor[0]?.name === 'signRound2',
    );
    await untilListed(client, 2, `WorkflowId = 'rounds'`);
    const { startedAt } = await describeCase(client, 'rounds');

    const found = [
      await findCases(client, { process }),
      await findCases(client, { process, startedBefore: new Date(startedAt) }),
      await findCases(client, { process, startedBefore: new Date(startedAt), status: 'waiting' }),
    ];

    for (const cases of found) expect(cases).toMatchObject([{ answered: true, record: { runId: second.runId } }]);
    expect(await ids(client, { process, startedBefore: new Date(second.startedAt) })).toEqual([]);
  });

  test('given a worker without the plugin, then it is found with what the server knows', async () => {
    const taskQueue = 'without the plugin';
    const stop = await runWorker(kit.environment, { taskQueue, workflowBundle: await bundleFixtures([]) }, []);
    await client.workflow.start('waitsForever', { workflowId: 'foreign', taskQueue });
    await untilListed(client, 1, `WorkflowId = 'foreign'`);

    const found = await findCases(client, { process: 'waitsForever' });
    const withIncident = await findCases(client, { process: 'waitsForever', status: 'incident' });

    await stop();
    expect(found).toEqual([
      {
        answered: false,
        why: 'not recorded',
        record: expect.objectContaining({ caseId: 'foreign', process: 'waitsForever', status: 'running', taskQueue }),
      },
    ]);
    expect(withIncident).toEqual([]);
  });
});
