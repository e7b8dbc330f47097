import { getHeapStatistics } from 'node:v8';
import type { WorkerOptions } from '@temporalio/worker';

const heapMegabytes = getHeapStatistics().heap_size_limit / 2 ** 20;

/** Where workers of ours differ from Temporal's: measured by `npm run bench`, see docs/performance.md. */
export const workerSettings = {
  workflowTaskPollerBehavior: { type: 'autoscaling', minimum: 1, initial: 5, maximum: 100 },
  /**
   * Cases kept in memory, some 0.2 MB each. More slow down new ones: the garbage collector goes over them all. Where the
   * heap is small, as many as take less than half of what is left of it.
   */
  maxCachedWorkflows: Math.min(1_000, Math.max(50, Math.floor(2 * (heapMegabytes - 200)))),
} satisfies Partial<WorkerOptions>;
