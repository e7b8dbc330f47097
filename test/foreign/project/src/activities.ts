import { ApplicationFailure, Context } from '@temporalio/activity';

/** In grams. The scales fail at the first attempt. */
export async function weigh(parcel: string): Promise<number> {
  if (Context.current().info.attempt === 1) throw new Error('the scales are warming up');
  return parcel.length * 100;
}

/** In cents. */
export async function findTariff(grams: number): Promise<number> {
  return grams > 500 ? 900 : 500;
}

export async function collect(address: string): Promise<string> {
  return `collected at ${address}`;
}

export async function refund(parcel: string): Promise<void> {
  if (parcel === '') throw ApplicationFailure.nonRetryable('there is no parcel', 'no-parcel');
}
