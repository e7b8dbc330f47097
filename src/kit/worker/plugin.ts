import { SimplePlugin, type SimplePluginOptions } from '@temporalio/plugin';
import { Runtime, type BundleOptions, type Worker, type WorkerOptions } from '@temporalio/worker';
import type { CaseReport } from '../contract';
import { idempotencyKeys } from './idempotency';
import { reportTo, type PendingReports, type TakeReports } from './reports';

export interface WhereaboutsOptions {
  /**
   * Whether steps keep what calls and child workflows answered, as JSON of at most 200 characters, in workflows that do
   * not use the kit; they do not unless told, since it may be personal data. Where the bundle is built ahead, what is
   * told there holds. Calls by `system()` always keep it.
   */
  results?: boolean;
  /**
   * Takes what the worker tells of each case after each workflow task: called with at most 500 reports at once, the first
   * of them at most 50 ms old, one call at a time. Best effort, and nothing waits for it: what is not taken is tried again,
   * the newest of 10,000 cases are kept meanwhile. Where the bundle is built ahead, give it there, too, where it is not
   * called. Adds no event and no action.
   */
  report?: TakeReports;
}

/**
 * Follows every workflow of a worker: give it to `Worker.create`, and to `bundleWorkflowCode` when the bundle is built
 * ahead. Workflows then answer the queries `whereabouts`, `currentStep` and `history`, show their steps in the Temporal
 * UI, and their activities have an `idempotencyKey()`. Adds no event and no action. Given to the connection as well, or
 * twice, it is there once.
 */
export function whereabouts({ results = false, report }: WhereaboutsOptions = {}): SimplePlugin {
  const keepingResults = results ? [require.resolve('../workflow/results')] : [];
  const reporting = report ? [require.resolve('../workflow/reports')] : [];
  const options: SimplePluginOptions = {
    name: 'whereabouts',
    workerInterceptors: {
      workflowModules: [require.resolve('../workflow/interceptors'), ...keepingResults, ...reporting],
      activity: [idempotencyKeys],
    },
  };
  return new Whereabouts(options, report);
}

/**
 * Modules that keep nothing of a case, nor import one that does, and the libraries they import. All cases of a worker
 * share them; without that each case loads its own.
 */
export const sharedModules = [
  require.resolve('../contract'),
  require.resolve('../humanise'),
  require.resolve('../workflow/context'),
  require.resolve('../workflow/errors'),
  require.resolve('../workflow/hash'),
  require.resolve('../workflow/words'),
];

class Whereabouts extends SimplePlugin {
  private readonly reports: PendingReports | undefined;

  constructor(options: SimplePluginOptions, take: TakeReports | undefined) {
    super(options);
    this.reports = take && reportTo(take, () => Runtime.instance().logger);
  }

  override configureWorker(options: WorkerOptions): WorkerOptions {
    const activity = options.interceptors?.activity?.filter((interceptor) => interceptor !== idempotencyKeys) ?? [];
    const configured = super.configureWorker({ ...options, interceptors: { ...options.interceptors, activity } });
    const { reports } = this;
    const whereabouts = { report: { fn: (_: unknown, report: CaseReport) => reports?.add(report) } };
    return {
      ...configured,
      interceptors: { ...options.interceptors, ...configured.interceptors },
      sinks: { ...options.sinks, ...(reports || !options.sinks?.['whereabouts'] ? { whereabouts } : {}) },
    };
  }

  override async runWorker(worker: Worker, next: (worker: Worker) => Promise<void>): Promise<void> {
    try {
      await super.runWorker(worker, next);
    } finally {
      await this.reports?.flush();
    }
  }

  override configureBundler(options: BundleOptions): BundleOptions {
    const preloadModules = [...(options.preloadModules ?? []), ...sharedModules];
    return super.configureBundler({ ...options, preloadModules });
  }
}
