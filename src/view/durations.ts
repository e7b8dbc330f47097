import { sql, type Transaction } from 'kysely';
import type { CaseRecord, Step } from '../kit/client';
import { prepared } from '../service/database';
import type { ViewTables } from './database';
import { asJson } from './json';

/** What of a case's time, in milliseconds, went into what; together they are all of it. */
export interface Waits {
  /** A task waited for a person. */
  people: number;
  /** Else, a system was called again after an operator had it tried again; of earlier attempts the record does not tell. */
  retries: number;
  /** Else, a system was called. */
  systems: number;
  /** Else: waiting for a worker, an event, a timer or another case. */
  queue: number;
}

/** Tables of what finished cases took, in milliseconds. Only those that completed are in them. */
export interface DurationTables {
  case_durations: {
    case_id: string;
    process: string;
    ended_at: string;
    people_ms: number;
    retries_ms: number;
    systems_ms: number;
    queue_ms: number;
  };
  step_durations: {
    case_id: string;
    process: string;
    /** As in the record, `approveBonus/1`; empty for the case as a whole. */
    step_id: string;
    /** When the case ended. */
    ended_at: string;
    lasted_ms: number;
    /** From the step's start to the end of the case. */
    left_ms: number;
  };
}

/** Keeps how long these cases took, as far as they have completed, in place of what was kept of them. */
export async function keepDurations(trx: Transaction<ViewTables>, records: CaseRecord[]): Promise<void> {
  const ended = records.filter(({ endedAt }) => endedAt !== undefined);
  if (ended.length === 0) return;
  const caseIds = ended.map(({ caseId }) => caseId);
  const completed = ended.filter(({ status }) => status === 'completed');
  await sql`${prepared}
    WITH of_steps AS MATERIALIZED (
      SELECT * FROM jsonb_populate_recordset(null::step_durations, ${asJson(completed.flatMap(stepRows))}::jsonb)),
    of_cases AS MATERIALIZED (
      SELECT * FROM jsonb_populate_recordset(null::case_durations, ${asJson(completed.map(caseRow))}::jsonb)),
    lost_steps AS (
      DELETE FROM step_durations WHERE case_id = any(${caseIds}::text[])
        AND (case_id, step_id) NOT IN (SELECT case_id, step_id FROM of_steps)),
    lost_cases AS (
      DELETE FROM case_durations WHERE case_id = any(${caseIds}::text[])
        AND case_id NOT IN (SELECT case_id FROM of_cases)),
    steps AS (
      INSERT INTO step_durations SELECT * FROM of_steps
      ON CONFLICT (case_id, step_id) DO UPDATE SET
        process = excluded.process, ended_at = excluded.ended_at, lasted_ms = excluded.lasted_ms,
        left_ms = excluded.left_ms)
    INSERT INTO case_durations SELECT * FROM of_cases
    ON CONFLICT (case_id) DO UPDATE SET
      process = excluded.process, ended_at = excluded.ended_at, people_ms = excluded.people_ms,
      retries_ms = excluded.retries_ms, systems_ms = excluded.systems_ms, queue_ms = excluded.queue_ms`.execute(trx);
}

function caseRow(record: CaseRecord): object {
  const { people, retries, systems, queue } = waitsOf(record);
  const { caseId, process, endedAt } = record;
  const waits = { people_ms: people, retries_ms: retries, systems_ms: systems, queue_ms: queue };
  return { case_id: caseId, process, ended_at: endedAt, ...waits };
}

function stepRows(record: CaseRecord): object[] {
  const { caseId, process, startedAt, endedAt = startedAt, steps } = record;
  const whole = { id: '', startedAt, endedAt };
  return [whole, ...steps].map((step) => ({
    case_id: caseId,
    process,
    step_id: step.id,
    ended_at: endedAt,
    lasted_ms: between(step.startedAt, step.endedAt ?? endedAt),
    left_ms: between(step.startedAt, endedAt),
  }));
}

/** Into what a case's time went until it ended, or until now. */
export function waitsOf({ startedAt, endedAt, steps }: CaseRecord, now: Date = new Date()): Waits {
  const end = endedAt ?? now.toISOString();
  const spans = steps.flatMap((step) => spansOf(step, end));
  const times = [...new Set([startedAt, end, ...spans.flatMap(({ from, to }) => [from, to])])]
    .filter((time) => time >= startedAt && time <= end)
    .sort();
  const waits: Waits = { people: 0, retries: 0, systems: 0, queue: 0 };
  times.slice(1).forEach((to, index) => {
    const from = times[index] ?? to;
    const open = spans.filter((span) => span.from <= from && span.to >= to).map(({ what }) => what);
    const what = (['people', 'retries', 'systems'] as const).find((kind) => open.includes(kind)) ?? 'queue';
    waits[what] += between(from, to);
  });
  return waits;
}

interface Span {
  what: keyof Waits;
  from: string;
  to: string;
}

function spansOf({ kind, startedAt, endedAt, resolutions }: Step, end: string): Span[] {
  const to = endedAt ?? end;
  const again = resolutions?.find(({ action }) => action === 'retry')?.at;
  switch (kind) {
    case 'task':
      return [{ what: 'people', from: startedAt, to }];
    case 'call':
    case 'compensation':
    case 'alert':
      return again === undefined
        ? [{ what: 'systems', from: startedAt, to }]
        : [
            { what: 'systems', from: startedAt, to: again },
            { what: 'retries', from: again, to },
          ];
    case 'event':
    case 'timer':
    case 'child':
      return [];
  }
}

function between(from: string, to: string): number {
  return Math.max(0, Date.parse(to) - Date.parse(from));
}
