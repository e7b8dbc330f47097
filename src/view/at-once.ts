/** Does the work for each, so many at once. After a failure none is begun; it is thrown when those at work are done. */
export async function eachAtOnce<T>(
  items: Iterable<T> | AsyncIterable<T>,
  howMany: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = asAsync(items);
  const failures: unknown[] = [];
  const one = async () => {
    try {
      while (failures.length === 0) {
        const next = await queue.next();
        if (next.done) return;
        await work(next.value);
      }
    } catch (error) {
      failures.push(error);
    }
  };
  await Promise.all(Array.from({ length: howMany }, one));
  if (failures.length > 0) throw failures[0];
}

async function* asAsync<T>(items: Iterable<T> | AsyncIterable<T>): AsyncGenerator<T, undefined> {
  yield* items;
  return undefined;
}

/** Does the work for all together that are handed in while it is done for those before; each hears when its own is done. */
export function inGroups<T>(work: (items: T[]) => Promise<void>): (item: T) => Promise<void> {
  let before: Promise<unknown> = Promise.resolve();
  let next: { items: T[]; done: Promise<void> } | undefined;
  return (item) => {
    if (!next) {
      const items: T[] = [];
      const done = before.then(() => {
        next = undefined;
        return work(items);
      });
      before = done.catch(() => undefined);
      next = { items, done };
    }
    next.items.push(item);
    return next.done;
  };
}
