import { setTimeout as sleep } from 'node:timers/promises';
import {
  DefaultLogger,
  IllegalStateError,
  makeTelemetryFilterString,
  NativeConnection,
  Runtime,
  TransportError,
  Worker,
} from '@temporalio/worker';
import { isGrpcServiceError } from '@temporalio/client';
import type { WorkerDeploymentVersion } from '@temporalio/common';
import type { Logger } from 'pino';
import { defaultTaskQueue } from '../kit/client';
import { idempotencyKey, whereabouts } from '../kit/worker';
import type { TemporalAddress } from './addresses';
import { reportTo } from './reporting';
import { connectSystems } from './systems';
import { UserError } from './user-error';
import { loadWorkflows } from './workflow-bundle';
import { workerSettings } from './worker-settings';

/** What a worker needs to know. */
export interface WorkerOptions {
  temporal: TemporalAddress;
  /** URL of each system by its name. */
  systemUrl: (name: string) => string;
  log: Logger;
  /** URL of the central view's database; without one nobody is told of the cases. */
  viewUrl?: string | undefined;
  /** The build that it is of; without one any worker may go on with any case. */
  version?: WorkerDeploymentVersion | undefined;
}

/**
 * The build that the environment says a worker is of: `TEMPORAL_WORKER_BUILD_ID` of the deployment
 * `TEMPORAL_DEPLOYMENT_NAME` (default `whereabouts`), the names that Temporal's Worker Controller sets; empty is not told.
 */
export function givenVersion(env: NodeJS.ProcessEnv = process.env): WorkerDeploymentVersion | undefined {
  const { TEMPORAL_WORKER_BUILD_ID: buildId, TEMPORAL_DEPLOYMENT_NAME: name = '' } = env;
  return buildId ? { deploymentName: name === '' ? 'whereabouts' : name, buildId } : undefined;
}

/** A worker that polls. */
export interface RunningWorker {
  /** Lets calls at work finish, takes no new ones, and resolves when it has stopped. */
  stop(): Promise<void>;
  /** Resolves when it was stopped, rejects when it cannot go on. */
  ended: Promise<void>;
}

/**
 * Start a worker for all processes, which calls the systems at their URLs. While Temporal cannot be reached it goes on
 * trying and says so in the log; `signal` ends that. With a version, cases stay with workers of the build they began with.
 */
export async function startWorker(
  { temporal, systemUrl, log, viewUrl, version }: WorkerOptions,
  signal?: AbortSignal,
): Promise<RunningWorker> {
  installRuntime(log);
  const connection = await connect(temporal, log, signal);
  const reporting = viewUrl === undefined ? undefined : reportTo(viewUrl, log);
  const close = async () => {
    await reporting?.close();
    await connection.close();
  };
  try {
    await requireNamespace(connection, temporal);
    const worker = await Worker.create({
      connection,
      namespace: temporal.namespace,
      taskQueue: defaultTaskQueue,
      workflowBundle: await loadWorkflows(),
      activities: activitiesOf(systemUrl),
      plugins: [whereabouts(reporting && { report: reporting.report })],
      ...(version && {
        workerDeploymentOptions: { version, useWorkerVersioning: true, defaultVersioningBehavior: 'PINNED' },
      }),
      ...workerSettings,
      shutdownGraceTime: '12 seconds',
      shutdownForceTime: '20 seconds',
    });
    reporting?.begin(version?.buildId ?? worker.options.buildId ?? '');
    const run = async () => {
      try {
        await worker.run();
      } finally {
        await close();
      }
    };
    const ended = run();
    ended.catch(() => undefined);
    return {
      ended,
      async stop() {
        if (worker.getState() === 'RUNNING') worker.shutdown();
        await ended.catch((error: unknown) => log.warn({ error: String(error) }, 'the worker ended badly'));
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The SDK and its core log warnings to our log, and leave signals to us: systems and servers stop after the worker. */
function installRuntime(log: Logger): void {
  const logger = new DefaultLogger('WARN', ({ level, message, meta }) => {
    log[level === 'ERROR' ? 'error' : 'warn'](meta ?? {}, message);
  });
  try {
    const logging = { filter: makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' }), forward: {} };
    Runtime.install({ logger, shutdownSignals: [], telemetryOptions: { logging } });
  } catch (error) {
    if (!(error instanceof IllegalStateError)) throw error;
  }
}

async function connect({ connection }: TemporalAddress, log: Logger, signal?: AbortSignal): Promise<NativeConnection> {
  for (let attempt = 0; ; attempt++) {
    signal?.throwIfAborted();
    try {
      return await NativeConnection.connect(connection);
    } catch (error) {
      if (!(error instanceof TransportError)) throw error;
      const seconds = Math.min(2 ** attempt, 15);
      log.warn(`Temporal at ${connection.address} cannot be reached (${error.message}); trying again in ${seconds} s`);
      await sleep(seconds * 1000, undefined, { signal });
    }
  }
}

/** What workflows may call, under the names they call it by: `<system>.<operation>`. */
function activitiesOf(systemUrl: (name: string) => string): Record<string, (...args: never[]) => Promise<unknown>> {
  return Object.fromEntries(
    Object.entries(connectSystems(systemUrl, idempotencyKey)).flatMap(([name, operations]) =>
      Object.entries(operations).map(([operation, call]) => [`${name}.${operation}`, call]),
    ),
  );
}

/** Asked before there is a worker: one that was refused for it would leave threads behind. */
async function requireNamespace(native: NativeConnection, { connection, namespace }: TemporalAddress): Promise<void> {
  try {
    await native.workflowService.describeNamespace({ namespace });
  } catch (error) {
    if (!isGrpcServiceError(error) || Number(error.code) !== notFound) throw error;
    throw new UserError(
      `The Temporal server at ${connection.address} has no namespace ${namespace}.`,
      'Make it with: npx whereabouts setup. Or name another with TEMPORAL_NAMESPACE.',
    );
  }
}

/** Code of gRPC. */
const notFound = 5;
