import { Client, Connection, WithStartWorkflowOperation, type WorkflowHandle } from '@temporalio/client';
import { defineSearchAttributeKey, SearchAttributeType, TypedSearchAttributes } from '@temporalio/common';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import pino from 'pino';
import { caseKeysAttribute, caseProcessAttribute } from '../../src/kit/contract';
import { whereabouts } from '../../src/kit/worker';
import { reportTo } from '../../src/platform/reporting';
import { workerSettings } from '../../src/platform/worker-settings';
import { approval, requirePaid, salaryInput, systems } from '../flows/systems';
import type { Driver, OnTemporal, Serving } from './engine';

/** A worker with the settings of ours. */
export async function serve(target: OnTemporal): Promise<Serving> {
  const { taskQueue, bundle, plugin, viewUrl, worker: options } = target;
  installRuntime();
  const connection = await connectNatively(target);
  const reporting = viewUrl === undefined ? undefined : reportTo(viewUrl, pino({ level: 'error' }));
  const worker = await Worker.create({
    connection,
    taskQueue,
    workflowBundle: { codePath: bundle },
    activities: systems,
    plugins: plugin ? [whereabouts(reporting && { report: reporting.report })] : [],
    ...workerSettings,
    shutdownForceTime: '2 minutes',
    ...options,
  });
  const running = worker.run();
  return {
    cached: () => worker.getStatus().numCachedWorkflows,
    async stop() {
      worker.shutdown();
      await running;
      await reporting?.close();
      await connection.close();
    },
  };
}

/** A client that sends the decision together with the start, which is the cheapest way. */
export async function connect(target: OnTemporal): Promise<Driver> {
  installRuntime();
  const { address, taskQueue, workflow, decidedBy, asCase, clientConnection = 'native' } = target;
  const connection = await (clientConnection === 'native' ? connectNatively(target) : Connection.connect({ address }));
  const client = new Client({ connection });
  const start = (workflowId: string) => ({
    workflowId,
    taskQueue,
    args: [salaryInput] as [unknown],
    ...(asCase && ofCase),
  });

  async function startDecided(id: string): Promise<WorkflowHandle> {
    if (decidedBy === 'signal') {
      return client.workflow.signalWithStart(workflow, { ...start(id), signal: 'decide', signalArgs: [approval] });
    }
    const startWorkflowOperation = new WithStartWorkflowOperation(workflow, {
      ...start(id),
      workflowIdConflictPolicy: 'FAIL',
    });
    await client.workflow.executeUpdateWithStart('decide', { args: [approval], startWorkflowOperation });
    return startWorkflowOperation.workflowHandle();
  }

  return {
    async run(id) {
      const handle = await startDecided(id);
      requirePaid(await handle.result());
    },
    async open(id) {
      await client.workflow.start(workflow, start(id));
    },
    async visit(id) {
      await client.workflow.getHandle(id).query('__stack_trace');
    },
    async collectGarbage() {
      await client.workflow.execute('collectGarbage', { workflowId: `collect-${Date.now()}`, taskQueue });
    },
    close: () => connection.close(),
  };
}

function connectNatively({ address, compression = 'gzip' }: OnTemporal): Promise<NativeConnection> {
  return NativeConnection.connect({ address, grpcCompression: { codec: compression } });
}

function installRuntime(): void {
  const logging = { filter: 'ERROR', forward: {} };
  Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [], telemetryOptions: { logging } });
}

/** What every case of ours is started with. */
const ofCase = {
  typedSearchAttributes: new TypedSearchAttributes([
    { key: defineSearchAttributeKey(caseProcessAttribute, SearchAttributeType.KEYWORD), value: 'salary' },
    {
      key: defineSearchAttributeKey(caseKeysAttribute, SearchAttributeType.KEYWORD_LIST),
      value: [`employee:${salaryInput.employee}`, `month:${salaryInput.month}`],
    },
  ]),
};
