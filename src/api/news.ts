import { sql, type Transaction } from 'kysely';
import { databaseTrouble } from '../service/database';
import {
  changesAfter,
  endOfChanges,
  fittingAmong,
  isAfter,
  writePlace,
  type Change,
  type Place,
} from '../view/changes';
import type { ViewTables } from '../view/database';
import type { CaseSearch } from '../view/fitting';
import type { Readable } from '../view/readable';

/** Of which changes somebody wants to be told. */
export interface Wanted {
  /** What is searched for, as it was asked. */
  query: object;
  search: () => CaseSearch;
  readable: Readable;
  /** Up to where changes were told; undefined: those from now on are wanted. */
  place: Place | undefined;
}

/** What is to be told to those who want the same. */
export interface News<W extends Wanted> {
  to: W[];
  /** Events as they go over the wire; empty where nothing is to be told. */
  events: Buffer;
  /** Up to where that tells. */
  place: Place;
  /** Whether that is all there is. */
  isAll: boolean;
  /** Why what is searched for cannot be found. */
  failure?: unknown;
}

/** So many changes are told at once, so that what waits for a slow reader is not more. */
const mostAtOnce = 200;

/** What is to be told to all of these, who share what is read for those who want the same from the same place on. */
export async function newsFor<W extends Wanted>(moment: Transaction<ViewTables>, all: W[]): Promise<News<W>[]> {
  const end = await endOfChanges(moment);
  const news: News<W>[] = [];
  for (const [place, here] of alike(all, ({ place: from }) => from)) {
    if (!place || isAfter(place, end)) {
      const events = Buffer.from(place ? event('reset', end, {}) : '');
      news.push({ to: here, events, place: end, isAll: true });
      continue;
    }
    const changes = await changesAfter(moment, place, end, mostAtOnce);
    const isAll = changes.length < mostAtOnce;
    const until = isAll ? end : (changes.at(-1)?.place ?? end);
    if (changes.length === 0) {
      news.push({ to: here, events: Buffer.alloc(0), place: until, isAll });
      continue;
    }
    for (const [, same] of alike(here, ({ query, readable }) => ({ query, readable }))) {
      const [{ search, readable }] = same;
      const ids = changes.map(({ changed }) => changed.record.caseId);
      const fitting = await apart(moment, () => fittingAmong(moment, ids, search(), readable));
      if ('failure' in fitting) {
        news.push({ to: same, events: Buffer.alloc(0), place: until, isAll, ...fitting });
        continue;
      }
      const events = changes.map((change) => eventOf(change, fitting.found.get(change.changed.record.caseId)));
      news.push({ to: same, events: Buffer.from(events.join('')), place: until, isAll });
    }
  }
  return news;
}

/** Of a search that fails nobody else is to suffer. @throws what the database fails with when it is lost */
async function apart<T>(
  moment: Transaction<ViewTables>,
  find: () => Promise<T>,
): Promise<{ found: T } | { failure: unknown }> {
  await sql`SAVEPOINT one_search`.execute(moment);
  try {
    return { found: await find() };
  } catch (failure) {
    if (databaseTrouble(failure) !== undefined) throw failure;
    await sql`ROLLBACK TO SAVEPOINT one_search`.execute(moment);
    return { failure };
  }
}

function eventOf({ place, changed: { record, ...more } }: Change, fits: boolean | undefined): string {
  if (fits === undefined) return '';
  return fits ? event('case', place, { ...record, ...more }) : event('gone', place, { caseId: record.caseId });
}

/** An event of a stream of server-sent events. */
export function event(name: 'case' | 'gone' | 'ready' | 'reset', place: Place, data: object): string {
  return `event: ${name}\nid: ${writePlace(place)}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** Those for which the same comes out, together with what that is. */
function alike<T, Of>(items: T[], of: (item: T) => Of): [Of, [T, ...T[]]][] {
  const groups = new Map<string, [Of, [T, ...T[]]]>();
  for (const item of items) {
    const key = of(item);
    const text = JSON.stringify(key) ?? '';
    const group = groups.get(text);
    if (group) group[1].push(item);
    else groups.set(text, [key, [item]]);
  }
  return [...groups.values()];
}
