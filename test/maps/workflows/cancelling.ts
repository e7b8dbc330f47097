/** Scopes and their cancellation. */
import { CancellationScope, CancelledFailure, isCancellation, proxyActivities, sleep } from '@temporalio/workflow';
import type { Shop } from './shop';

const shop = proxyActivities<Shop>({ startToCloseTimeout: '1 minute' });
const patient = proxyActivities<Shop>({
  startToCloseTimeout: '1 minute',
  cancellationType: 'WAIT_CANCELLATION_COMPLETED',
});

export async function undoesWhenCancelled(): Promise<void> {
  try {
    await shop.pay();
    await patient.ship();
    await shop.tell();
  } catch (error) {
    if (isCancellation(error)) await CancellationScope.nonCancellable(() => shop.refund());
    throw error;
  }
}

export async function atMostThreeSeconds(): Promise<void> {
  try {
    await CancellationScope.withTimeout('3 seconds', async () => {
      await shop.pay();
      await shop.ship();
    });
  } catch (error) {
    if (!isCancellation(error)) throw error;
    await shop.tell('late');
  }
  await shop.count();
}

export async function cancelsItsOwnScope(): Promise<void> {
  const scope = new CancellationScope();
  const work = scope.run(async () => {
    await shop.pay();
    await shop.ship();
  });
  await sleep('1 second');
  scope.cancel();
  try {
    await work;
  } catch (error) {
    if (!(error instanceof CancelledFailure) && !isCancellation(error)) throw error;
    await shop.tell();
  }
}

export async function cancelsFromWithin(): Promise<void> {
  try {
    await CancellationScope.cancellable(async () => {
      const paying = shop.pay();
      if ((await shop.count()) > 2) CancellationScope.current().cancel();
      await paying;
      await shop.ship();
    });
  } catch {
    await shop.refund();
  }
  await shop.tell();
}

export async function cancelsTheLosers(): Promise<void> {
  const scope = new CancellationScope();
  await scope.run(async () => {
    const winner = await Promise.race([shop.pay(), patient.find(), sleep('2 seconds')]);
    scope.cancel();
    return winner;
  });
  await shop.tell();
}

export async function waitsForCancellation(): Promise<void> {
  const scope = CancellationScope.current();
  await Promise.race([scope.cancelRequested.catch(() => undefined), sleep('5 seconds'), shop.pay()]);
  await CancellationScope.nonCancellable(async () => {
    await shop.refund();
    await shop.tell();
  });
}

export async function goesOnInSpiteOfCancellation(): Promise<void> {
  await CancellationScope.nonCancellable(async () => {
    await shop.pay();
    await shop.ship();
  });
  await shop.tell();
}

export async function timeoutInALoop(): Promise<void> {
  for (let round = 0; round < 3; round += 1) {
    try {
      await CancellationScope.withTimeout(500, () => shop.pay());
      break;
    } catch (error) {
      if (!isCancellation(error)) throw error;
    }
    await shop.tell();
  }
  await shop.ship();
}

export async function scopesWithinScopes(): Promise<void> {
  const inner = new CancellationScope({ cancellable: false });
  try {
    await CancellationScope.cancellable(async () => {
      const shipping = inner.run(() => shop.ship());
      await sleep('1 second');
      if ((await shop.count()) > 2) CancellationScope.current().cancel();
      await Promise.all([shipping, shop.find()]);
    });
  } finally {
    await CancellationScope.nonCancellable(async () => {
      await shop.release();
    });
  }
}

export async function cancelledFromASibling(): Promise<void> {
  const scope = new CancellationScope();
  await Promise.allSettled([
    scope.run(async () => {
      try {
        await shop.pay();
        await shop.find();
      } catch {
        await CancellationScope.nonCancellable(() => shop.refund());
      }
    }),
    (async () => {
      await shop.count();
      scope.cancel();
      await shop.tell();
    })(),
  ]);
  await shop.release();
}
