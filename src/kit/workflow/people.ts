import { CancellationScope, CancelledFailure, condition, isCancellation, workflowInfo } from '@temporalio/workflow';
import type { Duration } from '@temporalio/common';
import { msToNumber } from '@temporalio/common/lib/time';
import type { OpenTask, RecordedDecision, Step } from '../contract';
import { humanise } from '../humanise';
import { firstAsked, isNobody, whoInWords, without } from './asked';
import { inCommandContext } from './context';
import { closeForDecision, openForDecision, type WaitingTask } from './decisions';
import { excludedPersons } from './exclusion';
import { hashOfShown } from './hash';
import { clearAlert, deliver, raiseAlert, type Alert } from './incidents';
import { takeMessages } from './messages';
import { allSteps, changeStep, now, openStep, setStepStatus } from './record';
import { hasEnded, never } from './settling';
import { resultInShort } from './words';

export interface TaskOptions {
  /** Who decides, in the company's words, e.g. `manager`. */
  role: string;
  /** Persons who may decide; anybody in the role when absent. */
  candidates?: string[];
  /** Persons who must not decide, whatever their role (four eyes). */
  excluded?: string[];
  /** What people read; the name in words when absent. */
  title?: string;
  /** How long the decision may take before it is escalated, or alerted as overdue when there is nobody to escalate to. */
  dueIn?: Duration;
  /** After how long without a decision whoever is asked is told again. */
  remindAfter?: Duration;
  /**
   * Who decides instead once the task is due, with the same time again before it is alerted as overdue; or at once when
   * nobody is left of the candidates.
   */
  escalateTo?: { role: string; candidates?: string[] };
  /**
   * Tells whoever is asked, when the reminder is due and when the task is escalated to them. Runs beside the wait; what
   * fails in it holds up nothing.
   */
  tell?: (task: OpenTask) => Promise<unknown>;
  /** The data that the decision rests on. */
  shows?: unknown;
}

export interface ApprovalOptions extends TaskOptions {
  /** Further decisions beside `approve` and `reject`. */
  decisions?: string[];
}

export interface DataEntryOptions extends TaskOptions {
  /** JSON Schema (draft 2020-12) that the data entered has to match. */
  form: object;
}

/**
 * Waits for a person to approve or reject.
 * @throws CancelledFailure when the case is cancelled.
 */
export function approve(name: string, options: ApprovalOptions): Promise<RecordedDecision> {
  return waitForDecision(name, options, { decisions: ['approve', 'reject', ...(options.decisions ?? [])] });
}

/**
 * Waits for a person to enter data that matches the form; `T` is what the form describes.
 * @throws CancelledFailure when the case is cancelled.
 */
export async function task<T>(name: string, options: DataEntryOptions): Promise<RecordedDecision & { data: T }> {
  const decision = await waitForDecision(name, options, { decisions: ['submit'], form: options.form });
  return { ...decision, data: decision.data as T };
}

type Takes = Pick<OpenTask, 'decisions' | 'form'>;

async function waitForDecision(name: string, options: TaskOptions, takes: Takes): Promise<RecordedDecision> {
  takeMessages();
  if (CancellationScope.current().consideredCancelled) throw new CancelledFailure('The case is cancelled');
  if (hasEnded()) return never();
  const task = openTask(name, options, takes);
  openForDecision(task);
  if (task.open.escalated) tellAsked(task, options.tell);
  let overdue: Alert | undefined;
  try {
    if (!task.decided && !(await decidedInTime(task, options))) {
      overdue = alertOverdue(task);
      await decided(task);
    }
    return endDecided(task);
  } catch (error) {
    if (isCancellation(error)) setStepStatus(task.step, 'cancelled');
    throw error;
  } finally {
    closeForDecision(task);
    if (overdue) clearAlert(overdue);
  }
}

function openTask(name: string, options: TaskOptions, { decisions, form }: Takes): WaitingTask {
  const { title = humanise(name), dueIn, shows } = options;
  const excluded = [...new Set([...excludedPersons(), ...(options.excluded ?? []), ...whoReplacedResults()])];
  const { escalated, ...who } = firstAsked(options, excluded);
  const due = dueIn !== undefined && { dueAt: after(dueIn) };
  const step: Step = openStep({ name, kind: 'task', title, ...who, ...due });
  const open: OpenTask = {
    id: step.id,
    name,
    title,
    ...who,
    ...(excluded.length > 0 && { excluded }),
    since: step.startedAt,
    ...due,
    escalated,
    decisions,
    ...(shows !== undefined && { shows, shownHash: hashOfShown(shows) }),
    ...(form && { form }),
  };
  return { step, open };
}

/** Whoever gave a result by hand does not decide about it (four eyes). */
function whoReplacedResults(): string[] {
  return allSteps().flatMap(({ status, by }) => (status === 'replaced' && by ? [by] : []));
}

/** Reminds and escalates as told; false once the task is due and there is nobody more to ask. */
async function decidedInTime(task: WaitingTask, options: TaskOptions): Promise<boolean> {
  if (isNobody(task.open)) return false;
  const due = options.dueIn === undefined ? Infinity : msToNumber(options.dueIn);
  if (await remindAndWait(task, due, options)) return true;
  return escalate(task, options) && decided(task, due);
}

async function remindAndWait(task: WaitingTask, due: number, { remindAfter, tell }: TaskOptions): Promise<boolean> {
  const reminder = remindAfter === undefined ? Infinity : msToNumber(remindAfter);
  if (reminder >= due) return decided(task, due);
  if (await decided(task, reminder)) return true;
  tellAsked(task, tell);
  return decided(task, due - reminder);
}

/** Puts the task to whom it is escalated; false when it was before, or when nobody is left there. */
function escalate(task: WaitingTask, { dueIn, escalateTo, tell }: TaskOptions): boolean {
  const { step, open } = task;
  const asked = escalateTo && !open.escalated && without(open.excluded ?? [], escalateTo);
  if (!asked || isNobody(asked)) return false;
  const { role, candidates } = asked;
  const due = dueIn !== undefined && { dueAt: after(dueIn) };
  changeStep(step, { role, candidates, ...due });
  Object.assign(open, { role, ...due, escalated: true });
  if (candidates) open.candidates = candidates;
  else delete open.candidates;
  tellAsked(task, tell);
  return true;
}

function tellAsked(task: WaitingTask, tell: TaskOptions['tell']): void {
  if (!tell) return;
  void deliver(undefined, async () => {
    if (!task.decided) await tell(task.open);
  });
}

function alertOverdue({ open }: WaitingTask): Alert {
  const { workflowType, workflowId } = workflowInfo();
  const text = `${open.title} waits for ${whoInWords(open)}`;
  const alert: Alert = { cause: `${workflowType}: ${open.name} overdue`, caseId: workflowId, text };
  raiseAlert(alert);
  return alert;
}

/** Waits for the decision, at most so many milliseconds; true when it has come. */
function decided(task: WaitingTask, atMost = Infinity): Promise<boolean> {
  return inCommandContext({ unrecorded: true }, async () => {
    const come = () => task.decided !== undefined;
    let inTime = true;
    if (Number.isFinite(atMost)) inTime = await condition(come, atMost);
    else await condition(come);
    return hasEnded() ? never() : inTime;
  });
}

function endDecided({ step, decided: recorded }: WaitingTask): RecordedDecision {
  if (!recorded) throw new TypeError(`${step.id} is not decided`);
  const { decision, by, comment, data } = recorded;
  setStepStatus(step, 'done', { decision, by, ...(comment !== undefined && { comment }), ...resultInShort(data) });
  return recorded;
}

function after(duration: Duration): string {
  return new Date(Date.parse(now()) + msToNumber(duration)).toISOString();
}
