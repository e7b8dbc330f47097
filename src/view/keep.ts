import { sql, type Kysely } from 'kysely';
import type { CaseReport, ServerRecord } from '../kit/client';
import type { ViewTables } from './database';
import { dueAt } from './due';
import { keepDurations } from './durations';
import { isKeepable } from './ids';
import { isNothing, withAnswer, withoutServer, withReport, type Confirmed, type Knowledge } from './knowledge';
import { writeCases, type Before, type CaseChange } from './write';

type Db = Kysely<ViewTables>;

/**
 * Keeps what workers told of cases, as far as it is news: in whatever order and however often it is told. Left out, here and
 * wherever else cases are kept, are those whose id Postgres cannot keep.
 */
export async function applyReports(db: Db, reports: CaseReport[]): Promise<void> {
  const byCase = new Map<string, CaseReport[]>();
  for (const report of reports) byCase.set(report.caseId, [...(byCase.get(report.caseId) ?? []), report]);
  await change(db, [...byCase.keys()], (caseId, before, now) => ({
    known: (byCase.get(caseId) ?? []).reduce((known, report) => withReport(known, report, now), before),
    corrects: false,
  }));
}

/** Keeps what the case itself answered, or what the server knows of it. */
export function confirmCase(db: Db, answer: Confirmed): Promise<void> {
  return confirmCases(db, [answer]);
}

/** As {@link confirmCase}, for one answer of each of several cases. */
export async function confirmCases(db: Db, answers: Confirmed[]): Promise<void> {
  const byCase = new Map(answers.map((answer) => [answer.record.caseId, answer]));
  await change(db, [...byCase.keys()], (caseId, before) => {
    const answer = byCase.get(caseId);
    return answer ? withAnswer(before, answer) : { known: before, corrects: false };
  });
}

/** Keeps what the server's search told of cases of which nothing is known; they are then asked. */
export async function keepListed(db: Db, listed: ServerRecord[]): Promise<void> {
  const byCase = new Map(listed.map((record) => [record.caseId, record]));
  await change(db, [...byCase.keys()], (caseId, before, now) => {
    const record = byCase.get(caseId);
    const known = isNothing(before) && record ? { confirmed: asListedByServer(record, now) } : before;
    return { known, corrects: false };
  });
}

/** What the server alone knows of a case, as of a time: no steps. */
export function asListedByServer({ taskQueue: _, ...record }: ServerRecord, now: string): Confirmed {
  return {
    record: { ...record, steps: [], waitingFor: [], incidents: [], historyLength: 0 },
    runStartedAt: record.startedAt,
    confirmedAt: now,
    partial: true,
  };
}

/** Keeps what is known of a case that the server knows no more. */
export async function keepWithoutServer(db: Db, caseId: string): Promise<void> {
  await change(db, [caseId], (_, before, now) => ({
    known: isNothing(before) ? before : withoutServer(before, now),
    corrects: false,
  }));
}

/** Changes what is known of cases. A case that somebody else has changed meanwhile is read, and changed, again. */
async function change(
  db: Db,
  caseIds: string[],
  changed: (caseId: string, before: Knowledge, now: string) => { known: Knowledge; corrects: boolean },
): Promise<void> {
  let left = caseIds.filter(isKeepable);
  while (left.length > 0) {
    const { rows, now } = await read(db, left);
    const changes = left.flatMap((caseId) => {
      const before = rows.get(caseId) ?? { knowledge: {}, confirmAt: null };
      const { known, corrects } = changed(caseId, before.knowledge, now);
      return known === before.knowledge
        ? []
        : [{ caseId, before, known, corrects, confirmAt: dueAt(known, before, now) }];
    });
    const written = await writeWithDurations(db, changes);
    left = changes.map(({ caseId }) => caseId).filter((caseId) => !written.has(caseId));
  }
}

/** What is known of these cases, and the time of the database. */
async function read(db: Db, caseIds: string[]): Promise<{ rows: Map<string, Before>; now: string }> {
  const { rows } = await sql<{
    now: string;
    caseId: string | null;
    knowledge: Knowledge;
    confirmAt: string | null;
    changedAt: string;
  }>`
    SELECT now(), case_id AS "caseId", knowledge, confirm_at AS "confirmAt", changed_at::text AS "changedAt"
    FROM (SELECT) AS once LEFT JOIN cases ON case_id = any(${caseIds}::text[])`.execute(db);
  return {
    rows: new Map(rows.flatMap(({ now: _, caseId, ...row }) => (caseId === null ? [] : [[caseId, row]]))),
    now: rows[0]?.now ?? '',
  };
}

/** Gives the ids of those that were written, with how long the cases took that have ended for sure. */
async function writeWithDurations(db: Db, changes: CaseChange[]): Promise<Set<string>> {
  const ended = changes.flatMap(({ known: { reported, confirmed } }) =>
    !reported && confirmed?.record.endedAt !== undefined ? [confirmed.record] : [],
  );
  if (ended.length === 0) return writeCases(db, changes);
  return db.transaction().execute(async (trx) => {
    const written = await writeCases(trx, changes);
    await keepDurations(
      trx,
      ended.filter(({ caseId }) => written.has(caseId)),
    );
    return written;
  });
}
