/** Functions of a project, closures, methods, callbacks of lists. */
import { ApplicationFailure, proxyActivities, sleep } from '@temporalio/workflow';
import type { Shop } from './shop';

const shop = proxyActivities<Shop>({ startToCloseTimeout: '1 minute' });

export async function helpersInARow(): Promise<void> {
  const left = await check(2);
  if (left > 1) await check(left);
  await announce('done', shop.tell);
}

async function check(least: number): Promise<number> {
  const counted = await shop.count();
  if (counted < least) {
    await shop.release();
    return counted;
  }
  await shop.ship();
  return counted - 1;
}

function announce(text: string, how: (text: string) => Promise<void>): Promise<void> {
  return how(text);
}

export async function closuresAsParameters(isGift: boolean): Promise<void> {
  await again(2, () => shop.count());
  await again(1, async () => {
    if (isGift) return;
    await shop.pay();
  });
  await again(1, isGift ? shop.ship : shop.refund);
  const undo = async () => {
    await shop.release();
  };
  await guarded(async () => {
    await shop.pay();
    await shop.ship();
  }, undo);
}

async function again(times: number, work: () => Promise<unknown>): Promise<void> {
  for (let time = 0; time < times; time += 1) await work();
}

async function guarded(work: () => Promise<void>, undo: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch {
    await undo();
  }
}

export async function pureRecursion(amount: number): Promise<void> {
  if (factorial(amount) > 5) await shop.ship();
  await shop.tell();
}

function factorial(of: number): number {
  return of < 2 ? 1 : of * factorial(of - 1);
}

class Order {
  private isPaid = false;

  constructor(private readonly item: string) {}

  async run(): Promise<void> {
    await this.reserve();
    this.isPaid = (await shop.pay()) === 'paid';
    if (this.isPaid) await this.ship();
    else await Order.giveUp();
  }

  private async reserve(): Promise<void> {
    if (await shop.reserve(this.item)) return;
    throw ApplicationFailure.nonRetryable('Sold out');
  }

  private ship = async (): Promise<void> => {
    await shop.ship();
  };

  private static async giveUp(): Promise<void> {
    await shop.release();
  }
}

export async function methodsOfAClass(): Promise<void> {
  const order = new Order('book');
  await order.run();
  await shop.tell();
}

export async function callbacksOfLists(): Promise<void> {
  const items = await shop.items();
  items.forEach((item) => void shop.tell(item));
  await items.reduce(async (before, item) => {
    await before;
    await shop.reserve(item);
  }, Promise.resolve());
  await Promise.all(items.filter((item) => item !== '').map((item) => shop.tell(item)));
  await sleep(1000);
  await shop.count();
}

export async function optionalCalls(isGift: boolean): Promise<void> {
  const wrap: (() => Promise<void>) | undefined = isGift ? () => shop.ship() : undefined;
  await wrap?.();
  const tools: { tell?: (text: string) => Promise<void> } = isGift ? { tell: shop.tell } : {};
  await tools.tell?.('hello');
  await shop.count();
}

export async function objectOfFunctions(isGift: boolean): Promise<void> {
  const ways = {
    gift: async () => {
      await shop.ship();
    },
    sale: async () => {
      await shop.pay();
      await shop.ship();
    },
  };
  await ways[isGift ? 'gift' : 'sale']();
  await ways.gift();
}

export async function immediatelyCalled(): Promise<void> {
  const total = await (async () => {
    const counted = await shop.count();
    if (counted > 2) return counted;
    return shop.count();
  })();
  if (total > 1) await shop.ship();
}

export async function letThatIsSet(isGift: boolean): Promise<void> {
  let finish: () => Promise<void> = () => shop.ship();
  if (isGift) finish = () => shop.tell();
  await shop.pay();
  await finish();
}

export const arrowWorkflow = async (): Promise<void> => {
  await shop.count();
  const inner = async (): Promise<boolean> => {
    if ((await shop.count()) > 2) return true;
    await shop.tell();
    return false;
  };
  while (!(await inner())) await sleep(100);
};

export async function functionsThatMakeFunctions(): Promise<void> {
  const reserving = (item: string) => () => shop.reserve(item);
  await reserving('a')();
  const both = inTurn(
    () => shop.pay(),
    () => shop.ship(),
  );
  await both();
  for (const work of [shop.tell, shop.release]) await work();
}

function inTurn(first: () => Promise<unknown>, second: () => Promise<unknown>): () => Promise<void> {
  return async () => {
    await first();
    await second();
  };
}

export async function activitiesHandedOn(): Promise<void> {
  const items = await shop.items();
  await Promise.all(items.map(shop.reserve));
  await shop.pay().then(shop.ship, shop.refund);
  await Promise.all(Array.from({ length: 2 }, () => shop.count()));
  for (const [index, item] of items.entries()) if (index > 0) await shop.tell(item);
}

class Desk {
  async serve(): Promise<void> {
    await this.greet();
    await shop.count();
  }

  protected async greet(): Promise<void> {
    await shop.tell('hello');
  }
}

class QuietDesk extends Desk {
  protected override async greet(): Promise<void> {
    await shop.find();
  }
}

class BusyDesk extends Desk {
  override async serve(): Promise<void> {
    await super.serve();
    await shop.ship();
  }
}

export async function methodsThatAreOverridden(isQuiet: boolean): Promise<void> {
  const desk: Desk = isQuiet ? new QuietDesk() : new BusyDesk();
  await desk.serve();
  await new QuietDesk().serve();
}

export async function parametersThatAreSet(isGift: boolean): Promise<void> {
  await shop.ship();
  await chosen(shop.pay, isGift);
}

async function chosen(work: () => Promise<unknown>, isGift: boolean): Promise<void> {
  if (isGift) work = shop.ship;
  await work();
}

export async function defaultsOfParameters(isGift: boolean): Promise<void> {
  await called(isGift ? { work: () => shop.ship() } : {});
  await counted();
}

async function called({ work = () => shop.pay() }: { work?: () => Promise<unknown> }): Promise<void> {
  await work();
}

async function counted(counting: Promise<number> = shop.count()): Promise<void> {
  await counting;
  await shop.tell();
}

class Counter {
  private readonly counting = shop.count();

  async wait(): Promise<number> {
    return this.counting;
  }
}

export async function fieldsOfClasses(): Promise<void> {
  const counter = new Counter();
  await shop.tell();
  if ((await counter.wait()) > 2) await shop.ship();
}

interface Plan {
  before?: () => Promise<unknown>;
  steps: (() => Promise<unknown>)[];
  after: (counted: number) => Promise<unknown>;
}

export async function plansOfFunctions(isGift: boolean): Promise<void> {
  await follow({ steps: [shop.pay, () => shop.ship()], after: () => shop.tell() });
  await follow({ before: () => shop.find(), steps: isGift ? [] : [() => shop.refund()], after: async () => undefined });
}

async function follow({ before, steps, after }: Plan): Promise<void> {
  if (before) await before();
  let counted = 0;
  for (const step of steps) {
    await step();
    counted += 1;
  }
  await after(counted);
}

export async function asyncPredicates(): Promise<void> {
  const items = await shop.items();
  const are = await Promise.all(items.map(async (item) => item !== '' && (await shop.reserve(item))));
  const kept = items.filter((_, index) => are[index]);
  for (let index = 0; index < kept.length; index += 1) {
    const item = kept[index];
    if (item === undefined || (await shop.count()) > 3) break;
    await shop.tell(item);
  }
  if (kept.some((item) => item === 'one')) await shop.ship();
  await shop.release();
}

export async function retriesByAHelper(): Promise<void> {
  const paid = await tried(() => shop.pay(), 3);
  if (paid === 'paid') await tried(shop.ship, 2);
  await shop.tell();
}

async function tried<T>(work: () => Promise<T>, times: number): Promise<T> {
  let failure: unknown;
  for (let time = 0; time < times; time += 1) {
    try {
      return await work();
    } catch (error) {
      failure = error;
      await sleep(100);
    }
  }
  throw failure;
}

export async function unfinishedHelper(isGift: boolean): Promise<void> {
  const sending = send(isGift);
  if ((await shop.count()) > 2) return;
  try {
    await sending;
  } finally {
    await shop.release();
  }
}

async function send(isGift: boolean): Promise<void> {
  if (!isGift) return;
  await shop.pay();
  await shop.ship();
}

function callsAtOnce(isGift: boolean): Promise<unknown> {
  const paying = shop.pay();
  return isGift ? Promise.all([paying, shop.ship()]) : paying;
}

export async function functionsThatAreNotAsync(isGift: boolean): Promise<void> {
  const both = callsAtOnce(isGift);
  await shop.count();
  await both;
  const later = isGift ? shop.tell() : undefined;
  await shop.release();
  await later;
  await (isGift ? shop.find() : Promise.resolve());
}
