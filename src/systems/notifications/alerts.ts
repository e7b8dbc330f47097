import { sql, type Kysely, type Selectable, type Transaction } from 'kysely';
import { databaseTime, type NotificationsTables } from './database';
import { alertText, clear, passTime, raise, type AlertDecision, type AlertState, type SubjectState } from './domain';
import { enqueue } from './jobs';
import { keepMessage } from './messages';

/** The task that sums an alert up when its window ends, see `endWindow`. */
export const windowTask = 'endWindow';

/** Cases that an SMS may name; more do not fit. */
const mostNamed = 15;

type AlertRow = Selectable<NotificationsTables['alerts']>;

/** Take up that something went wrong for a subject; `sent` says that an SMS is on its way for it. `key` is the request's. */
export async function raiseAlert(
  trx: Transaction<NotificationsTables>,
  alert: {
    cause: string;
    recipient: string;
    subject: string;
    text: string;
    windowInMinutes: number;
    cases?: number | undefined;
  },
  key: string,
): Promise<'sent' | 'counted'> {
  const { cause, recipient, subject, text, windowInMinutes, cases = 1 } = alert;
  const row = await trx
    .insertInto('alerts')
    .values({ cause, recipient, window_in_minutes: windowInMinutes })
    .onConflict((conflict) =>
      conflict.columns(['cause', 'recipient']).doUpdateSet({ window_in_minutes: windowInMinutes }),
    )
    .returningAll()
    .executeTakeFirstOrThrow();
  const decision = raise(await stateOf(trx, row), {
    subject: await subjectStateOf(trx, row.id, subject),
    windowInMinutes,
    now: await databaseTime(trx),
  });
  const isNews = decision.sms !== undefined;
  await trx
    .insertInto('alert_subjects')
    .values({ alert_id: row.id, subject, text, cases })
    .onConflict((conflict) =>
      conflict.columns(['alert_id', 'subject']).doUpdateSet(isNews ? { text, cases, told: false } : { text, cases }),
    )
    .execute();
  await carryOut(trx, row, decision, key);
  return isNews ? 'sent' : 'counted';
}

/**
 * Take up that a subject is well again, of one cause or, without it, of whatever was raised for it; what is not known of is
 * well. `others-remain` says that another subject of such a cause is open. `key` is the request's.
 */
export async function clearAlert(
  trx: Transaction<NotificationsTables>,
  { cause, recipient, subject }: { cause?: string | undefined; recipient: string; subject: string },
  key: string,
): Promise<'all-clear' | 'others-remain'> {
  // All locked before any is changed, in one order: two requests cannot wait for each other.
  const rows = await trx
    .selectFrom('alerts')
    .selectAll()
    .where('recipient', '=', recipient)
    .where((alert) =>
      cause === undefined
        ? alert.exists(
            alert
              .selectFrom('alert_subjects')
              .select('subject')
              .whereRef('alert_id', '=', 'alerts.id')
              .where('subject', '=', subject),
          )
        : alert('cause', '=', cause),
    )
    .orderBy('id')
    .forUpdate()
    .execute();
  let status: 'all-clear' | 'others-remain' = 'all-clear';
  for (const row of rows) {
    const before = await stateOf(trx, row);
    const decision = clear(before, await subjectStateOf(trx, row.id, subject));
    await trx.deleteFrom('alert_subjects').where('alert_id', '=', row.id).where('subject', '=', subject).execute();
    await carryOut(trx, row, decision, `alert ${row.id}, cleared by ${key}`);
    if (decision.state.open > 0) status = 'others-remain';
  }
  return status;
}

/** A window's time has come: what was counted in it is summed up. Harmless at any other time. */
export async function endWindow(db: Kysely<NotificationsTables>, alertId: number): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const row = await trx
      .selectFrom('alerts')
      .selectAll()
      .where('id', '=', alertId)
      .forUpdate()
      .executeTakeFirstOrThrow();
    const passed = { windowInMinutes: row.window_in_minutes, now: await databaseTime(trx) };
    const decision = passTime(await stateOf(trx, row), passed);
    await carryOut(trx, row, decision, `alert ${row.id}, window until ${row.window_ends_at}`);
  });
}

/** Has windows ended whose job was lost. */
export async function requestOverdueWindows(db: Kysely<NotificationsTables>): Promise<void> {
  const overdue = await db
    .selectFrom('alerts')
    .select('id')
    .where('window_ends_at', '<', sql<string>`now() - interval '1 minute'`)
    .where((alert) =>
      alert.exists(
        alert
          .selectFrom('alert_subjects')
          .select('subject')
          .whereRef('alert_id', '=', 'alerts.id')
          .where('told', '=', false),
      ),
    )
    .execute();
  for (const { id } of overdue) await enqueue(db, windowJob(id));
}

function windowJob(alertId: number) {
  return { task: windowTask, payload: { alertId }, key: `${windowTask}:${alertId}` };
}

async function stateOf(trx: Transaction<NotificationsTables>, row: AlertRow): Promise<AlertState> {
  const { open, untold } = await trx
    .selectFrom('alert_subjects')
    .select(({ fn }) => [
      fn.countAll<number>().as('open'),
      fn.countAll<number>().filterWhere('told', '=', false).as('untold'),
    ])
    .where('alert_id', '=', row.id)
    .executeTakeFirstOrThrow();
  const state = { open, untold, alerted: row.alerted };
  return row.window_ends_at === null ? state : { ...state, windowEndsAt: row.window_ends_at };
}

/** How many cases the open subjects stand for, and those that no SMS has counted yet. */
async function casesOf(
  trx: Transaction<NotificationsTables>,
  alertId: number,
): Promise<{ cases: number; newCases: number }> {
  return trx
    .selectFrom('alert_subjects')
    .select(({ fn }) => [
      fn.sum<number>('cases').as('cases'),
      fn.coalesce(fn.sum<number>('cases').filterWhere('told', '=', false), sql<number>`0`).as('newCases'),
    ])
    .where('alert_id', '=', alertId)
    .executeTakeFirstOrThrow();
}

async function subjectStateOf(
  trx: Transaction<NotificationsTables>,
  alertId: number,
  subject: string,
): Promise<SubjectState> {
  const open = await trx
    .selectFrom('alert_subjects')
    .select('told')
    .where('alert_id', '=', alertId)
    .where('subject', '=', subject)
    .executeTakeFirst();
  if (open === undefined) return 'well';
  return open.told ? 'told' : 'untold';
}

async function carryOut(
  trx: Transaction<NotificationsTables>,
  row: AlertRow,
  { state, sms }: AlertDecision,
  key: string,
): Promise<void> {
  if (sms === undefined) return;
  const named = await trx
    .selectFrom('alert_subjects')
    .select(['subject', 'text'])
    .where('alert_id', '=', row.id)
    .orderBy('told')
    .orderBy('raised_at')
    .limit(mostNamed)
    .execute();
  const words = { cause: row.cause, subjects: named.map(({ subject }) => subject), text: named[0]?.text ?? '' };
  const told = sms.kind === 'alert' ? { ...sms, ...(await casesOf(trx, row.id)) } : sms;
  await trx
    .updateTable('alerts')
    .set({ alerted: state.alerted, window_ends_at: state.windowEndsAt ?? null })
    .where('id', '=', row.id)
    .execute();
  if (sms.kind === 'alert') {
    await trx.updateTable('alert_subjects').set({ told: true }).where('alert_id', '=', row.id).execute();
    await enqueue(trx, { ...windowJob(row.id), ...(state.windowEndsAt && { runAt: state.windowEndsAt }) });
  }
  await keepMessage(trx, { key, recipient: row.recipient, text: alertText(told, words) });
}
