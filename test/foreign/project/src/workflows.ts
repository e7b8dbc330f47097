import {
  ApplicationFailure,
  CancellationScope,
  condition,
  continueAsNew,
  defineQuery,
  defineSignal,
  defineUpdate,
  isCancellation,
  makeContinueAsNewFunc,
  proxyActivities,
  proxyLocalActivities,
  setHandler,
  sleep,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import type * as activities from './activities';

/** Workflows of a project that has never heard of Whereabouts. */

const { weigh, collect, refund } = proxyActivities<typeof activities>({
  startToCloseTimeout: '10 seconds',
  retry: { initialInterval: '10 milliseconds' },
});
const { findTariff } = proxyLocalActivities<typeof activities>({ startToCloseTimeout: '10 seconds' });

const depart = defineSignal<[string]>('depart');
const arrive = defineSignal('arrive');
const decide = defineSignal<[string]>('decide');
const changeAddress = defineUpdate<string, [string]>('changeAddress');

/** A call that is tried again, a local one, a timer, a child and a signal to it, an update, a signal. */
export async function delivery(parcel: string): Promise<string> {
  let address = 'the depot';
  let decided: string | undefined;
  setHandler(changeAddress, (to) => (address = to), {
    validator: (to) => {
      if (to === '') throw new Error('an address is needed');
    },
  });
  setHandler(decide, (what) => void (decided = what));

  const grams = await weigh(parcel);
  const cents = await findTariff(grams);
  await sleep(1);
  const driver = await startChild(transport, { workflowId: `${workflowInfo().workflowId}-transport` });
  await driver.signal(depart, parcel);
  const where = await driver.result();
  await condition(() => decided !== undefined);
  return `${parcel}, ${cents} cents, ${where}: ${decided} to ${address}`;
}

export async function transport(): Promise<string> {
  const stations: string[] = [];
  setHandler(depart, (parcel) => void stations.push(parcel));
  setHandler(arrive, () => void stations.push('there'));
  await condition(() => stations.length === 2);
  return stations.join(' ');
}

/** Gives up waiting twice: by its own time limit, and when it is cancelled, after which it still tidies up. */
export async function pickUp(parcel: string): Promise<void> {
  try {
    await CancellationScope.withTimeout(1, () => condition(() => false));
  } catch (error) {
    if (!isCancellation(error)) throw error;
  }
  try {
    await sleep('1 day');
  } finally {
    await CancellationScope.nonCancellable(() => refund(parcel));
  }
}

export async function rounds(round: number): Promise<string> {
  const collected = await collect(`street ${round}`);
  if (round === 2) return collected;
  return continueAsNew<typeof rounds>(round + 1);
}

/** Gives its new run a memo. */
export async function handOver(round: number): Promise<unknown> {
  if (round === 2) return workflowInfo().memo?.['van'];
  return makeContinueAsNewFunc<typeof handOver>({ memo: { van: 'V-2' } })(round + 1);
}

export async function refused(parcel: string): Promise<void> {
  throw ApplicationFailure.nonRetryable(`${parcel} is too large`, 'too-large');
}

/** A mistake in the code, by which its task fails and is tried again and again. */
export async function broken(parcel: string): Promise<string> {
  await collect(parcel);
  throw new TypeError('address is undefined');
}

/** Answers a query `history` itself. */
export async function ownHistory(): Promise<void> {
  const seen = ['ordered'];
  let arrived = false;
  setHandler(defineQuery<string[]>('history'), () => seen);
  setHandler(arrive, () => void (arrived = true));
  seen.push(await collect('the corner'));
  await condition(() => arrived);
}

/** Leaves branches behind that would go on at various moments after it has returned. */
export async function leavesWorkBehind(): Promise<string> {
  let arrived = false;
  setHandler(arrive, () => void (arrived = true));
  const goOn = async (moments: number) => {
    await condition(() => arrived);
    for (let passed = 0; passed < moments; passed += 1) await Promise.resolve();
    await collect(`moment ${moments}`);
  };
  for (let moments = 0; moments < 12; moments += 1) void goOn(moments);
  await condition(() => arrived);
  return 'arrived';
}
