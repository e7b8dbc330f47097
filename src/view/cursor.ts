/** A cursor that no page has given. */
export class InvalidCursor extends Error {
  override name = 'InvalidCursor';

  constructor(readonly cursor: string) {
    super(`cursor: "${cursor}" was not given by a page of this list; begin without one`);
  }
}

/** Where the next page begins: after a time, ISO 8601 in UTC, and what tells rows of the same time apart. */
export type Place = [at: string, ...ids: string[]];

/** A cursor for one kind of list. */
export function writeCursor(list: string, place: Place): string {
  return Buffer.from(JSON.stringify([list, ...place])).toString('base64url');
}

/**
 * The place that a cursor of this kind of list names, with so many ids.
 * @throws InvalidCursor
 */
export function readCursor(cursor: string, list: string, ids: number): Place {
  const [of, at, ...rest] = decoded(cursor);
  const isPlace = of === list && isTime(at) && rest.length === ids && rest.every(isId);
  if (!isPlace) throw new InvalidCursor(cursor);
  return [at, ...rest] as Place;
}

function decoded(cursor: string): unknown[] {
  try {
    const content: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    return Array.isArray(content) ? content : [];
  } catch {
    return [];
  }
}

function isTime(value: unknown): value is string {
  if (typeof value !== 'string' || !/^[1-9]\d{3}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value)) return false;
  const at = new Date(value);
  return !Number.isNaN(at.getTime()) && at.toISOString() === value;
}

/** Postgres keeps no NUL. */
function isId(value: unknown): value is string {
  return typeof value === 'string' && !value.includes('\0');
}
