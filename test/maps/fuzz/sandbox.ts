import { dirname } from 'node:path';
import { Script } from 'node:vm';
import { coresdk } from '@temporalio/proto';
import { TypedSearchAttributes } from '@temporalio/common';
import { msToTs } from '@temporalio/common/lib/time';
import { bundleWorkflowCode, DefaultLogger, type BundlerPlugin } from '@temporalio/worker';
import { ReusableVMWorkflowCreator } from '@temporalio/worker/lib/workflow/reusable-vm';
import { createUnsafeRandomSource } from '@temporalio/workflow/lib/random-helpers';
import { whereabouts } from '../../../src/kit/worker';

/** What happens to a workflow. */
export type Job = coresdk.workflow_activation.IWorkflowActivationJob;
/** What a workflow asks for. */
export type Command = coresdk.workflow_commands.IWorkflowCommand;

/** One run of a workflow in the sandbox of the SDK. */
export interface Run {
  /** Tells it what happened at that time, in milliseconds since 1970. A failure of the workflow task is thrown. */
  activate(at: number, jobs: Job[]): Promise<Command[]>;
  dispose(): Promise<void>;
}

export interface RunOptions {
  workflowType: string;
  runId: string;
  startedAt: number;
}

/** The longest that unknown workflow code may go on without awaiting anything, in milliseconds. */
const longest = 2000;

/** Nobody reads the stack traces of a fuzz. */
const noSourceMap = { version: 3, sources: [], names: [], mappings: '', file: '', sourceRoot: '' };

/** Workflows of a file, bundled with what records their steps; the same code that a worker runs. */
export class Sandbox {
  private constructor(private readonly creator: ReusableVMWorkflowCreator) {}

  /**
   * `activities`: names of those that local activities may have. `mayHang`: code that never awaits is stopped, by a watch
   * that costs more than the rest of a run.
   */
  static async of(workflowsPath: string, activities: Iterable<string>, mayHang: boolean): Promise<Sandbox> {
    const plugins: BundlerPlugin[] = [whereabouts()];
    const logger = new DefaultLogger('ERROR', () => undefined);
    const bundle = await bundleWorkflowCode({ workflowsPath, plugins, logger, webpackConfigHook: withOurTemporal });
    const filename = `${workflowsPath}.bundle.js`;
    const script = new Script(bundle.code, { filename });
    // Made so, and not by `create`, promises keep no stack traces, which would be most of what a run costs.
    const creator = new ReusableVMWorkflowCreator(
      script,
      { code: bundle.code, sourceMap: noSourceMap, filename },
      mayHang ? longest : (undefined as unknown as number),
      new Set(activities),
    );
    return new Sandbox(creator);
  }

  async start({ workflowType, runId, startedAt }: RunOptions): Promise<Run> {
    const startTime = new Date(startedAt);
    const workflow = await this.creator.createWorkflow({
      info: {
        workflowId: 'case',
        runId,
        workflowType,
        searchAttributes: {},
        typedSearchAttributes: new TypedSearchAttributes(),
        taskQueue: 'fuzz',
        namespace: 'default',
        firstExecutionRunId: runId,
        originalExecutionRunId: runId,
        startTime,
        runStartTime: startTime,
        taskTimeoutMs: 10_000,
        attempt: 1,
        historyLength: 3,
        historySize: 0,
        continueAsNewSuggested: false,
        targetWorkerDeploymentVersionChanged: false,
        currentBuildId: '',
        unsafe: {
          now: () => Date.now(),
          isReplaying: false,
          isReplayingHistoryEvents: false,
          random: createUnsafeRandomSource(Math.random),
        },
        priority: {},
      },
      randomnessSeed: [1, 2, 3],
      now: startedAt,
      showStackTraceSources: false,
    });
    return {
      async activate(at, jobs) {
        const completion = await workflow.activate(
          coresdk.workflow_activation.WorkflowActivation.fromObject({
            runId,
            timestamp: msToTs(at),
            historyLength: 3,
            jobs,
          }),
        );
        const failure = completion.failed?.failure;
        if (failure) throw new FailedWorkflowTask(failure.message ?? '');
        return completion.successful?.commands ?? [];
      },
      dispose: () => workflow.dispose(),
    };
  }
}

/** The workflow code is wrong: a worker would try again until it is mended. */
export class FailedWorkflowTask extends Error {
  override readonly name = 'FailedWorkflowTask';
}

/** Workflows of other projects run on the Temporal that records them. */
function withOurTemporal<Config extends { resolve?: { alias?: object } }>(config: Config): Config {
  const alias = Object.fromEntries(
    ['workflow', 'common'].map((name) => [
      `@temporalio/${name}`,
      dirname(require.resolve(`@temporalio/${name}/package.json`)),
    ]),
  );
  const { resolve } = config;
  return { ...config, resolve: { ...resolve, alias: { ...resolve?.alias, ...alias } } };
}
