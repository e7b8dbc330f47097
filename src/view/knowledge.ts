import { isDeepStrictEqual } from 'node:util';
import { endedFromOutside, type CaseRecord, type CaseReport } from '../kit/client';

/**
 * What the view knows of a case. What its worker reported is newer than what the case itself answered, or it is not
 * there; it is shown, and the next answer replaces it.
 */
export interface Knowledge {
  confirmed?: Confirmed;
  reported?: Reported;
}

/** What the case itself answered, or what only the server knows. Times are ISO 8601 in UTC. */
export interface Confirmed {
  record: CaseRecord;
  runStartedAt: string;
  /** As of when it was asked: what happened before is in the record. */
  confirmedAt: string;
  /** Events in the server's history then: while there are no more, nothing has happened since. Absent: it was not asked. */
  events?: number;
  /** When the case was last set back to an earlier point, from which its run goes on. */
  resetAt?: string;
  /** Read without the code of the case: steps may be missing, and what people are asked. */
  partial?: true;
}

/** What the worker told since. */
export interface Reported {
  record: CaseRecord;
  runStartedAt: string;
  reportedAt: string;
  /** As the server said of this run before. */
  resetAt?: string;
  /** A report before this one was missed: there may be steps that are not known, or known as they were. */
  gaps?: true;
  /** When the workflow task started by which its run has ended, if the server accepted what came of it. */
  lastTaskStartedAt?: string;
}

export function isNothing({ confirmed, reported }: Knowledge): boolean {
  return !confirmed && !reported;
}

/** The newest that is known of the case. */
export function newest({ confirmed, reported }: Knowledge): Confirmed | Reported {
  const known = reported ?? confirmed;
  if (!known) throw new TypeError('nothing is known of the case');
  return known;
}

/** What is known once the report has come; the same object when it tells nothing new. */
export function withReport(known: Knowledge, report: CaseReport, reportedAt: string): Knowledge {
  const { taskQueue: _, runStartedAt, since, changed, lastTaskStartedAt, ...rest } = report;
  const before = known.reported ?? known.confirmed;
  if (before && isOlder(report, before, known)) return known;
  const base = before?.record.runId === report.runId ? before : undefined;
  const kept = since === undefined ? [] : (base?.record.steps ?? []);
  const steps = new Map([...kept, ...changed].map((step) => [step.id, step]));
  const hasGaps = since !== undefined && (!base || since > base.record.historyLength || isGappy(base));
  const record: CaseRecord = { ...rest, steps: [...steps.values()] };
  const more = {
    ...(base?.resetAt !== undefined && { resetAt: base.resetAt }),
    ...(hasGaps && { gaps: true as const }),
    ...(lastTaskStartedAt !== undefined && { lastTaskStartedAt }),
  };
  return { ...known, reported: { record, runStartedAt, reportedAt, ...more } };
}

/** What is known once the case has answered, and whether that corrects what was reported of the same moment. */
export function withAnswer(known: Knowledge, answer: Confirmed): { known: Knowledge; corrects: boolean } {
  const { confirmed, reported } = known;
  if (confirmed && answer.confirmedAt < confirmed.confirmedAt) return { known, corrects: false };
  const isOvertaken = reported && answer.confirmedAt <= reported.reportedAt && isBefore(answer, reported);
  if (isOvertaken && !ends(answer, reported)) return { known: { confirmed: answer, reported }, corrects: false };
  const ofSameMoment = reported && !isBefore(reported, answer) && !isGappy(reported);
  const corrects = ofSameMoment === true && !answer.partial && !isDeepStrictEqual(reported.record, answer.record);
  return { known: { confirmed: answer }, corrects };
}

/**
 * What is kept once the server knows the case no more: deleted, or kept no longer. Nothing goes on in it, so that what
 * was open is given up; it may have ended otherwise.
 */
export function withoutServer(known: Knowledge, at: string): Knowledge {
  const { record, runStartedAt } = newest(known);
  const { reported, confirmed } = known;
  const isSure = !reported && !confirmed?.partial && record.endedAt !== undefined;
  const kept: Confirmed = {
    ...(!reported && confirmed),
    record: record.endedAt === undefined ? endedFromOutside(record, 'terminated', at) : record,
    runStartedAt,
    confirmedAt: at,
    events: record.historyLength,
    ...(!isSure && { partial: true }),
  };
  return { confirmed: kept };
}

function isOlder(report: CaseReport, before: Confirmed | Reported, { confirmed }: Knowledge): boolean {
  if (report.runId !== before.record.runId) return report.runStartedAt < before.runStartedAt;
  if (confirmed?.record.runId === report.runId) {
    if (confirmed.record.endedAt !== undefined || report.historyLength <= confirmed.record.historyLength) return true;
  }
  return report.historyLength < before.record.historyLength;
}

function isBefore(one: Confirmed | Reported, other: Confirmed | Reported): boolean {
  if (one.record.runId !== other.record.runId) return one.runStartedAt < other.runStartedAt;
  return one.record.historyLength < other.record.historyLength;
}

/** A run that has ended tells nothing more, whatever its worker reported of a task that the server did not accept. */
function ends(answer: Confirmed, { record }: Reported): boolean {
  return answer.record.runId === record.runId && answer.record.endedAt !== undefined;
}

function isGappy(known: Confirmed | Reported): boolean {
  return 'gaps' in known;
}
