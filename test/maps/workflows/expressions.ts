/** Calls within expressions, and when they are made. */
import { proxyActivities } from '@temporalio/workflow';
import type { Shop } from './shop';

const shop = proxyActivities<Shop>({ startToCloseTimeout: '1 minute' });

export async function argumentsOfOptionalCalls(list?: number[]): Promise<void> {
  list?.push(await shop.count());
  await shop.tell(list?.at(await shop.count())?.toFixed(await shop.count()));
  await shop.ship();
}

export async function optionalElements(list?: string[]): Promise<void> {
  await shop.tell(list?.[await shop.count()]);
  await shop.ship();
}

export async function conditionsOfManyParts(amount: number): Promise<void> {
  const isFine =
    (amount > 3 && (await shop.reserve('a'))) || (amount < 2 ? await shop.reserve('b') : !(await shop.reserve('c')));
  if (isFine && (await shop.count()) > 1 && (await shop.pay()) === 'paid') await shop.ship();
  await shop.tell();
}

export async function ordersOfEvaluation(): Promise<void> {
  let left = 2;
  left += await shop.count();
  left = left > 3 ? (await shop.count(), await shop.pay(), 1) : left;
  const pair = [await shop.count(), left > 1 && (await shop.find()), `${(await shop.items()).length}`] as const;
  const { name } = (await shop.find()) ?? { name: String(await shop.count()) };
  await shop.tell(`${name} ${pair.length}`);
}

export async function casesThatCall(): Promise<void> {
  switch (await shop.count()) {
    case 1: {
      await shop.ship();
      return;
    }
    // @ts-expect-error -- it falls through
    case 2:
      if (await shop.reserve('a')) break;
      await shop.tell();
    // falls through
    case 3:
      for (const item of await shop.items()) {
        if (item === 'one') break;
        await shop.tell(item);
      }
      break;
  }
  await shop.release();
}
