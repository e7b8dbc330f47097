const underWay = new Set<Promise<unknown>>();

/** Work that the case does not end before: calls in flight, alerts to deliver. */
export function underWayUntilSettled<T>(work: Promise<T>): Promise<T> {
  const settled = work.then(end, end);
  function end(): void {
    underWay.delete(settled);
  }
  underWay.add(settled);
  return work;
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
export async function settle(): Promise<void> {
  while (underWay.size > 0) await Promise.all(underWay);
}

export function isSettled(): boolean {
  return underWay.size === 0;
}
