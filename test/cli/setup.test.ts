import { Client } from '@temporalio/client';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { codecOfATest } from '../kit/fixtures/codec';
import { bundleFixtures, ended, runWorker } from '../kit/fixtures/server';
import { until } from '../kit/fixtures/until';
import { createSystems } from '../kit/fixtures/systems';
import { defaultTaskQueue, getCase } from '../../src/kit/client';
import { testDatabase } from '../support/postgres';
import { jsonOf, whereabouts } from './cli';

let server: TestWorkflowEnvironment;
let stopWorker: () => Promise<void>;

/** A server as anybody starts it, which knows nothing of us, with a worker of somebody else's that has the plugin. */
beforeAll(async () => {
  const path = process.env['TEST_TEMPORAL_CLI'] ?? '';
  server = await TestWorkflowEnvironment.createLocal({ server: { executable: { type: 'existing-path', path } } });
  const { activities } = createSystems();
  stopWorker = await runWorker(server, { workflowBundle: await bundleFixtures(), activities });
});
afterAll(async () => {
  await stopWorker();
  await server.teardown();
});

const type = (...words: string[]) => whereabouts(words, { TEMPORAL_ADDRESS: server.address });
const typeJson = async (...words: string[]) => JSON.parse((await type(...words, '--json')).stdout) as unknown;

test('on a server that was not set up, workflows of a plain client say where they are', async () => {
  const { client } = server;
  const start = (workflow: string, workflowId: string, ...args: unknown[]) =>
    client.workflow.start(workflow, { workflowId, taskQueue: defaultTaskQueue, args });
  await start('looksAgain', 'order-1', ['shelf', 'cellar']);
  await start('everyKind', 'order-2');
  await ended(client, 'order-1');
  await until(
    () => getCase(client, 'order-2'),
    ({ steps }) => steps.some(({ kind }) => kind === 'timer'),
  );

  expect(await typeJson('where', 'order-2')).toMatchObject({
    cases: [{ caseId: 'order-2', process: 'everyKind', answered: true, status: 'running' }],
  });
  expect(await typeJson('history', 'order-1')).toMatchObject({
    steps: [
      { id: 'look/1', status: 'done' },
      { id: 'look/2', status: 'done' },
    ],
  });
  expect(await typeJson('list', '--process', 'looksAgain')).toMatchObject({
    cases: [{ caseId: 'order-1', status: 'completed' }],
  });
  expect(await typeJson('list')).toMatchObject({ cases: [{ caseId: 'order-2' }, { caseId: 'order-1' }] });
  expect(await type('where', 'ordr-2')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('order-2') as string,
  });
});

test('a case whose payloads are encrypted is shown as far as the server knows it, and the others are', async () => {
  const codec = codecOfATest();
  const encrypting = new Client({ connection: server.connection, dataConverter: { payloadCodecs: [codec] } });
  const taskQueue = 'secret';
  const { activities } = createSystems();
  const options = { activities, taskQueue, dataConverter: { payloadCodecs: [codec] } };
  const stop = await runWorker(server, { workflowBundle: await bundleFixtures(), ...options });
  try {
    const args = [['shelf', 'cellar']];
    await encrypting.workflow.start('looksAgain', { workflowId: 'secret-1', taskQueue, args, memo: { of: 'secret' } });
    await ended(encrypting, 'secret-1');

    const where = await type('where', 'secret-1');
    expect(where).toMatchObject({ code: 0, stderr: '' });
    expect(where.stdout).toMatch(/^secret-1 +completed[^]*what it says is encrypted/);
    expect(await type('history', 'secret-1')).toMatchObject({
      code: 1,
      stderr: 'what case secret-1 says is encrypted; ask it with a client that has the codec of its worker\n',
    });
    await encrypting.workflow.start('bookQuietly', { workflowId: 'without-input', taskQueue });
    await ended(encrypting, 'without-input');
    for (const id of ['secret-1', 'without-input']) {
      expect(await type('decide', id, 'look', 'approve', '--comment', 'for all to read', '--by', 'E-1')).toEqual({
        code: 1,
        stdout: '',
        stderr: `what case ${id} says is encrypted; ask it with a client that has the codec of its worker\n`,
      });
    }
    expect(await typeJson('list', '--process', 'looksAgain')).toMatchObject({
      cases: [
        { caseId: 'secret-1', status: 'completed', answered: false, why: 'encrypted' },
        { caseId: 'order-1', answered: true },
      ],
    });
  } finally {
    await stop();
  }
});

test('setup says what it will change, changes nothing before somebody agrees, and finds nothing left to change', async () => {
  const on = `Temporal at ${server.address}:`;
  const told = [
    'This will be changed:',
    `  ${on} add the search attribute CaseProcess (Keyword) to namespace default`,
    `  ${on} add the search attribute CaseKeys (KeywordList) to namespace default`,
    `  ${on} keep finished cases of namespace default for 30 days instead of 24 hours`,
    '',
  ].join('\n');
  const refused = { code: 2, stdout: '', stderr: `${told}Nobody is there to agree.\nAdd --yes to have it changed.\n` };

  expect(await type('setup')).toEqual(refused);
  expect(await type('setup', '--yes')).toEqual({ code: 0, stdout: 'Changed.\n', stderr: told });
  expect(await type('setup')).toEqual({
    code: 0,
    stdout: `Nothing to change: Temporal at ${server.address}, namespace default.\n`,
    stderr: '',
  });
});

test('the view is built anew of the cases that the server has', async () => {
  const { url, drop } = await testDatabase();
  try {
    const env = { TEMPORAL_ADDRESS: server.address, VIEW_DATABASE_URL: url };
    const built = jsonOf<{ cases: number }>(await whereabouts(['view', 'rebuild', '--json'], env));
    const misspelt = await whereabouts(['view', 'rebild'], env);

    expect(built.cases).toBeGreaterThanOrEqual(2);
    expect([misspelt.code, misspelt.stderr]).toEqual([2, expect.stringContaining('There is no action rebild')]);
  } finally {
    await drop();
  }
});
