/** Workflows of which the source does not tell everything; `@map` as in `constructs.ts`. */
import { proxyActivities, startChild } from '@temporalio/workflow';

interface Activities {
  a(): Promise<string>;
  b(): Promise<string>;
}

const activities = proxyActivities<Activities>({ startToCloseTimeout: '1 minute' });
const { a } = activities;

/**
 * @map
 * byName[name]?
 *   yes:
 *     unknown
 *   no:
 * flag computed-name: The name of the activity is computed
 */
export async function computedActivity(name: string): Promise<void> {
  const byName: Record<string, (() => Promise<string>) | undefined> = activities;
  await byName[name]?.();
}

/**
 * @map
 * child "A child" goes on
 * flag computed-name: The name of the child workflow is computed
 */
export async function computedChild(name: string): Promise<void> {
  await startChild(name);
}

/**
 * @map
 * unknown
 * flag recursion: down calls itself
 */
export async function recursion(): Promise<void> {
  await down(3);
}

async function down(depth: number): Promise<void> {
  await a();
  if (depth > 0) await down(depth - 1);
}

/**
 * @map
 * unknown
 * flag unresolved-call: What desk.work calls is not told
 */
export async function givenFromOutside(desk: { work(): Promise<void> }): Promise<void> {
  await desk.work();
}

const kept: { work?: () => Promise<string> } = {};

/**
 * @map
 * unknown
 * flag unresolved-call: What kept.work calls is not told
 * flag not-mapped: a is not on the map
 */
export async function keptElsewhere(): Promise<void> {
  kept.work = () => a();
  await kept.work();
}

/**
 * @map
 * unknown
 * flag generator: steps is a generator
 */
export async function generator(): Promise<void> {
  for (const step of steps()) await step;
}

function* steps() {
  yield a();
}
