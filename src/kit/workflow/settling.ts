const underWay = new Set<Promise<unknown>>();

/** Work that the case does not end before: calls in flight, alerts to deliver. */
export function underWayUntilSettled<T>(work: Promise<T>): Promise<T> {
  const settled = work
    .then(
      () => undefined,
      () => undefined,
    )
    .finally(() => underWay.delete(settled));
  underWay.add(settled);
  return work;
}

/** Waits until nothing is under way any more, whatever came of it. */
export async function settle(): Promise<void> {
  while (underWay.size > 0) await Promise.all(underWay);
}

export function isSettled(): boolean {
  return underWay.size === 0;
}
