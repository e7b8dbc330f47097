import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { defineSignal, defineUpdate, log, setHandler } from '@temporalio/workflow';
import canonicalize from 'canonicalize';
import {
  decideMessage,
  type Decision,
  type OpenTask,
  type RecordedDecision,
  type Refusal,
  type Step,
} from '../contract';
import { refusalBySchema, refused } from './errors';
import { currentRecording, now } from './record';

/** A task as the kit keeps it while it waits. */
export interface WaitingTask {
  step: Step;
  open: OpenTask;
  decided?: RecordedDecision;
}

const waiting = new Map<string, WaitingTask>();
const mostRefusalsKept = 20;

/** SHA-256 (hex) of the canonical JSON of what is shown. */
export function hashOfShown(shows: unknown): string {
  return bytesToHex(sha256(utf8ToBytes(canonicalize(shows) ?? '')));
}

/** Opens the task for decisions; what was signalled for it before counts now. */
export function openForDecision(task: WaitingTask): void {
  waiting.set(task.step.id, task);
  currentRecording().openTasks.set(task.step.id, task.open);
  for (const decision of currentRecording().earlyDecisions.splice(0)) takeSignal(decision);
}

export function closeForDecision({ step }: WaitingTask): void {
  waiting.delete(step.id);
  currentRecording().openTasks.delete(step.id);
}

const decideUpdate = defineUpdate<RecordedDecision, [Decision]>(decideMessage);
const decideSignal = defineSignal<[Decision]>(decideMessage);

/** Takes decisions from now on. A refused signal is kept with the task; a refused update is answered with the reason. */
export function takeDecisions(): void {
  const description = 'A person decides about a task';
  setHandler(decideUpdate, decide, {
    description,
    validator: (decision: Decision) => {
      const refusal = refusalOf(decision);
      if (refusal) throw refused(refusal);
    },
  });
  setHandler(decideSignal, takeSignal, { description });
}

function takeSignal(decision: Decision): void {
  const refusal = refusalOf(decision);
  if (!refusal) {
    decide(decision);
  } else if (refusal.code === 'no-such-task') {
    currentRecording().earlyDecisions.push(decision);
  } else {
    log.warn('Decision refused', { code: refusal.code });
    keepRefusal(decision, refusal);
  }
}

function keepRefusal({ task, by, decision }: Decision, { message }: Refusal): void {
  const step = findWaiting(task)?.step;
  if (!step) return;
  step.refusals = [...(step.refusals ?? []), { by, decision, reason: message, at: now() }].slice(-mostRefusalsKept);
}

function decide(decision: Decision): RecordedDecision {
  const refusal = refusalOf(decision);
  if (refusal) throw refused(refusal);
  const task = findWaiting(decision.task);
  if (!task || refusalByTask(task, decision)) return findDecided(decision.task) as RecordedDecision;
  const { decision: what, by, comment, data } = decision;
  const recorded: RecordedDecision = {
    task: task.step.id,
    decision: what,
    by,
    at: now(),
    ...(comment !== undefined && { comment }),
    ...(data !== undefined && { data }),
  };
  task.decided = recorded;
  currentRecording().decisions.push(recorded);
  return recorded;
}

/** Why the decision cannot be taken; nothing when it can, or when it is the one already taken. */
function refusalOf(decision: Decision): Refusal | undefined {
  for (const field of ['task', 'decision', 'by'] as const) {
    const value: unknown = (decision as Partial<Decision> | null | undefined)?.[field];
    if (typeof value !== 'string' || value.trim() === '') {
      return { code: 'invalid-message', field, message: `${field}: ${JSON.stringify(value)} is not text` };
    }
  }
  const task = findWaiting(decision.task);
  const refusal = task && refusalByTask(task, decision);
  if (task && !refusal) return undefined;

  const decided = findDecided(decision.task);
  if (decided && sameDecision(decided, decision)) return undefined;
  if (refusal) return refusal;
  if (decided) return alreadyDecided(decided);

  const known = currentRecording().steps.find(({ kind, id, name }) => kind === 'task' && is(decision.task, id, name));
  const openNow = [...waiting.values()].filter(({ decided: by }) => !by).map(({ step }) => step.name);
  const which = openNow.length > 0 ? `open now: ${openNow.join(', ')}` : 'no task is open now';
  return known
    ? { code: 'task-not-open', field: 'task', message: `task: "${decision.task}" is ${known.status}; ${which}` }
    : { code: 'no-such-task', field: 'task', message: `task: "${decision.task}" is not open; ${which}` };
}

function refusalByTask({ open }: WaitingTask, { decision, by, data, shownHash }: Decision): Refusal | undefined {
  if (!open.decisions.includes(decision)) {
    const allowed = open.decisions.join(', ');
    return { code: 'unknown-decision', field: 'decision', message: `decision: "${decision}" is none of ${allowed}` };
  }
  if (open.excluded?.includes(by)) {
    return { code: 'excluded', field: 'by', message: `by: "${by}" must not decide "${open.name}" (four eyes)` };
  }
  if (open.candidates && !open.candidates.includes(by)) {
    const who = open.candidates.join(', ');
    return {
      code: 'not-a-candidate',
      field: 'by',
      message: `by: "${by}" is not asked; ${open.role} ${who} may decide`,
    };
  }
  if (shownHash !== undefined && shownHash !== open.shownHash) {
    const message = `shownHash: "${shownHash}" is not that of the data shown now (${open.shownHash ?? 'nothing is shown'}); look again`;
    return { code: 'shown-data-changed', field: 'shownHash', message };
  }
  return open.form ? refusalBySchema('data', open.form, data) : undefined;
}

function alreadyDecided({ task, decision, by, at }: RecordedDecision): Refusal {
  return {
    code: 'already-decided',
    field: 'task',
    message: `task: "${task}" was decided by ${by} at ${at}: ${decision}`,
  };
}

function is(reference: string, id: string, name: string): boolean {
  return reference === id || reference === name;
}

function findWaiting(task: string): WaitingTask | undefined {
  return [...waiting.values()].find(({ step, decided }) => !decided && is(task, step.id, step.name));
}

function findDecided(task: string): RecordedDecision | undefined {
  return currentRecording().decisions.findLast((decided) => is(task, decided.task, nameOf(decided.task)));
}

function nameOf(stepId: string): string {
  return stepId.slice(0, stepId.lastIndexOf('/'));
}

function sameDecision(decided: RecordedDecision, { decision, by, data }: Decision): boolean {
  return decided.decision === decision && decided.by === by && canonicalize(decided.data) === canonicalize(data);
}
