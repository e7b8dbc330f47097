import { NativeConnection, Worker, type WorkerOptions, type WorkflowBundle } from '@temporalio/worker';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { historyOf } from '../../../src/kit/client';
import { whereabouts } from '../../../src/kit/worker';
import { bundleAhead, workflowsPath } from '../../foreign/bundle';
import * as activities from '../../foreign/project/src/activities';
// Keeps what the SDK logs out of the tests' output.
import '../fixtures/server';
import { devServer } from '../../support/temporal';

const keepingResults = () => whereabouts({ results: true });

let environment: TestWorkflowEnvironment;
let connections: Record<'plain' | 'followed' | 'environment', NativeConnection>;
let workflowBundle: WorkflowBundle;

beforeAll(async () => {
  environment = await devServer([whereabouts()]);
  const { address, nativeConnection } = environment;
  connections = {
    plain: await NativeConnection.connect({ address }),
    followed: await NativeConnection.connect({ address, plugins: [keepingResults()] }),
    environment: nativeConnection,
  };
  workflowBundle = await bundleAhead([keepingResults(), whereabouts()]);
}, 120_000);
afterAll(async () => {
  await connections.plain.close();
  await connections.followed.close();
  await environment.teardown();
});

type To = keyof typeof connections;

/** Runs a workflow on a worker made so, and gives its steps, and how many interceptors its activities go through. */
async function follow(taskQueue: string, to: To, options: Partial<WorkerOptions>) {
  const { client } = environment;
  const worker = await Worker.create({ connection: connections[to], taskQueue, activities, ...options });
  const steps = await worker.runUntil(async () => {
    await client.workflow.execute('rounds', { workflowId: taskQueue, taskQueue, args: [2] });
    return historyOf(client, taskQueue);
  });
  const brief = steps.map(({ id, status, result }) =>
    [id, status, ...(result === undefined ? [] : [result])].join(' '),
  );
  return { steps: brief, interceptors: worker.options.interceptors.activity.length };
}

const collected = 'collect/1 done';
const withResult = `${collected} "collected at street 2"`;

test.each<[given: string, to: To, plugins: () => WorkerOptions['plugins']]>([
  ['the worker', 'plain', () => [whereabouts()]],
  ['the worker twice', 'plain', () => [whereabouts(), whereabouts()]],
  ['the connection', 'followed', () => []],
  ['the connection and the worker', 'followed', () => [whereabouts()]],
  ['the test environment', 'environment', () => []],
  ['the test environment and the worker', 'environment', () => [whereabouts()]],
])('given to the bundler and to %s, then each step is recorded once', async (given, to, plugins) => {
  const { steps, interceptors } = await follow(`ahead ${given}`, to, { workflowBundle, plugins: plugins() ?? [] });

  // Where the bundle is built ahead, it says whether results are kept.
  expect(steps).toEqual([withResult]);
  expect(interceptors).toBe(1);
});

test('given to a worker, then what else the worker is told of interceptors stays', () => {
  const activityInbound = [() => ({})];

  const { interceptors } = whereabouts().configureWorker({ taskQueue: 'told', interceptors: { activityInbound } });

  expect(interceptors).toMatchObject({ activityInbound, activity: [expect.any(Function)] });
});

test.each<[To, string]>([
  ['environment', collected],
  ['followed', withResult],
])('given to the %s and the worker, which bundles at its start, then results are kept as told', async (to, step) => {
  const { steps, interceptors } = await follow(`at start ${to}`, to, { workflowsPath, plugins: [whereabouts()] });

  expect(steps).toEqual([step]);
  expect(interceptors).toBe(1);
});
