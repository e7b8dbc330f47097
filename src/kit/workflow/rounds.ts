import { condition } from '@temporalio/workflow';

/**
 * Rounds that a signal, an update or a timer may take until all that follows from it has been asked for: conditions that
 * wait for each other one after the other. A longer chain is not waited for, and commands beside it may then not replay.
 */
const roundsUntilIdle = 10;

/** Waits until the workflow has done all there is to do now. In a cancelled scope it throws. */
export async function untilIdle(): Promise<void> {
  for (let round = 0; round < roundsUntilIdle; round += 1) await nextRound();
}

/** The SDK looks at conditions again when no promise is left to go on. */
function nextRound(): Promise<void> {
  let seen = false;
  return condition(() => {
    const again = seen;
    seen = true;
    return again;
  });
}
