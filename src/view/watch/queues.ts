import type { Client } from '@temporalio/client';
import { optionalTsToMs } from '@temporalio/common/lib/time';
import { askServer } from '../../kit/client/deadline';
import type { Trouble } from './incidents';

/**
 * Task queues that open cases need and that no worker asks for work any more, with the number of those cases; but for
 * queues of a name that the server cannot search for.
 * @throws NoServer
 */
export async function queuesWithoutWorker(client: Client, noWorkerMs: number): Promise<Trouble[]> {
  const without: Trouble[] = [];
  for await (const queue of queuesInUse(client)) {
    const lastAsked = await workerLastAsked(client, queue);
    if (lastAsked !== undefined && Date.now() - lastAsked <= noWorkerMs) continue;
    const seen = lastAsked === undefined ? 'none asked' : `the last asked at ${new Date(lastAsked).toISOString()}`;
    without.push({
      kind: 'no worker',
      about: queue,
      cases: await countOpen(client, queue),
      error: { type: 'no worker', message: `start a worker of task queue ${queue}; ${seen} for work` },
    });
  }
  return without;
}

/** The server does not group cases by task queue, so it is asked for one case of any other queue until there is none. */
async function* queuesInUse(client: Client): AsyncGenerator<string> {
  const known = new Set<string>();
  for (;;) {
    const others = known.size > 0 ? ` AND TaskQueue NOT IN (${[...known].map(quoted).join(', ')})` : '';
    const { executions } = await askServer(client, () =>
      client.workflowService.listWorkflowExecutions({
        namespace: client.options.namespace,
        query: `ExecutionStatus = 'Running'${others}`,
        pageSize: 1,
      }),
    );
    const queue = executions[0]?.taskQueue ?? '';
    if (queue === '' || known.has(queue)) return;
    if (!isSearchable(queue)) {
      yield* otherQueues(client, others, known);
      return;
    }
    known.add(queue);
    yield queue;
  }
}

/** Where one cannot be searched for, all open cases of other queues are read. */
async function* otherQueues(client: Client, others: string, known: Set<string>): AsyncGenerator<string> {
  const listed = client.workflow.list({ query: `ExecutionStatus = 'Running'${others}`, pageSize: 1_000 });
  for await (const { taskQueue } of listed) {
    if (known.has(taskQueue) || !isSearchable(taskQueue)) continue;
    known.add(taskQueue);
    yield taskQueue;
  }
}

/** Value of `TaskQueueType` in Temporal's API. */
const ofWorkflows = 1;

async function workerLastAsked(client: Client, queue: string): Promise<number | undefined> {
  const { pollers } = await askServer(client, () =>
    client.workflowService.describeTaskQueue({
      namespace: client.options.namespace,
      taskQueue: { name: queue },
      taskQueueType: ofWorkflows,
    }),
  );
  const times = pollers.map(({ lastAccessTime }) => optionalTsToMs(lastAccessTime) ?? 0);
  return times.length > 0 ? Math.max(...times) : undefined;
}

async function countOpen(client: Client, queue: string): Promise<number> {
  const { count } = await askServer(client, () =>
    client.workflowService.countWorkflowExecutions({
      namespace: client.options.namespace,
      query: `ExecutionStatus = 'Running' AND TaskQueue = ${quoted(queue)}`,
    }),
  );
  return Number(count);
}

/** However they are quoted, the server does not find a value with one of these characters, or fails. */
function isSearchable(value: string): boolean {
  return !/["\\\0]/.test(value);
}

function quoted(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}
