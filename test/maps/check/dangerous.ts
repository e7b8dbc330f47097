/** Workflows with a danger each, which `check.test.ts` looks for by the comment at its place. */
import { condition, proxyActivities, sleep } from '@temporalio/workflow';
import { approve, system } from '../../../src/kit/workflow';

interface Payments {
  charge(order: string): Promise<void>;
  refund(order: string): Promise<void>;
  findPrice(order: string): Promise<number>;
}
interface Shipments {
  ship(order: string): Promise<void>;
  shipOnce(input: { order: string; idempotencyKey: string }): Promise<void>;
}

const payments = proxyActivities<Payments>({ startToCloseTimeout: '1 minute', taskQueue: 'payments' });
const shipments = proxyActivities<Shipments>({ startToCloseTimeout: '1 minute', taskQueue: 'shipments' });
const stock = system<{ reserve(input: object): Promise<void> }>('stock');

export async function twoWrites(order: string): Promise<void> {
  await payments.charge(order);
  await shipments.ship(order); // finds unsafe-writes
}

export async function safeWrites(order: string): Promise<void> {
  await payments.charge(order);
  await payments.findPrice(order);
  await shipments.shipOnce({ order, idempotencyKey: order });
  await stock.reserve({});
}

export async function compensatedWrites(order: string): Promise<void> {
  try {
    await payments.charge(order);
    await shipments.ship(order);
  } catch (error) {
    await payments.refund(order);
    throw error;
  }
}

export async function siblings(order: string): Promise<void> {
  try {
    // finds siblings-in-flight
    await Promise.all([payments.charge(order), shipments.ship(order)]);
  } catch (error) {
    await payments.refund(order);
    throw error;
  }
}

export async function settledSiblings(order: string): Promise<void> {
  try {
    await Promise.allSettled([payments.charge(order), shipments.ship(order)]);
  } catch {
    await payments.refund(order);
  }
}

export async function forgotten(order: string): Promise<void> {
  void payments.charge(order); // finds not-awaited
  await sleep('1 minute');
}

export async function waits(paid: boolean): Promise<void> {
  await condition(() => paid); // finds no-due-time
  await condition(() => paid, '1 day');
  await approve('approveOrder', { role: 'manager' }); // finds no-due-time
  await approve('approveOrder', { role: 'manager', dueIn: '1 day' });
  await Promise.race([condition(() => paid), sleep('1 day')]);
  // whereabouts-ignore no-due-time: an order is open until it is paid
  await condition(() => paid);
}

export async function unknown(work: { run(): Promise<void> }): Promise<void> {
  await work.run(); // finds unknown
}
