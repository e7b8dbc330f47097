import { CancellationScope, CancelledFailure, condition, isCancellation, workflowInfo } from '@temporalio/workflow';
import type { Duration } from '@temporalio/common';
import { msToNumber } from '@temporalio/common/lib/time';
import type { OpenTask, RecordedDecision, Step } from '../contract';
import { commandContext } from './context';
import { closeForDecision, hashOfShown, openForDecision, type WaitingTask } from './decisions';
import { clearAlert, deliver, raiseAlert, type Alert } from './incidents';
import { takeMessages } from './messages';
import { allSteps, now, openStep, setStepStatus } from './record';
import { humanise, shortJson } from './words';

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
  remind?: {
    /** After how long without a decision. */
    after: Duration;
    /** Tells whoever has to decide; runs beside the wait, and what fails in it holds up nothing. */
    by: (task: OpenTask) => Promise<unknown>;
  };
  /** Who decides instead once the task is due; has the same time again, then it is alerted as overdue. */
  escalateTo?: { role: string; candidates?: string[] };
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
  const task = openTask(name, options, takes);
  openForDecision(task);
  let overdue: Alert | undefined;
  try {
    const inTime = await remindAndWait(task, options);
    overdue = inTime ? undefined : await escalateAndWait(task, options);
    await decided(task);
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
  const { role, title = humanise(name), candidates, dueIn, shows } = options;
  const excluded = [...(options.excluded ?? []), ...whoReplacedResults()];
  const who = { role, ...(candidates && { candidates }) };
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
    escalated: false,
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

/** True when it was decided in time. */
async function remindAndWait(task: WaitingTask, { dueIn, remind }: TaskOptions): Promise<boolean> {
  const due = dueIn === undefined ? Infinity : msToNumber(dueIn);
  const reminder = remind ? msToNumber(remind.after) : Infinity;
  if (remind && reminder < due) {
    if (await decided(task, reminder)) return true;
    void deliver(undefined, async () => {
      if (!task.decided) await remind.by(task.open);
    });
    return decided(task, due - reminder);
  }
  return decided(task, due);
}

/** Gives the task to whom it is escalated; the alert when it stays undecided. */
async function escalateAndWait(task: WaitingTask, { dueIn, escalateTo }: TaskOptions): Promise<Alert | undefined> {
  if (escalateTo && dueIn !== undefined && escalate(task, escalateTo, after(dueIn))) {
    if (await decided(task, msToNumber(dueIn))) return undefined;
  }
  const { workflowType, workflowId } = workflowInfo();
  const { title, role, candidates } = task.open;
  const nobodyLeft = candidates?.length === 0;
  const who = nobodyLeft ? '; nobody is left who may decide' : candidates ? ` ${candidates.join(' or ')}` : '';
  const text = `${title} waits for ${role}${who}`;
  const alert: Alert = { cause: `${workflowType}: ${task.open.name} overdue`, caseId: workflowId, text };
  raiseAlert(alert);
  return alert;
}

/** False when everybody there is to escalate to is excluded: those asked may still decide. */
function escalate(
  { step, open }: WaitingTask,
  { role, candidates }: { role: string; candidates?: string[] },
  dueAt: string,
): boolean {
  const allowed = candidates?.filter((person) => !open.excluded?.includes(person));
  if (allowed?.length === 0) return false;
  for (const shown of [step, open]) {
    shown.role = role;
    shown.dueAt = dueAt;
    if (allowed) shown.candidates = allowed;
    else delete shown.candidates;
  }
  open.escalated = true;
  return true;
}

/** Waits for the decision, at most so many milliseconds; true when it has come. */
function decided(task: WaitingTask, atMost = Infinity): Promise<boolean> {
  return commandContext.run({ unrecorded: true }, async () => {
    const come = () => task.decided !== undefined;
    if (Number.isFinite(atMost)) return condition(come, atMost);
    await condition(come);
    return true;
  });
}

function endDecided({ step, decided: recorded }: WaitingTask): RecordedDecision {
  if (!recorded) throw new TypeError(`${step.id} is not decided`);
  const { decision, by, comment, data } = recorded;
  const result = shortJson(data);
  const kept = { decision, by, ...(comment !== undefined && { comment }), ...(result !== undefined && { result }) };
  setStepStatus(step, 'done', kept);
  return recorded;
}

function after(duration: Duration): string {
  return new Date(Date.parse(now()) + msToNumber(duration)).toISOString();
}
