/** Functions of which another runs than the one that is named. */
import { proxyActivities } from '@temporalio/workflow';
import type { Shop } from './shop';

const shop = proxyActivities<Shop>({ startToCloseTimeout: '1 minute' });

abstract class Desk {
  async serve(): Promise<void> {
    await this.greet();
    await this.close();
  }

  async greet(): Promise<void> {
    await shop.tell('hello');
  }

  protected abstract close(): Promise<void>;
}

class OpenDesk extends Desk {
  protected async close(): Promise<void> {
    await shop.count();
  }
}

class QuietDesk extends OpenDesk {
  override async greet(): Promise<void> {
    await shop.find();
  }

  async greetTwice(): Promise<void> {
    await this.greet();
    await this.greet();
  }
}

class BusyDesk extends OpenDesk {
  override async serve(): Promise<void> {
    await super.serve();
    await shop.ship();
  }
}

export async function overriddenMethods(isQuiet: boolean): Promise<void> {
  await new QuietDesk().greetTwice();
  await new OpenDesk().greet();
  const desk: Desk = isQuiet ? new QuietDesk() : new BusyDesk();
  await desk.serve();
}

export async function sameFunctionWithAndWithoutWork(): Promise<void> {
  const work = () => shop.ship();
  await work();
  await run(async () => undefined);
  await run(work);
}

async function run(work: () => Promise<unknown>): Promise<void> {
  const inner = async () => {
    await work();
  };
  await inner();
}

export async function functionsInARow(): Promise<void> {
  const works: (() => Promise<unknown>)[] = [() => shop.pay(), () => shop.ship()];
  for (const work of works) await work();
  await shop.count();
  await works.reduce<Promise<unknown>>((before, work) => before.then(work), Promise.resolve());
  await shop.tell();
}

export async function madeTwice(): Promise<void> {
  const first = made(() => shop.pay());
  const second = made(() => shop.ship());
  await first();
  await second();
  await first();
}

function made(work: () => Promise<unknown>): () => Promise<void> {
  return async () => {
    await work();
  };
}
