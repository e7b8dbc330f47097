import { CancellationScope, condition } from '@temporalio/workflow';

let underWay = 0;

/**
 * As `then`, of work that the case does not end before: calls in flight, alerts to deliver. Makes one promise, since
 * Temporal takes down the stack of each.
 */
export function onceSettled<T, Done, Failed>(
  work: Promise<T>,
  onValue: (value: T) => Done | Promise<Done>,
  onError: (error: unknown) => Failed | Promise<Failed>,
): Promise<Done | Failed> {
  underWay += 1;
  return work.then(
    (value) => {
      underWay -= 1;
      return onValue(value);
    },
    (error: unknown) => {
      underWay -= 1;
      return onError(error);
    },
  );
}

let ended = false;

/** The workflow function has returned or thrown. What it left behind goes no further, as without us it would not. */
export function endWork(): void {
  ended = true;
}

export function hasEnded(): boolean {
  return ended;
}

/** What goes no further awaits this. */
export function never(): Promise<never> {
  return new Promise(() => undefined);
}

/** Waits until nothing is under way any more, whatever came of it. */
export function settle(): Promise<void> {
  return CancellationScope.nonCancellable(() => condition(isSettled));
}

export function isSettled(): boolean {
  return underWay === 0;
}
