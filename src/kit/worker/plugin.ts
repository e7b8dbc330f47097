import { SimplePlugin } from '@temporalio/plugin';
import { idempotencyKeys } from './idempotency';

/**
 * Follows every workflow of a worker: give it to `Worker.create`, and to `bundleWorkflowCode` when the bundle is built
 * ahead. Workflows then answer the queries `whereabouts`, `currentStep` and `history`, show their steps in the Temporal
 * UI, and their activities have an `idempotencyKey()`. Adds no event and no action.
 */
export function whereabouts(): SimplePlugin {
  return new SimplePlugin({
    name: 'whereabouts',
    workerInterceptors: {
      workflowModules: [require.resolve('../workflow/interceptors')],
      activity: [idempotencyKeys],
    },
  });
}
