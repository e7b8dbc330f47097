/** Work beside other work. */
import { proxyActivities, proxyLocalActivities, sleep } from '@temporalio/workflow';
import type { Shop } from './shop';

const { reserve, pay, ship, count, items, find, tell, release, refund } = proxyActivities<Shop>({
  startToCloseTimeout: '1 minute',
});
const quick = proxyLocalActivities<Shop>({ startToCloseTimeout: '1 second' });

export async function allOfThree(): Promise<void> {
  const [reserved, paid] = await Promise.all([reserve('a'), pay(), quick.count()]);
  if (reserved && paid === 'paid') await ship();
  await tell();
}

export async function allOfAList(): Promise<void> {
  const list = await items();
  const reserved = await Promise.all(list.map((item) => reserve(item)));
  await Promise.all(
    list.map(async (item, index) => {
      if (!reserved[index]) return;
      await tell(item);
      if ((await count()) > 2) await ship();
    }),
  );
  await Promise.all([pay(), ...list.map((item) => tell(item))]);
  await release();
}

export async function allSettledThenUndo(): Promise<void> {
  const outcomes = await Promise.allSettled([reserve('a'), pay(), sleep('1 second')]);
  const isBroken = outcomes.some(({ status }) => status === 'rejected');
  if (isBroken) await Promise.allSettled([release(), refund()]);
  else await ship();
}

export async function raceOfCallAndTimer(): Promise<void> {
  const winner = await Promise.race([pay(), sleep('3 seconds').then(() => 'late' as const)]);
  if (winner === 'late') await tell('late');
  else await ship();
  await Promise.race([count(), count()]);
  await release();
}

export async function raceThatFails(): Promise<string> {
  try {
    await Promise.race([pay(), ship().then(() => tell())]);
    return 'done';
  } catch {
    await refund();
    return 'undone';
  }
}

export async function anyOf(): Promise<void> {
  try {
    await Promise.any([pay(), ship(), find()]);
  } catch (error) {
    await tell(String(error));
    return;
  }
  await count();
}

export async function helpersBeside(): Promise<void> {
  const payment = async () => {
    if ((await pay()) === 'declined') {
      await tell('declined');
      return;
    }
    await tell('paid');
  };
  await Promise.all([payment(), delivery()]);
  await count();
}

async function delivery(): Promise<void> {
  for (const item of await items()) await reserve(item);
  await ship();
}

export async function failsBesideAndUndoes(): Promise<void> {
  try {
    await Promise.all([delivery(), pay()]);
  } catch (error) {
    await release();
    await refund();
    throw error;
  }
}

export async function storedAndAwaitedLater(): Promise<void> {
  const paying = pay();
  const counting = count();
  await tell();
  const paid = await paying;
  if (paid === 'declined') {
    await release();
    return;
  }
  if ((await counting) > 2) await ship();
  await refund();
}

export async function storedInATry(): Promise<void> {
  const paying = pay();
  try {
    await tell();
    await paying;
  } catch {
    await refund();
  }
  await count();
}

export async function storedInAList(): Promise<void> {
  const calls: Promise<unknown>[] = [];
  for (const item of await items()) calls.push(reserve(item));
  calls.push(pay());
  await tell();
  await Promise.all(calls);
  await ship();
}

export async function notAwaited(): Promise<void> {
  void tell('hello');
  count().catch(() => undefined);
  await pay();
  await ship();
}

export async function chains(): Promise<void> {
  await pay().then(() => ship());
  await count()
    .then((counted) => (counted > 2 ? ship() : tell()))
    .catch(() => release())
    // oxlint-disable-next-line typescript/no-misused-promises
    .finally(() => tell('over'));
  await pay().then(
    () => ship(),
    () => refund(),
  );
  await find().catch(() => undefined);
  await count();
}

export async function chainAside(): Promise<void> {
  const told = tell().then(() => count());
  const safe = pay().catch(() => 'declined' as const);
  await sleep(500);
  await Promise.all([told, safe]);
  await ship();
}

export async function nestedBeside(): Promise<void> {
  await Promise.all([
    Promise.all([pay(), count()]),
    Promise.race([ship(), sleep('1 second')]),
    (async () => {
      await tell();
      await Promise.allSettled([release(), refund()]);
    })(),
  ]);
  await find();
}

export async function siblingsGoOn(): Promise<void> {
  const slow = async () => {
    await tell('one');
    await tell('two');
    await ship();
  };
  try {
    await Promise.all([slow(), pay()]);
  } catch {
    await refund();
    await count();
  }
}

export async function handlersOfStoredPromises(): Promise<void> {
  const paying = pay();
  const shipped = paying.then(() => ship());
  await paying.catch(() => refund());
  await tell();
  await shipped.catch(String);
  await count().catch(() => release().then(() => 0));
  await find();
}

export async function promisesMade(): Promise<void> {
  const made = new Promise<number>((resolve, reject) => {
    count().then(resolve, reject);
  });
  await tell();
  await made;
  await Promise.resolve(pay());
  const [first] = await Promise.all(Object.values({ a: find(), b: release() }));
  if (first) await ship();
}

export async function timerInALoop(): Promise<void> {
  const late = sleep('2 seconds').then(() => true);
  for (let round = 0; round < 3; round += 1) {
    const isLate = await Promise.race([late, reserve('a')]);
    if (isLate) break;
    await tell();
  }
  await ship();
}

export async function allThenMore(): Promise<void> {
  const both = Promise.all([pay(), count()]).then(([paid, counted]) =>
    paid === 'paid' && counted > 1 ? ship() : tell(),
  );
  await quick.count();
  await both;
  await refund();
}
