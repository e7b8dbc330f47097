import { CancellationScope, type ActivateInput } from '@temporalio/workflow';
import { untilIdle } from './rounds';

/** A read that was asked for; `goOn` once it has ended. */
interface Read {
  goOn?: () => void;
}

const reads: Read[] = [];
/** Local activities of the workflow's own that have not ended, by their number among its commands. */
const ownLocalActivities = new Set<number>();
let besideOthers = false;

/** What Temporal tells the workflow of next. */
export function beginActivation({ activation: { jobs } }: ActivateInput): void {
  besideOthers =
    jobs?.some(({ resolveActivity: ended }) => !ended?.isLocal || ownLocalActivities.has(ended.seq ?? NaN)) ?? false;
}

/** Reads wait for the local activities that a workflow asks for itself, which go on as soon as they end. */
export function runsBesideReads(seq: number, outcome: Promise<unknown>): void {
  ownLocalActivities.add(seq);
  const ended = () => {
    ownLocalActivities.delete(seq);
    if (reads.length > 0) void CancellationScope.nonCancellable(releaseWhenIdle);
  };
  outcome.then(ended, ended);
}

/**
 * What comes of a read, whose outcome is held back until all local activities beside it have ended and the workflow has
 * done whatever else there is to do; outcomes held back together go on in the order in which they were asked for.
 *
 * When a local activity ends, Temporal (TypeScript SDK 1.24) tells the workflow of that alone. On replay it tells of all
 * that ended in a workflow task at once, together with the signals and events that came first. Branches that go on at once
 * would then issue their commands in another order than before, and the history would not fit the code.
 */
export function inReplayableOrder<T, R>(
  outcome: Promise<T>,
  answered: (value: T) => R,
  failed: (error: unknown) => Promise<R>,
): Promise<R> {
  const read: Read = {};
  reads.push(read);
  const hold = (goOn: () => void) => {
    read.goOn = goOn;
    if (besideOthers) void CancellationScope.nonCancellable(releaseWhenIdle);
    else release();
  };
  return new Promise((resolve) => {
    outcome.then(
      (value) => hold(() => resolve(answered(value))),
      (error: unknown) => {
        // What comes of it has commands, which belong to the scope that is current here and not where reads go on.
        let goOn: () => void = () => undefined;
        const released = new Promise<void>((go) => (goOn = go));
        resolve(released.then(() => failed(error)));
        hold(goOn);
      },
    );
  });
}

/** Whether a read has not gone on yet. */
export function isReading(): boolean {
  return reads.length > 0;
}

/** Whether reads have not gone on yet, which wait for no other local activity: they do in this workflow task. */
export function goesOnSoon(): boolean {
  return isReading() && ownLocalActivities.size === 0;
}

async function releaseWhenIdle(): Promise<void> {
  await untilIdle();
  release();
}

function release(): void {
  if (ownLocalActivities.size > 0 || reads.some(({ goOn }) => !goOn)) return;
  for (const { goOn } of reads.splice(0)) goOn?.();
}
