import { databaseTrouble } from '../service/database';

/**
 * Keeps all at once; where the database does not take them, each half, until those that it does not take are alone, which are
 * left out and told.
 * @throws what a database fails with that is lost
 */
export async function keepApart<T>(
  items: T[],
  keep: (items: T[]) => Promise<void>,
  leftOut: (item: T, error: unknown) => void | Promise<void>,
): Promise<void> {
  try {
    return await keep(items);
  } catch (error) {
    if (databaseTrouble(error) !== undefined) throw error;
    const [first] = items;
    if (items.length === 1 && first !== undefined) return leftOut(first, error);
  }
  const middle = Math.ceil(items.length / 2);
  await keepApart(items.slice(0, middle), keep, leftOut);
  await keepApart(items.slice(middle), keep, leftOut);
}
