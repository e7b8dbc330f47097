import { defineSignal, log, setHandler } from '@temporalio/workflow';
import canonicalize from 'canonicalize';
import {
  decideMessage,
  type Decision,
  type OpenTask,
  type RecordedDecision,
  type Refusal,
  type Step,
} from '../contract';
import { isNobody, whoInWords, without } from './asked';
import { notText, refusalBySchema, refused } from './errors';
import { excludedPersons, isAmong } from './exclusion';
import { changeStep, currentRecording, now, setStepStatus } from './record';
import { takeUpdate } from './updates';

/** A task as the kit keeps it while it waits. */
export interface WaitingTask {
  step: Step;
  open: OpenTask;
  decided?: RecordedDecision;
}

const waiting = new Map<string, WaitingTask>();
const mostRefusalsKept = 20;

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

/** The case has ended: no task is decided any more. */
export function giveUpTasks(): void {
  for (const { step } of waiting.values()) setStepStatus(step, 'cancelled');
  waiting.clear();
  currentRecording().openTasks.clear();
}

/** Whoever gave a result by hand does not decide about it (four eyes). */
export function excludeFromOpenTasks(person: string): void {
  for (const { step, open } of waiting.values()) {
    open.excluded = [...(open.excluded ?? []), person];
    const { candidates } = without([person], open);
    if (!candidates) continue;
    open.candidates = candidates;
    changeStep(step, { candidates });
  }
}

const decideSignal = defineSignal<[Decision]>(decideMessage);

/** Takes decisions from now on. A refused signal is kept with its task; a refused update is answered with the reason. */
export function takeDecisions(): void {
  const description = 'A person decides about a task';
  takeUpdate(decideMessage, { description, refusalOf, carryOut: decide });
  setHandler(decideSignal, takeSignal, { description });
}

function takeSignal(decision: Decision): void {
  const judgement = judge(decision);
  if (!('refusal' in judgement)) {
    decide(decision);
  } else if (judgement.refusal.code === 'no-such-task') {
    keepEarly(decision);
  } else {
    log.warn('Decision refused', { code: judgement.refusal.code });
    if (judgement.refusal.code !== 'invalid-message') keepRefusal(decision, judgement.refusal);
  }
}

function keepEarly(decision: Decision): void {
  const { earlyDecisions } = currentRecording();
  earlyDecisions.push(decision);
  if (earlyDecisions.length > mostRefusalsKept) earlyDecisions.shift();
}

function keepRefusal({ task, by, decision }: Decision, { message }: Refusal): void {
  const step = findOpen(task)[0]?.step ?? findStep(task);
  if (!step) return;
  const refusals = [...(step.refusals ?? []), { by, decision, reason: message, at: now() }];
  changeStep(step, { refusals: refusals.slice(-mostRefusalsKept) });
}

function decide(decision: Decision): RecordedDecision {
  const judgement = judge(decision);
  if ('refusal' in judgement) throw refused(judgement.refusal);
  if ('before' in judgement) return judgement.before;
  const { task } = judgement;
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

function refusalOf(decision: Decision): Refusal | undefined {
  const judgement = judge(decision);
  return 'refusal' in judgement ? judgement.refusal : undefined;
}

/** The task that takes the decision, the decision that it repeats, or why it is refused. */
type Judgement = { task: WaitingTask } | { before: RecordedDecision } | { refusal: Refusal };

function judge(decision: Decision): Judgement {
  for (const field of ['task', 'decision', 'by'] as const) {
    const value: unknown = (decision as Partial<Decision> | null | undefined)?.[field];
    if (typeof value !== 'string' || value.trim() === '') {
      return { refusal: notText(field, value) };
    }
  }
  for (const field of ['comment', 'shownHash'] as const) {
    const value: unknown = decision[field];
    if (value !== undefined && typeof value !== 'string') {
      return { refusal: notText(field, value) };
    }
  }
  const open = findOpen(decision.task);
  const task = open.find((candidate) => !refusalByTask(candidate, decision));
  const decided = currentRecording().decisions.filter((one) => is(decision.task, one.task, nameOf(one.task)));
  const before = decided.findLast((one) => sameDecision(one, decision));
  const meant = before === undefined || decision.shownHash !== undefined;
  if (task) return meant ? { task } : { refusal: alreadyDecided(before, task) };
  if (before) return { before };

  const refusal = open[0] && refusalByTask(open[0], decision);
  const own = decided.findLast(({ by }) => isAmong(by, [decision.by]));
  const mayNotDecide = refusal?.code === 'excluded' || refusal?.code === 'not-a-candidate';
  if (own && mayNotDecide) return { refusal: alreadyDecided(own) };
  if (refusal) return { refusal };
  const last = decided.at(-1);
  return { refusal: last ? alreadyDecided(last) : notOpen(decision.task) };
}

function refusalByTask({ open }: WaitingTask, { decision, by, data, shownHash }: Decision): Refusal | undefined {
  if (!open.decisions.includes(decision)) {
    const allowed = open.decisions.join(', ');
    return { code: 'unknown-decision', field: 'decision', message: `decision: "${decision}" is none of ${allowed}` };
  }
  if (isAmong(by, [...excludedPersons(), ...(open.excluded ?? [])])) {
    return { code: 'excluded', field: 'by', message: `by: "${by}" must not decide "${open.name}" (four eyes)` };
  }
  if (open.candidates && !open.candidates.includes(by)) {
    const asked = isNobody(open) ? 'nobody is left who may decide' : `${whoInWords(open)} may decide`;
    return { code: 'not-a-candidate', field: 'by', message: `by: "${by}" is not asked; ${asked}` };
  }
  if (shownHash !== undefined && shownHash !== open.shownHash) {
    const message = `shownHash: "${shownHash}" is not that of the data shown now (${open.shownHash ?? 'nothing is shown'}); look again`;
    return { code: 'shown-data-changed', field: 'shownHash', message };
  }
  return open.form ? refusalBySchema('data', open.form, data) : undefined;
}

/** By name alone, the same again may be a double click on the task before as well as a decision on the next. */
function alreadyDecided({ task, decision, by, at }: RecordedDecision, next?: WaitingTask): Refusal {
  const message = `task: "${task}" was decided by ${by} at ${at}: ${decision}`;
  const hint = next ? `; ${next.step.id} is open now: to decide that as well, give its id` : '';
  return { code: 'already-decided', field: 'task', message: message + hint };
}

function notOpen(task: string): Refusal {
  const known = findStep(task);
  const openNow = [...waiting.values()].filter(({ decided }) => !decided).map(({ step }) => step.name);
  const which = openNow.length > 0 ? `open now: ${openNow.join(', ')}` : 'no task is open now';
  return known
    ? { code: 'task-not-open', field: 'task', message: `task: "${task}" is ${known.status}; ${which}` }
    : { code: 'no-such-task', field: 'task', message: `task: "${task}" is not open; ${which}` };
}

function is(reference: string, id: string, name: string): boolean {
  return reference === id || reference === name;
}

function findOpen(task: string): WaitingTask[] {
  return [...waiting.values()].filter(({ step, decided }) => !decided && is(task, step.id, step.name));
}

function findStep(task: string): Step | undefined {
  return currentRecording().steps.findLast(({ kind, id, name }) => kind === 'task' && is(task, id, name));
}

function nameOf(stepId: string): string {
  return stepId.slice(0, stepId.lastIndexOf('/'));
}

function sameDecision(decided: RecordedDecision, { decision, by, data }: Decision): boolean {
  return decided.decision === decision && decided.by === by && canonicalize(decided.data) === canonicalize(data);
}
