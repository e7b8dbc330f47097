/** Workflows of which the source does not tell everything. */
import { executeChild, proxyActivities } from '@temporalio/workflow';
import type { Shop } from './shop';

const shop = proxyActivities<Shop>({ startToCloseTimeout: '1 minute' });

export async function flaggedDispatchTable(name: string): Promise<void> {
  const table = new Map<string, () => Promise<unknown>>([['pay', () => shop.pay()]]);
  await table.get(name)?.();
}

export async function flaggedComputedName(name: string): Promise<void> {
  const byName = proxyActivities({ startToCloseTimeout: '1 minute' });
  await byName[`do${name}`]?.();
  await executeChild(`child${name}`);
}

export async function flaggedRecursion(depth: number): Promise<void> {
  await shop.count();
  if (depth > 0) await flaggedRecursion(depth - 1);
}

export async function flaggedGenerator(): Promise<void> {
  for await (const counted of counts()) await shop.tell(String(counted));
}

async function* counts(): AsyncGenerator<number> {
  yield await shop.count();
}

export async function flaggedCallback(): Promise<void> {
  await new Promise<void>((resolve) => queueMicrotask(() => void shop.pay().then(() => resolve())));
}

const kept: { work?: () => Promise<unknown> } = {};

export async function flaggedStoredWork(): Promise<void> {
  kept.work = () => shop.ship();
  await kept.work();
}

export async function flaggedAny(): Promise<void> {
  const untyped = JSON.parse('{}') as { work(): Promise<void> };
  await untyped.work();
}

const tools: { work?: typeof shop.ship } = {};

export async function flaggedKeptActivity(): Promise<void> {
  tools.work = shop.ship;
  await tools.work();
}
