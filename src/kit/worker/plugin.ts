import { SimplePlugin } from '@temporalio/plugin';
import type { BundleOptions, WorkerOptions } from '@temporalio/worker';
import { idempotencyKeys } from './idempotency';

export interface WhereaboutsOptions {
  /**
   * Whether steps keep what calls and child workflows answered, as JSON of at most 200 characters, in workflows that do
   * not use the kit; they do not unless told, since it may be personal data. Where the bundle is built ahead, what is
   * told there holds. Calls by `system()` always keep it.
   */
  results?: boolean;
}

/**
 * Follows every workflow of a worker: give it to `Worker.create`, and to `bundleWorkflowCode` when the bundle is built
 * ahead. Workflows then answer the queries `whereabouts`, `currentStep` and `history`, show their steps in the Temporal
 * UI, and their activities have an `idempotencyKey()`. Adds no event and no action. Given to the connection as well, or
 * twice, it is there once.
 */
export function whereabouts({ results = false }: WhereaboutsOptions = {}): SimplePlugin {
  const keepingResults = results ? [require.resolve('../workflow/results')] : [];
  return new Whereabouts({
    name: 'whereabouts',
    workerInterceptors: {
      workflowModules: [require.resolve('../workflow/interceptors'), ...keepingResults],
      activity: [idempotencyKeys],
    },
  });
}

/**
 * Modules that keep nothing of a case, nor import one that does, and the libraries they import. All cases of a worker
 * share them; without that each case loads its own.
 */
export const sharedModules = [
  require.resolve('../contract'),
  require.resolve('../workflow/context'),
  require.resolve('../workflow/errors'),
  require.resolve('../workflow/hash'),
  require.resolve('../workflow/words'),
];

class Whereabouts extends SimplePlugin {
  override configureWorker(options: WorkerOptions): WorkerOptions {
    const activity = options.interceptors?.activity?.filter((interceptor) => interceptor !== idempotencyKeys) ?? [];
    const configured = super.configureWorker({ ...options, interceptors: { ...options.interceptors, activity } });
    return { ...configured, interceptors: { ...options.interceptors, ...configured.interceptors } };
  }

  override configureBundler(options: BundleOptions): BundleOptions {
    const preloadModules = [...(options.preloadModules ?? []), ...sharedModules];
    return super.configureBundler({ ...options, preloadModules });
  }
}
