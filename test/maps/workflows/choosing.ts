/** Choices and loops. */
import * as temporal from '@temporalio/workflow';
import { ApplicationFailure, proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import type { Shop } from './shop';

const shop = proxyActivities<Shop>({ startToCloseTimeout: '1 minute' });
const { reserve, pay: payNow } = shop;
const quick = proxyLocalActivities<Shop>({ startToCloseTimeout: '1 second' });

export async function ifElse(isGift: boolean): Promise<string> {
  const isReserved = await reserve('book');
  if (isReserved && !isGift) {
    await payNow();
  } else if (isGift) await shop.ship();
  else {
    await shop.tell('sold out');
    return 'sold out';
  }
  await quick.tell();
  return 'done';
}

export async function ternariesAndShortCircuits(isGift: boolean, name?: string): Promise<void> {
  const paid = isGift ? 'paid' : await payNow();
  const found = name ?? (await shop.find())?.name;
  // oxlint-disable-next-line no-unused-expressions
  (await reserve('a')) && (await reserve('b'));
  if (paid === 'paid' || (await reserve('c'))) await shop.ship();
  let text: string | undefined;
  text ??= found === undefined ? undefined : ((await shop.find())?.name ?? 'nobody');
  // oxlint-disable-next-line typescript/prefer-nullish-coalescing
  text ||= String(await shop.count());
  await shop.tell(text);
}

export async function switchWithFallthrough(): Promise<void> {
  switch (await payNow()) {
    // @ts-expect-error -- it falls through
    case 'paid':
      await shop.ship();
    // falls through
    case 'later':
      await shop.tell('soon');
      break;
    default:
      await shop.release();
      return;
  }
  await quick.count();
}

export async function switchWithDefaultInTheMiddle(size: 'small' | 'large' | 'huge'): Promise<void> {
  switch (size) {
    case 'small':
      await shop.ship();
      break;
    // @ts-expect-error -- it falls through
    default:
      await shop.tell();
    // falls through
    case 'huge':
      await shop.pay();
  }
  await shop.count();
}

export async function switchOnTrue(amount: number): Promise<void> {
  // oxlint-disable-next-line typescript/switch-exhaustiveness-check
  switch (true) {
    case amount > 3:
      await shop.pay();
      break;
    case amount > 1:
      await shop.ship();
  }
  await shop.tell();
}

export async function earlyReturns(amount: number): Promise<number> {
  if (amount === 0) return 0;
  const counted = await shop.count();
  if (counted > 3) return shop.count();
  for (;;) {
    if ((await shop.count()) > 1) return 1;
    await shop.tell();
  }
}

export async function loopsOverLists(): Promise<void> {
  const items = await shop.items();
  for (const item of items) {
    if (!(await reserve(item))) continue;
    if ((await payNow()) === 'declined') break;
    await shop.ship();
  }
  for (let index = 0; index < items.length; index += 1) await shop.tell(items[index]);
  // oxlint-disable-next-line typescript/no-for-in-array
  for (const index in items) {
    if (index === '1') await shop.release();
  }
  await shop.count();
}

export async function whileLoops(): Promise<void> {
  let left = await shop.count();
  while (left > 0) {
    await shop.ship();
    left -= 1;
  }
  do {
    left = await shop.count();
  } while (left > 2);
  do await shop.tell();
  while (await reserve('more'));
  while ((await shop.count()) > 2) await shop.release();
}

export async function forWithAwaitedParts(): Promise<void> {
  for (let left = await shop.count(); left > (await shop.count()); left = await shop.count()) {
    if (left === 4) continue;
    await shop.tell();
  }
  for (let left = 3; left > 0; await shop.ship()) {
    left -= 1;
    if ((await shop.count()) > 2) continue;
    await shop.tell();
  }
}

export async function continuesBeforeTheCondition(): Promise<void> {
  outer: do {
    if ((await shop.count()) > 2) continue;
    for (const item of await shop.items()) {
      if (await reserve(item)) continue outer;
    }
    await shop.tell();
  } while ((await payNow()) === 'later');
  await shop.ship();
}

export async function labelledLoops(): Promise<void> {
  let rounds = 0;
  outer: for (;;) {
    rounds += 1;
    for (const item of await shop.items()) {
      const isReserved = await reserve(item);
      if (!isReserved) continue outer;
      if (rounds > 2) break outer;
      await shop.ship();
    }
    if (rounds > 3) break;
    await shop.tell();
  }
  block: {
    if ((await shop.count()) > 2) break block;
    await shop.pay();
  }
  await shop.release();
}

export async function throwsOfItsOwn(amount: number): Promise<void> {
  if (amount > 2) throw ApplicationFailure.nonRetryable('Too much', 'TooMuch');
  await shop.pay();
  if (amount < 1) throw temporal.ApplicationFailure.create({ message: 'Too little', nonRetryable: true });
  await shop.ship();
}

export async function conditionInTheCall(amount: number): Promise<void> {
  await (amount > 2 ? shop.pay : shop.count)();
  await shop[amount > 1 ? 'ship' : 'tell']();
  await temporal.sleep(amount > 0 ? 1000 : 2000);
}

export async function commaAndTemplate(): Promise<string> {
  const text = `${await shop.count()} of ${await payNow()}`;
  const list = [await shop.count(), ...(await shop.items())];
  const made = { count: await shop.count(), [await payNow()]: (await shop.find())?.name };
  await shop.tell(text + list.length + Object.keys(made).length);
  return text;
}
