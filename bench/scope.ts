/** Has something stopped when the work is over, the last first. */
export type AtEnd = (stop: () => Promise<unknown>) => void;

/** Do the work and stop what it started, whatever happens; when `asked` comes first, the work is given up. */
export async function scoped<T>(asked: Promise<void>, work: (atEnd: AtEnd) => Promise<T>): Promise<T | undefined> {
  const stops: (() => Promise<unknown>)[] = [];
  try {
    return await Promise.race([work((stop) => stops.push(stop)), asked.then(() => undefined)]);
  } finally {
    for (const stop of stops.reverse()) await stop();
  }
}
