import { CancellationScope, condition } from '@temporalio/workflow';
import { isReading } from './reads';

let underWay = 0;

/**
 * What comes of work that the case does not end before: a call in flight, an alert to deliver. It is over when the work
 * is, and not when what comes of it is. One promise where `then` upon `then` would be several: Temporal takes down the
 * stack of each.
 */
export function onceSettled<T, Done, Failed>(
  work: Promise<T>,
  done: (value: T) => Done | Promise<Done>,
  failed: (error: unknown) => Failed | Promise<Failed>,
): Promise<Done | Failed> {
  underWay += 1;
  return work.then(
    (value) => {
      underWay -= 1;
      return done(value);
    },
    (error: unknown) => {
      underWay -= 1;
      return failed(error);
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

/** Waits until no call, read or alert is under way any more, whatever came of it. */
export function settle(): Promise<void> {
  // whereabouts-ignore no-due-time: each call ends by its own time-outs
  return CancellationScope.nonCancellable(() => condition(isSettled));
}

export function isSettled(): boolean {
  return underWay === 0 && !isReading();
}
