import type { StepError } from '../../kit/client';
import type { WatchSettings } from './settings';

/** What the server says of an open case beyond what the case itself knows. Times in milliseconds since 1970. */
export interface Described {
  caseId: string;
  process: string;
  /** Events in the history. */
  historyLength: number;
  calls: PendingCall[];
  /** The piece of workflow code that is to run now; absent when none is. */
  workflowTask?: {
    attempt: number;
    scheduledAt: number;
    /** How the last one ended that did not succeed. */
    lastFailure?: StepError & { timedOut: boolean };
  };
}

/** An activity that has not ended. */
export interface PendingCall {
  operation: string;
  attempt: number;
  /** A worker has it now. */
  running: boolean;
  scheduledAt: number;
  lastFailure?: StepError;
}

/** An open step as the view knows it. */
export interface OpenStep {
  name: string;
  startedAt: string;
  dueAt: string | null;
}

/** What is wrong with one case. */
export interface Symptom {
  kind: 'retrying' | 'failing code' | 'overdue';
  caseId: string;
  process: string;
  /** The operation or the step; absent when it is about the case as a whole. */
  about?: string;
  error?: StepError;
  attempts?: number;
}

/**
 * What is wrong with a case that it cannot report itself: calls tried for too long or too often, or that no worker takes;
 * code that fails; and a time that has passed while no worker goes on with the case.
 */
export function symptomsOf(described: Described, steps: OpenStep[], settings: WatchSettings, now: number): Symptom[] {
  return [...callsInTrouble(described, steps, settings, now), ...codeInTrouble(described, steps, settings, now)];
}

function callsInTrouble(
  { caseId, process, calls }: Described,
  steps: OpenStep[],
  { retryingForMs, attempts: mostAttempts }: WatchSettings,
  now: number,
): Symptom[] {
  return calls.flatMap((call, index) => {
    const { operation, attempt, running, lastFailure } = call;
    const isNew = attempt === 1;
    if (isNew && running) return [];
    const tooLong = now - firstScheduled(call, calls.slice(0, index), steps) > retryingForMs;
    if (!tooLong && attempt <= mostAttempts) return [];
    const untaken = { type: 'not taken', message: 'no worker takes it' };
    const error = isNew ? untaken : (lastFailure ?? { type: 'unknown', message: 'the server does not say why' });
    return [{ kind: 'retrying', caseId, process, about: operation, error, attempts: attempt }];
  });
}

/** The server forgets when a call was first scheduled; steps of one name are open in the order of their calls. */
function firstScheduled({ operation, scheduledAt }: PendingCall, before: PendingCall[], steps: OpenStep[]): number {
  const place = before.filter((call) => call.operation === operation).length;
  const ofSameName = steps
    .filter(({ name }) => name === operation)
    .map(({ startedAt }) => Date.parse(startedAt))
    .sort((a, b) => a - b);
  return Math.min(ofSameName[place] ?? scheduledAt, scheduledAt);
}

/** A task that timed out may have met a worker that ended; one that does so again and again meets code that does not end. */
const mostTimeouts = 3;

function codeInTrouble(
  { caseId, process, workflowTask }: Described,
  steps: OpenStep[],
  { overdueMs }: WatchSettings,
  now: number,
): Symptom[] {
  if (!workflowTask) return [];
  const { attempt, scheduledAt, lastFailure } = workflowTask;
  if (lastFailure && attempt > (lastFailure.timedOut ? mostTimeouts : 1)) {
    const { type, message } = lastFailure;
    return [{ kind: 'failing code', caseId, process, error: { type, message }, attempts: attempt }];
  }
  if (now - scheduledAt <= overdueMs) return [];
  const due = steps
    .filter(({ dueAt }) => dueAt !== null && Date.parse(dueAt) < now)
    .sort((a, b) => String(a.dueAt).localeCompare(String(b.dueAt)))[0];
  return [{ kind: 'overdue', caseId, process, ...(due && { about: due.name }) }];
}
