import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker, type WorkflowBundle } from '@temporalio/worker';
import { caseMemo, idempotencyKeyHeader } from '../../src/kit/contract';
import { whereabouts } from '../../src/kit/worker';
import { freePort } from '../../src/platform/ports';
import { runWorker } from '../kit/fixtures/server';
import { until } from '../kit/fixtures/until';
import { devServer } from '../support/temporal';
import { bundleAhead } from './bundle';
import { eventsOf, plays, type Event, type History } from './plays';
import * as activities from './project/src/activities';

/** Two namespaces of one server; the worker of the first has the plugin. */
const namespaces = ['followed', 'plain'] as const;
type Namespace = (typeof namespaces)[number];

const plugins = (namespace: Namespace) => (namespace === 'plain' ? [] : [whereabouts()]);

interface Run {
  workflowId: string;
  history: History;
}

let environment: TestWorkflowEnvironment;
let metricsPort: number;
let bundles: Record<Namespace, WorkflowBundle>;
let runs: Record<Namespace, Run[]>;
const stops: (() => Promise<void>)[] = [];

beforeAll(async () => {
  metricsPort = await freePort();
  const options = ['--metrics-port', String(metricsPort), ...namespaces.flatMap((name) => ['--namespace', name])];
  environment = await devServer([], options);
  bundles = { followed: await bundleAhead(plugins('followed')), plain: await bundleAhead(plugins('plain')) };
  const [followed = [], plain = []] = await Promise.all(namespaces.map(playAll));
  runs = { followed, plain };
}, 180_000);
afterAll(async () => {
  await Promise.all(stops.map((stop) => stop()));
  await environment.teardown();
});

const types = Object.keys(plays);

/** Plays every workflow to its end, and gives all their runs. */
async function playAll(namespace: Namespace): Promise<Run[]> {
  const client = new Client({ connection: environment.connection, namespace });
  const options = { namespace, taskQueue: 'parcels', workflowBundle: bundles[namespace], activities };
  stops.push(await runWorker(environment, options, plugins(namespace)));
  const played: Run[] = [];
  for (const [workflowId, { play, ...input }] of Object.entries(plays)) {
    const workflow = await client.workflow.start(workflowId, { workflowId, taskQueue: 'parcels', ...input });
    await play?.(workflow, client);
    if (workflowId === 'broken') await workflow.terminate();
    await workflow.result().catch(() => undefined);
    let runId: string | undefined = workflow.firstExecutionRunId;
    while (runId !== undefined) {
      const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
      played.push({ workflowId, history });
      runId = eventsOf(history).at(-1)?.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId;
    }
  }
  return played;
}

/** Ids and times, and what worker and server say of themselves. */
const incomparable = [
  ...['time', 'backoff', 'runId', 'requestId', 'taskId', 'updateId', 'messageId', 'instanceId', 'namespaceId'],
  ...['identity', 'stackTrace', 'namespace', 'historySizeBytes', 'workerVersion', 'sdkMetadata', 'resetPoints'],
];

function isIncomparable(field: string): boolean {
  return incomparable.some((name) => field.toLowerCase().endsWith(name.toLowerCase()));
}

/** The events of a run without what cannot be the same, and without what the plugin adds to events there are. */
function comparable({ history }: Run): Event[] {
  return eventsOf(history, (key, value: unknown) => {
    if (isIncomparable(key)) return undefined;
    if (typeof value !== 'object' || value === null) return value;
    if ('kind' in value && value.kind === 'TASK_QUEUE_KIND_STICKY') return undefined;
    // When a local activity was done, with its result beside it.
    if (key === 'data') return undefined;
    if (key === 'header' || key === 'memo') return othersOf(value);
    return value;
  });
}

interface Fields {
  fields?: Record<string, unknown>;
}

/** What others keep in a header or a memo; nothing for nothing. */
function othersOf({ fields = {} }: Fields): Record<string, unknown> | undefined {
  const { [caseMemo]: _, [idempotencyKeyHeader]: __, ...others } = fields;
  return Object.keys(others).length > 0 ? others : undefined;
}

test.each(types)('%s has the same history with the plugin and without, event by event', (type) => {
  const [followed, plain] = namespaces.map((namespace) =>
    runs[namespace].filter(({ workflowId }) => workflowId === type).map(comparable),
  );

  expect(followed).toEqual(plain);
});

/** The server tells of what it counted with a delay of up to a second. */
async function settledMetrics(): Promise<string> {
  let before = '';
  return until(
    async () => {
      await sleep(1_500);
      const lines = (await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text()).split('\n');
      return lines.filter((line) => line.startsWith('action{')).join('\n');
    },
    (now) => {
      const isSettled = now === before;
      before = now;
      return isSettled;
    },
  );
}

test('the server counts the same actions with the plugin and without', async () => {
  const metrics = await settledMetrics();
  const [followed, plain] = namespaces.map((namespace) =>
    metrics
      .split('\n')
      .filter((line) => line.includes(`namespace="${namespace}"`))
      .map((line) => line.replace(/namespace="[^"]*",/, ''))
      .sort(),
  );

  expect(followed).toEqual(plain);
  expect(plain?.join()).toContain('grpc_StartWorkflowExecution');
});

test.each(namespaces)('what ran %s replays with the plugin and without', async (recorded) => {
  for (const namespace of namespaces) {
    const options = { workflowBundle: bundles[namespace], plugins: plugins(namespace) };
    const replayed: string[] = [];
    for await (const { workflowId, error } of Worker.runReplayHistories(options, runs[recorded])) {
      if (error) throw error;
      replayed.push(workflowId);
    }
    expect(replayed.sort()).toEqual(runs[recorded].map(({ workflowId }) => workflowId).sort());
  }
});
