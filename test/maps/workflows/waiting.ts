/** Timers, conditions, children, other workflows, going on as a new run. */
import {
  condition,
  continueAsNew,
  executeChild,
  getExternalWorkflowHandle,
  makeContinueAsNewFunc,
  ParentClosePolicy,
  proxyActivities,
  sleep,
  startChild,
  Trigger,
} from '@temporalio/workflow';
import { ifElse } from './choosing';
import type { Shop } from './shop';

const shop = proxyActivities<Shop>({ startToCloseTimeout: '1 minute' });

export async function timers(amount: number): Promise<void> {
  await sleep('1 second');
  if (amount > 2) await sleep(amount * 1000);
  const timer = sleep('5 seconds');
  await shop.count();
  await timer;
  await shop.tell();
}

export async function children(): Promise<void> {
  await executeChild(ifElse, { args: [true], workflowId: 'one' });
  const child = await startChild('other', { workflowId: 'two', parentClosePolicy: ParentClosePolicy.ABANDON });
  await shop.tell();
  await child.signal('hurry');
  await child.result();
  await shop.count();
}

export async function childLeftAlone(): Promise<void> {
  const child = await startChild(ifElse, { args: [true] });
  await shop.tell(child.workflowId);
}

export async function childrenInParallel(): Promise<void> {
  const items = await shop.items();
  const handles = await Promise.all(items.map((item) => startChild(ifElse, { args: [false], workflowId: item })));
  for (const handle of handles) await handle.result();
  await shop.tell();
}

export async function otherWorkflows(): Promise<void> {
  const other = getExternalWorkflowHandle('other');
  await other.signal('hurry');
  try {
    await other.cancel();
  } catch {
    await shop.tell('is gone');
  }
  await shop.count();
}

export async function conditions(isReady: boolean): Promise<void> {
  let counted = 0;
  const counting = shop.count().then((count) => {
    counted = count;
    return count;
  });
  if (await condition(() => isReady, '10 seconds')) await shop.ship();
  else await shop.tell('late');
  const isInTime = await condition(() => counted > 0, 2000);
  if (!isInTime) await shop.release();
  await counting;
}

export async function triggers(): Promise<void> {
  const done = new Trigger<number>();
  void shop.count().then(
    (count) => done.resolve(count),
    (error: unknown) => done.reject(error as Error),
  );
  const count = await Promise.race([done, sleep('1 minute').then(() => 0)]);
  if (count > 1) await shop.ship();
  await shop.tell();
}

export async function goesOnAsNew(rounds = 0): Promise<void> {
  await shop.tell();
  if ((await shop.count()) > 1) await shop.ship();
  if (rounds < 3) await continueAsNew<typeof goesOnAsNew>(rounds + 1);
  await shop.release();
}

export async function goesOnWithWorkOpen(rounds = 0): Promise<void> {
  const goOn = makeContinueAsNewFunc<typeof goesOnWithWorkOpen>();
  void shop.tell();
  await shop.pay();
  if (rounds < 2) await goOn(rounds + 1);
  await shop.ship();
}

export async function catchesGoingOn(rounds = 0): Promise<void> {
  try {
    await shop.pay();
    if (rounds < 2) await continueAsNew<typeof catchesGoingOn>(rounds + 1);
    await shop.ship();
  } catch (error) {
    await shop.tell();
    if (rounds < 1) throw error;
  }
  await shop.count();
}

export async function returnsGoingOn(rounds = 0): Promise<void> {
  if ((await shop.count()) < 2) return;
  await shop.tell();
  if (rounds < 3) return continueAsNew<typeof returnsGoingOn>(rounds + 1);
}

export async function polls(): Promise<string> {
  for (let attempt = 1; attempt < 4; attempt += 1) {
    const state = await shop.pay();
    if (state !== 'later') return state;
    await sleep(attempt * 1000);
  }
  return 'given up';
}

export async function timersOfTheLanguage(): Promise<void> {
  setTimeout(() => void shop.tell(), 500);
  await shop.pay();
  await new Promise<void>((resolve) => {
    setTimeout(resolve, 1000);
  });
  await shop.ship();
}
