import { createHash } from 'node:crypto';
import { sql, type Kysely, type Selectable } from 'kysely';
import type { ViewTables } from '../database';
import type { WatchSettings } from './settings';
import type { Telling, WatchTables } from './tables';

/**
 * How the administrator is told. What it rejects is tried again, with the same key and content; a key stands for one
 * effect, however often it comes.
 */
export interface Notify {
  raise(alert: WatchAlert): Promise<unknown>;
  /** Nobody has the cause any more. */
  clear(over: Pick<WatchAlert, 'key' | 'cause'>): Promise<unknown>;
}

export interface WatchAlert {
  /** Idempotency key. */
  key: string;
  /** What is wrong, without the cases; alerts are grouped by it. */
  cause: string;
  cases: number;
  /** Which cases, and what went wrong last. */
  text: string;
  windowInMinutes: number;
}

type Incident = Selectable<WatchTables['watch_incidents']>;

/**
 * Tells the administrator what is news, cause by cause: an incident that lasts, again after the window when more cases have
 * it, and when it is over. What cannot be told is told later, in order. Gives why telling failed, cause by cause.
 */
export async function tellNews(
  db: Kysely<ViewTables>,
  notify: Notify,
  settings: WatchSettings,
  stopped: AbortSignal,
): Promise<string[]> {
  const failures: string[] = [];
  for (const incident of await withNews(db, settings)) {
    if (stopped.aborted) break;
    const { what, ...alert } = await tellingOf(db, incident);
    const { id, cause } = incident;
    try {
      if (what === 'clear') await notify.clear({ key: alert.key, cause });
      else await notify.raise({ ...alert, cause, windowInMinutes: settings.windowInMinutes });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      failures.push(reason);
      await putOff(db, incident, reason, settings);
      continue;
    }
    const told = { telling: null, tell_failures: 0, tell_error: null, tell_after: null };
    await db
      .updateTable('watch_incidents')
      .set({
        ...told,
        ...(what === 'clear'
          ? { all_clear_at: sql`now()` }
          : { told_at: sql`now()`, told_cases: alert.cases, tellings: sql`tellings + 1` }),
      })
      .where('id', '=', id)
      .execute();
  }
  return failures;
}

/** Of each cause the oldest of which there is something to tell, unless that is put off. */
async function withNews(
  db: Kysely<ViewTables>,
  { holdMs, windowInMinutes }: Pick<WatchSettings, 'holdMs' | 'windowInMinutes'>,
): Promise<Incident[]> {
  const { rows } = await sql<Incident & { now: string }>`
    SELECT DISTINCT ON (cause) *, now() AS now FROM watch_incidents
    WHERE telling IS NOT NULL
      OR (cleared_at IS NULL AND told_at IS NULL AND first_seen <= now() - ${holdMs} * interval '1 millisecond')
      OR (cleared_at IS NULL AND cases > told_cases AND told_at <= now() - ${windowInMinutes} * interval '1 minute')
      OR (cleared_at IS NOT NULL AND told_at IS NOT NULL AND all_clear_at IS NULL)
    ORDER BY cause, id`.execute(db);
  return rows.filter(({ tell_after: after, now }) => after === null || after <= now);
}

/** What is to be told, which stays the same until it has been. */
async function tellingOf(db: Kysely<ViewTables>, incident: Incident): Promise<Telling> {
  const { id, cause, cases, cleared_at: clearedAt, first_seen: firstSeen, tellings, telling: begun } = incident;
  if (begun) return begun;
  const what = clearedAt === null ? 'raise' : 'clear';
  const named = createHash('sha256').update(cause).digest('hex').slice(0, 32);
  const key = `watch~${named}~${firstSeen}~${what}~${tellings + 1}`;
  const telling: Telling = { what, key, cases, text: what === 'raise' ? await textOf(db, incident) : '' };
  await db
    .updateTable('watch_incidents')
    .set({ telling: JSON.stringify(telling) })
    .where('id', '=', id)
    .execute();
  return telling;
}

/** How many cases an SMS names. */
const mostNamed = 5;
/** In characters; an SMS holds less. */
const longestText = 500;

async function textOf(
  db: Kysely<ViewTables>,
  { id, cases, attempts, last_error: lastError }: Incident,
): Promise<string> {
  const having = await db
    .selectFrom('watch_cases')
    .select('case_id')
    .where('incident_id', '=', id)
    .orderBy('first_seen')
    .orderBy('case_id')
    .limit(mostNamed)
    .execute();
  const named = having.map((one) => one.case_id).join(', ');
  const more = having.length > 0 && cases > having.length ? ` and ${cases - having.length} more` : '';
  const parts = [named && `${named}${more}`, attempts !== null && `${attempts} attempts`, lastError];
  return parts.filter(Boolean).join('; ').slice(0, longestText) || '-';
}

const longestPauseMs = 300_000;

async function putOff(
  db: Kysely<ViewTables>,
  { id, tell_failures: failures }: Incident,
  reason: string,
  { pauseMs }: Pick<WatchSettings, 'pauseMs'>,
): Promise<void> {
  const pause = Math.min(pauseMs * 2 ** failures, longestPauseMs);
  await db
    .updateTable('watch_incidents')
    .set({
      tell_failures: failures + 1,
      tell_error: reason.replaceAll('\0', '\ufffd'),
      tell_after: sql`now() + ${pause} * interval '1 millisecond'`,
    })
    .where('id', '=', id)
    .execute();
}
