/** Helpers of the kit. */
import { ApplicationFailure } from '@temporalio/workflow';
import { approve, onError, outcome, system, task } from '../../../src/kit/workflow';

interface Stock {
  find(input: { item: string }): Promise<'there' | 'sold out'>;
  reserve(input: { item: string }): Promise<boolean>;
  ship(input: { item: string }): Promise<void>;
}

const stock = system<Stock>('stock', {
  reads: ['find'],
  pivots: ['ship'],
  byHand: { find: { skipAs: 'there' }, reserve: { skipAs: true } },
});
const messages = system<{ send(input: { text: string }): Promise<void> }>('messages', { kind: 'alert' });

export async function asksPeople(): Promise<string> {
  onError({
    raise: () => messages.send({ text: 'Something went wrong' }),
    clear: () => messages.send({ text: 'It is over' }),
  });
  const found = await stock.find({ item: 'book' });
  if (found === 'sold out') {
    await task('buy', { role: 'clerk', dueIn: '1 day', form: { type: 'object', examples: [{}] } });
  }
  const approval = await approve('sell', {
    role: 'manager',
    candidates: ['E-1', 'E-2'],
    dueIn: '1 minute',
    tell: () => messages.send({ text: 'Please decide' }),
  });
  if (approval.decision === 'reject') return outcome('not sold');
  const isReserved = await stock.reserve({ item: 'book' });
  if (!isReserved) throw ApplicationFailure.nonRetryable('Sold out');
  await stock.ship({ item: 'book' });
  return outcome('sold');
}

export async function systemsInParallel(items: string[]): Promise<void> {
  const found = await Promise.all(items.map((item) => stock.find({ item })));
  await Promise.all([
    stock.reserve({ item: 'a' }),
    ...found.map(async (is) => {
      if (is === 'there') await stock.ship({ item: is });
    }),
  ]);
  await messages.send({ text: 'Done' });
}
