import { sql, type Kysely } from 'kysely';
import { LRUCache } from 'lru-cache';
import type { CaseReport, ServerRecord } from '../kit/client';
import type { ViewTables } from './database';
import { askedIn, rest } from './due';
import { keepDurations } from './durations';
import { isKeepable } from './ids';
import {
  isNothing,
  newest,
  withAnswer,
  withoutServer,
  withReport,
  type Confirmed,
  type Knowledge,
  type Reported,
} from './knowledge';
import { timeOfWriting, writeCases, type Before, type CaseChange } from './write';

type Db = Kysely<ViewTables>;

/**
 * What one process wrote of cases lately. It need not read them again before it writes, unless somebody else has changed
 * them since: which they do once such a case has rested and is asked.
 */
export type WrittenLately = LRUCache<string, Before>;

export function writtenLately(): WrittenLately {
  return new LRUCache({ maxSize: 50_000, sizeCalculation: stepsOf, ttl: rest, ttlAutopurge: true });
}

/** Steps, and one for the rest, by which what is kept of cases in memory is measured. */
function stepsOf({ knowledge }: Before): number {
  const steps = [knowledge.reported, knowledge.confirmed].map((known) => known?.record.steps.length ?? 0);
  return steps.reduce((sum, some) => sum + some, 1);
}

/**
 * Keeps what workers told of cases, as far as it is news: in whatever order and however often it is told. Left out, here and
 * wherever else cases are kept, are those whose id Postgres cannot keep. With `lately`, what was written by it is supposed to
 * be there still, and nothing to be known of cases that have just begun: where that is not so, they are read.
 */
export async function applyReports(db: Db, reports: CaseReport[], lately?: WrittenLately): Promise<void> {
  const byCase = new Map<string, CaseReport[]>();
  for (const report of reports) byCase.set(report.caseId, [...(byCase.get(report.caseId) ?? []), report]);
  const supposed = new Map<string, Before>();
  for (const [caseId, [report]] of lately ? byCase : []) {
    const before = lately?.get(caseId) ?? (report && hasJustBegun(report) ? { knowledge: {} } : undefined);
    if (before) supposed.set(caseId, before);
  }
  const told = (caseId: string, before: Knowledge) => ({
    known: (byCase.get(caseId) ?? []).reduce((known, report) => withReport(known, report, timeOfWriting), before),
    corrects: false,
  });
  const written = await change(db, [...byCase.keys()], told, supposed);
  for (const [caseId, before] of written) {
    if (newest(before.knowledge).record.endedAt === undefined) lately?.set(caseId, before);
    else lately?.delete(caseId);
  }
}

/** Whether this tells of the first workflow task of a case: before it there are the start, and hardly any message. */
function hasJustBegun({ since, restart, historyLength, startedAt, runStartedAt }: CaseReport): boolean {
  return since === undefined && restart === 0 && startedAt === runStartedAt && historyLength <= 5;
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

/** Keeps what the server told of runs of which nothing is known, nor of a later one; they are then asked. */
export async function keepListed(db: Db, listed: ServerRecord[]): Promise<void> {
  const byCase = new Map(listed.map((record) => [record.caseId, record]));
  await change(db, [...byCase.keys()], (caseId, before, now) => {
    const record = byCase.get(caseId);
    const isNews = record && (isNothing(before) || isLater(record, newest(before)));
    return { known: isNews ? { confirmed: asListedByServer(record, now) } : before, corrects: false };
  });
}

function isLater(listed: ServerRecord, { record: { runId }, runStartedAt }: Confirmed | Reported): boolean {
  return listed.runId !== runId && listed.startedAt > runStartedAt;
}

/** What the server alone knows of a case, as of a time: no steps. */
function asListedByServer({ taskQueue: _, ...record }: ServerRecord, now: string): Confirmed {
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

/**
 * Changes what is known of cases; gives those that it wrote as they are now. A case that somebody else has changed meanwhile
 * is read, and changed, again. So is one that is not as it was `supposed` to be, or that what is told is no news about then.
 */
async function change(
  db: Db,
  caseIds: string[],
  changed: (caseId: string, before: Knowledge, now: string) => { known: Knowledge; corrects: boolean },
  supposed = new Map<string, Before>(),
): Promise<Map<string, Before>> {
  const written = new Map<string, Before>();
  let left = caseIds.filter(isKeepable);
  while (left.length > 0) {
    const { rows, now } = await read(
      db,
      left.filter((caseId) => !supposed.has(caseId)),
    );
    const changes = left.flatMap((caseId) => {
      const before = supposed.get(caseId) ?? rows.get(caseId) ?? { knowledge: {} };
      const { known, corrects } = changed(caseId, before.knowledge, now);
      return known === before.knowledge ? [] : [{ caseId, before, known, corrects, askedIn: askedIn(known, before) }];
    });
    for (const [caseId, before] of await writeWithDurations(db, changes)) written.set(caseId, before);
    const tried = new Set([...supposed.keys(), ...changes.map(({ caseId }) => caseId)]);
    left = left.filter((caseId) => tried.has(caseId) && !written.has(caseId));
    supposed.clear();
  }
  return written;
}

/** What is known of these cases, and the time of the database. */
async function read(db: Db, caseIds: string[]): Promise<{ rows: Map<string, Before>; now: string }> {
  if (caseIds.length === 0) return { rows: new Map(), now: timeOfWriting };
  const { rows } = await sql<{
    now: string;
    caseId: string | null;
    knowledge: Knowledge;
    changedAt: string;
  }>`
    SELECT now(), case_id AS "caseId", knowledge, changed_at::text AS "changedAt"
    FROM (SELECT) AS once LEFT JOIN cases ON case_id = any(${caseIds}::text[])`.execute(db);
  return {
    rows: new Map(rows.flatMap(({ now: _, caseId, ...row }) => (caseId === null ? [] : [[caseId, row]]))),
    now: rows[0]?.now ?? '',
  };
}

/** As {@link writeCases}, with how long the cases took that have ended for sure. */
async function writeWithDurations(db: Db, changes: CaseChange[]): Promise<Map<string, Before>> {
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
