/** `try`, `catch`, `finally`, and what is undone. */
import { ActivityFailure, ApplicationFailure, isCancellation, proxyActivities, sleep } from '@temporalio/workflow';
import type { Shop } from './shop';

const shop = proxyActivities<Shop>({ startToCloseTimeout: '1 minute' });

export async function caught(): Promise<void> {
  try {
    await shop.pay();
    await shop.ship();
  } catch (error) {
    if (isCancellation(error)) throw error;
    await shop.refund();
  } finally {
    await shop.tell();
  }
  await shop.count();
}

export async function swallowed(): Promise<void> {
  try {
    await shop.pay();
    await shop.ship();
  } catch {
    // goes on all the same
  }
  await shop.tell();
}

export async function rethrown(): Promise<void> {
  try {
    try {
      await shop.pay();
    } catch (error) {
      await shop.release();
      throw ApplicationFailure.create({ message: 'Not paid', cause: error as Error });
    }
    await shop.ship();
  } catch (error) {
    await shop.tell();
    if ((await shop.count()) > 2) throw error;
  }
  await shop.refund();
}

export async function returnsInTryAndFinally(amount: number): Promise<string> {
  try {
    if (amount > 3) return 'nothing to do';
    await shop.pay();
    if (amount > 1) return await shop.pay();
  } catch {
    if (amount === 0) return 'failed';
    await shop.refund();
  } finally {
    await shop.tell();
  }
  return 'done';
}

export async function finallyThatReturns(): Promise<string> {
  for (const item of ['a', 'b']) {
    try {
      await shop.reserve(item);
      if ((await shop.count()) > 2) continue;
      await shop.ship();
      if ((await shop.count()) > 2) break;
    } finally {
      await shop.tell(item);
    }
  }
  try {
    await shop.pay();
  } finally {
    // oxlint-disable-next-line no-unsafe-finally
    if ((await shop.count()) > 1) return 'enough';
  }
  await shop.release();
  return 'paid';
}

export async function returnsWithoutAwait(): Promise<unknown> {
  try {
    if ((await shop.count()) > 2) return shop.pay();
    return await shop.find();
  } catch {
    await shop.tell();
    return 'failed';
  } finally {
    await shop.release();
  }
}

export async function failsInTheHandler(): Promise<void> {
  try {
    await shop.pay();
  } catch {
    await shop.refund();
    throw new ApplicationFailure('Not paid');
  } finally {
    await shop.tell();
    await shop.tell();
  }
}

export async function triesAgain(): Promise<void> {
  for (let attempt = 0; attempt < 3; attempt += 1) {
    try {
      await shop.pay();
      break;
    } catch (error) {
      if (!(error instanceof ActivityFailure)) throw error;
      await sleep(1000 * (attempt + 1));
    }
  }
  await shop.ship();
}

export async function saga(): Promise<void> {
  const undos: (() => Promise<void>)[] = [];
  try {
    undos.unshift(() => shop.release());
    await shop.reserve('book');
    undos.unshift(() => shop.refund());
    await shop.pay();
    await shop.ship();
  } catch (error) {
    for (const undo of undos) await undo();
    throw error;
  }
}

interface Undo {
  text: string;
  run: () => Promise<void>;
}

export async function sagaOfObjects(): Promise<string> {
  const undos: Undo[] = [];
  try {
    undos.push({ text: 'release', run: () => shop.release() });
    await shop.reserve('book');
    undos.push({ text: 'refund', run: shop.refund });
    await shop.pay();
    return 'done';
  } catch {
    await undoAll(undos);
    return 'undone';
  }
}

async function undoAll(undos: Undo[]): Promise<void> {
  for (const { text, run } of undos.reverse()) {
    try {
      await shop.tell(text);
      await run();
    } catch {
      await shop.count();
    }
  }
}

export async function failsAtOnce(amount: number): Promise<void> {
  const check = (least: number) => {
    if (amount < least) throw ApplicationFailure.nonRetryable('Too little');
  };
  try {
    check(1);
    await shop.pay();
    check(2);
    await shop.ship();
  } catch {
    await shop.tell();
  }
  check(4);
  await shop.count();
}

export async function finallyBesideOthers(): Promise<void> {
  const guarded = async (work: () => Promise<unknown>) => {
    try {
      await work();
    } finally {
      await shop.tell();
    }
  };
  try {
    await Promise.all([guarded(shop.pay), guarded(async () => shop.ship())]);
  } catch (error) {
    await shop.refund();
    throw error;
  } finally {
    await shop.count();
  }
}

export async function breaksOutOfTry(): Promise<void> {
  for (const item of await shop.items()) {
    try {
      if (await shop.reserve(item)) break;
    } catch {
      continue;
    } finally {
      await shop.tell();
    }
    await shop.release();
  }
  retry: for (;;) {
    try {
      for (;;) {
        if ((await shop.count()) > 1) break retry;
        if ((await shop.count()) > 1) continue retry;
        await shop.find();
      }
    } finally {
      await shop.release();
    }
  }
  await shop.ship();
}

export async function failureDecides(): Promise<string> {
  const failure = await shop.pay().then(
    () => undefined,
    (error: unknown) => error as Error,
  );
  if (failure instanceof ActivityFailure) {
    await shop.refund();
    return Promise.reject(ApplicationFailure.nonRetryable('Not paid'));
  }
  await shop.ship();
  return 'paid';
}

export async function aggregatesFailures(): Promise<void> {
  const failures: unknown[] = [];
  for (const work of [() => shop.pay(), () => shop.ship()]) {
    await work().catch((error: unknown) => void failures.push(error));
  }
  if (failures.length > 1) throw ApplicationFailure.nonRetryable('All failed');
  await shop.tell(String(failures.length));
}
