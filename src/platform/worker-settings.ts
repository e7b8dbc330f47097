import type { WorkerOptions } from '@temporalio/worker';

/** Where workers of ours differ from Temporal's: measured by `npm run bench`, see docs/performance.md. */
export const workerSettings = {
  workflowTaskPollerBehavior: { type: 'autoscaling', minimum: 1, initial: 5, maximum: 100 },
  /** Cases kept in memory, some 0.2 MB each. More slow down new ones: the garbage collector goes over them all. */
  maxCachedWorkflows: 1_000,
} satisfies Partial<WorkerOptions>;
