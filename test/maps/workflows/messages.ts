/** Signals, updates and queries. */
import {
  allHandlersFinished,
  condition,
  defineQuery,
  defineSignal,
  defineUpdate,
  proxyActivities,
  setDefaultSignalHandler,
  setHandler,
  sleep,
  Trigger,
} from '@temporalio/workflow';
import { ApplicationFailure } from '@temporalio/common';
import type { Shop } from './shop';

const shop = proxyActivities<Shop>({ startToCloseTimeout: '1 minute' });

const approve = defineSignal<[boolean]>('approve');
const add = defineUpdate<number, [string]>('add');
const close = defineSignal('close');
const state = defineQuery<string>('state');

export async function waitsForASignal(): Promise<void> {
  let approved: boolean | undefined;
  setHandler(approve, (is) => {
    approved = is;
  });
  setHandler(state, () => String(approved));
  await condition(() => approved !== undefined);
  if (approved) await shop.ship();
  await shop.tell();
}

export async function waitsWithTimeout(): Promise<string> {
  let approved = false;
  setHandler(approve, () => void (approved = true));
  await shop.count();
  if (!(await condition(() => approved, '1 second'))) return 'late';
  await shop.ship();
  return 'done';
}

export async function handlersWithCalls(): Promise<void> {
  let isClosed = false;
  const added: string[] = [];
  setHandler(
    add,
    async (item) => {
      if (!(await shop.reserve(item))) throw ApplicationFailure.create({ message: 'Sold out' });
      added.push(item);
      return added.length;
    },
    {
      validator: (item) => {
        if (item === '') throw new Error('Name it');
      },
    },
  );
  setHandler(close, async () => {
    await shop.tell();
    isClosed = true;
  });
  await condition(() => isClosed);
  await condition(allHandlersFinished);
  await shop.pay();
}

export async function handlerBesideTheBody(): Promise<void> {
  setHandler(close, async () => {
    await sleep('1 second');
    await shop.tell();
  });
  await shop.pay();
  await shop.ship();
  await sleep('2 seconds');
}

export async function anySignal(): Promise<void> {
  let heard = 0;
  setDefaultSignalHandler(async (name) => {
    heard += 1;
    await shop.tell(name);
  });
  await condition(() => heard > 1, '10 seconds');
  await shop.count();
}

export async function triggeredBySignal(): Promise<void> {
  const closed = new Trigger<void>();
  setHandler(close, () => closed.resolve());
  const isInTime = await Promise.race([closed.then(() => true), sleep('5 seconds').then(() => false)]);
  if (!isInTime) await shop.tell();
  await shop.ship();
}

export async function queueOfSignals(): Promise<void> {
  const queue: boolean[] = [];
  let isClosed = false;
  setHandler(approve, (is) => void queue.push(is));
  setHandler(close, () => void (isClosed = true));
  for (;;) {
    await condition(() => queue.length > 0 || isClosed);
    const is = queue.shift();
    if (is === undefined) break;
    if (is) await shop.ship();
    else await shop.release();
  }
  await shop.tell();
}

export async function setsHandlersLate(): Promise<void> {
  await shop.count();
  let approved = false;
  setHandler(approve, () => void (approved = true));
  await shop.pay();
  setHandler(approve, undefined);
  if (approved) await shop.ship();
}

export async function handlerThatFails(): Promise<void> {
  let isClosed = false;
  setHandler(approve, (is) => {
    if (!is) throw ApplicationFailure.nonRetryable('Not approved');
  });
  setHandler(close, async () => {
    await shop.count();
    if ((await shop.count()) > 2) throw ApplicationFailure.nonRetryable('Too many');
    isClosed = true;
  });
  await shop.pay();
  await condition(() => isClosed, '3 seconds');
  await shop.ship();
}

export async function handlerSetInAHelper(): Promise<void> {
  const heard = listen();
  await shop.pay();
  await condition(() => heard.count > 0);
  await shop.tell();
}

function listen(): { count: number } {
  const heard = { count: 0 };
  setHandler(close, async () => {
    await shop.release();
    heard.count += 1;
  });
  return heard;
}

export async function updatesThatWait(): Promise<void> {
  let isPaid = false;
  let waiting = 0;
  setHandler(add, async () => {
    waiting += 1;
    await condition(() => isPaid);
    await shop.tell();
    waiting -= 1;
    return waiting;
  });
  await shop.pay();
  isPaid = true;
  await condition(() => waiting === 0 && allHandlersFinished());
  await shop.ship();
}

export async function signalDuringASleep(): Promise<void> {
  let isClosed = false;
  setHandler(close, () => void (isClosed = true));
  while (!isClosed) {
    await Promise.race([condition(() => isClosed), sleep('1 second')]);
    if (!isClosed) await shop.count();
  }
  await shop.tell();
}

export async function handlersOfAClass(): Promise<void> {
  const desk = new Desk();
  await desk.run();
}

class Desk {
  private isClosed = false;

  constructor() {
    setHandler(close, this.close.bind(this));
    setHandler(approve, (is) => this.approve(is));
  }

  async run(): Promise<void> {
    await condition(() => this.isClosed, '5 seconds');
    await shop.ship();
  }

  private close(): void {
    this.isClosed = true;
  }

  private async approve(is: boolean): Promise<void> {
    if (is) await shop.tell();
  }
}
