import { sleep } from '@temporalio/workflow';

/** Stands for every workflow, with code that is none of theirs. */
export default async function otherCode(): Promise<void> {
  await sleep('30 days');
}
