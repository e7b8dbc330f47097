import { Client, type WorkflowHandle } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker, type WorkflowBundle } from '@temporalio/worker';
import { caseMemo, idempotencyKeyHeader } from '../../src/kit/contract';
import { whereabouts } from '../../src/kit/worker';
import { freePort } from '../../src/platform/ports';
import { runWorker, until } from '../kit/fixtures/server';
import { devServer } from '../support/temporal';
import { bundleAhead } from './bundle';
import * as activities from './project/src/activities';

/** Two namespaces of one server; the worker of the first has the plugin. */
const namespaces = ['followed', 'plain'] as const;
type Namespace = (typeof namespaces)[number];

const plugins = (namespace: Namespace) => (namespace === 'plain' ? [] : [whereabouts()]);

interface Event {
  eventType: string;
  workflowExecutionContinuedAsNewEventAttributes?: { newExecutionRunId: string };
}

interface Run {
  workflowId: string;
  history: Awaited<ReturnType<WorkflowHandle['fetchHistory']>>;
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

interface Play {
  args: unknown[];
  memo?: Record<string, unknown>;
  play?: (workflow: WorkflowHandle, client: Client) => Promise<void>;
}

/** What happens to a workflow from outside, each thing once the workflow has nothing left to do. */
const plays: Record<string, Play> = {
  delivery: {
    args: ['a vase'],
    async play(workflow, client) {
      const child = client.workflow.getHandle(`${workflow.workflowId}-transport`);
      await atRest(workflow, 'EXTERNAL_WORKFLOW_EXECUTION_SIGNALED');
      await atRest(child, 'WORKFLOW_EXECUTION_SIGNALED');
      await child.signal('arrive');
      await atRest(workflow, 'CHILD_WORKFLOW_EXECUTION_COMPLETED');
      await expect(workflow.executeUpdate('changeAddress', { args: [''] })).rejects.toThrow();
      await workflow.executeUpdate('changeAddress', { args: ['the neighbour'] });
      await workflow.signal('decide', 'left');
    },
  },
  pickUp: {
    args: ['a vase'],
    async play(workflow) {
      await atRest(workflow, 'TIMER_FIRED');
      await workflow.cancel();
    },
  },
  rounds: { args: [1] },
  handOver: { args: [1], memo: { customer: 'C-1' } },
  refused: { args: ['a piano'] },
  broken: {
    args: ['a vase'],
    async play(workflow) {
      await atRest(workflow, 'WORKFLOW_TASK_FAILED');
      await workflow.terminate();
    },
  },
  ownHistory: {
    args: [],
    async play(workflow) {
      await atRest(workflow, 'ACTIVITY_TASK_COMPLETED');
      await workflow.signal('arrive');
    },
  },
  leavesWorkBehind: {
    args: [],
    async play(workflow) {
      await atRest(workflow, 'WORKFLOW_TASK_COMPLETED');
      await workflow.signal('arrive');
    },
  },
};
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

function eventsOf(history: Run['history'], reviver?: Parameters<typeof JSON.parse>[1]): Event[] {
  return (JSON.parse(historyToJSON(history), reviver) as { events: Event[] }).events;
}

/** Waits until an event of this type is in the history, and no workflow task is due, unless it is one that failed. */
async function atRest(workflow: WorkflowHandle, type: string): Promise<void> {
  await until(
    async () => eventsOf(await workflow.fetchHistory()).map(({ eventType }) => eventType.replace('EVENT_TYPE_', '')),
    (events) => {
      const due = events.lastIndexOf('WORKFLOW_TASK_SCHEDULED') > events.lastIndexOf('WORKFLOW_TASK_COMPLETED');
      return events.includes(type) && (!due || events.includes('WORKFLOW_TASK_FAILED'));
    },
  );
}

/** Ids and times, and what worker and server say of themselves. */
const incomparable = new RegExp(
  `(?:time|backoff|runId|requestId|taskId|updateId|messageId|instanceId|identity|stackTrace|namespace|namespaceId|
  historySizeBytes|workerVersion|sdkMetadata|resetPoints)$`.replaceAll(/\s/g, ''),
  'i',
);

/** The events of a run without what cannot be the same, and without what the plugin adds to events there are. */
function comparable({ history }: Run): Event[] {
  return eventsOf(history, (key, value: unknown) => {
    if (incomparable.test(key)) return undefined;
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

test('the server counts the same actions with the plugin and without', async () => {
  const metrics = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
  const [followed, plain] = namespaces.map((namespace) =>
    metrics
      .split('\n')
      .filter((line) => line.startsWith('action{') && line.includes(`namespace="${namespace}"`))
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
