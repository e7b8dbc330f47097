import { setTimeout as pause } from 'node:timers/promises';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { defaultTaskQueue } from '../../src/kit/client';

/** Begins a case with other workflow code than that of the project, which then cannot replay it. No other worker may run. */
export async function beginWithOtherCode(
  { client, nativeConnection, namespace = 'default' }: TestWorkflowEnvironment,
  workflow: string,
  caseId: string,
  input: unknown,
): Promise<void> {
  const worker = await Worker.create({
    ...{ connection: nativeConnection, namespace, taskQueue: defaultTaskQueue, maxCachedWorkflows: 0 },
    workflowsPath: require.resolve('./other-code-workflow'),
  });
  await worker.runUntil(async () => {
    const handle = await client.workflow.start(workflow, {
      ...{ workflowId: caseId, taskQueue: defaultTaskQueue, args: [input] },
    });
    while (!(await handle.fetchHistory()).events?.some(({ timerStartedEventAttributes: timer }) => timer)) {
      await pause(20);
    }
  });
}
