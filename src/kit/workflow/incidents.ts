import {
  ApplicationFailure,
  CancellationScope,
  condition,
  defineSignal,
  log,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import canonicalize from 'canonicalize';
import {
  resolveMessage,
  type Incident,
  type RecordedResolution,
  type Refusal,
  type Resolution,
  type ResolutionAction,
  type Step,
  type StepError,
} from '../contract';
import { describeError, notText, refusalBySchema, refused } from './errors';
import { excludeFromOpenTasks } from './decisions';
import { excludedPersons, isAmong } from './exclusion';
import { currentRecording, now, restartNumber, setStepStatus } from './record';
import { onceSettled } from './settling';
import { takeUpdate } from './updates';

/** Something the administrator has to know. Alerts of one cause belong together. */
export interface Alert {
  /** What went wrong, without the case, e.g. `salary: calculateBonus of bonus failed (service-unavailable)`. */
  cause: string;
  caseId: string;
  /** What to do about it. */
  text: string;
}

/** How the administrator is told. Both are called in a scope that outlives the cancellation of the case. */
export interface AlertChannel {
  raise(alert: Alert): Promise<unknown>;
  /** The cause is gone for this case; every one of it when none is named, which is what an earlier run left. */
  clear(over: Pick<Alert, 'caseId'> & Partial<Alert>): Promise<unknown>;
}

let channel: AlertChannel | undefined;
let clearedBefore: Promise<unknown> | undefined;
const raised = new Map<string, { open: number; delivery: Promise<unknown> }>();

/** What an operator may put in place of the answer: see `ByHand` of a system. */
interface Substitute {
  skipAs?: unknown;
  result?: object | false;
}

interface ParkedStep {
  step: Step;
  substitute: Substitute;
  resolution?: RecordedResolution;
}

const parked = new Map<string, ParkedStep>();
const lastResolutions = new Map<string, RecordedResolution>();

/** Errors that an operator has already decided to let the case fail with. */
const failedByOperator = new WeakSet<object>();

/**
 * From here on the channel is told of whatever goes wrong in this case: a step parked, a task overdue, the case failed.
 * The case ends only when all has been told, or telling was given up. What was told of a run before is over with a restart.
 */
export function onError(alertChannel: AlertChannel): void {
  channel = alertChannel;
  const { workflowId: caseId, continuedFromExecutionRunId } = workflowInfo();
  const restarted = restartNumber() > 0 && continuedFromExecutionRunId === undefined;
  if (restarted && !clearedBefore) clearedBefore = deliver(undefined, () => alertChannel.clear({ caseId }));
}

export function raiseAlert(alert: Alert): void {
  const before = raised.get(alert.cause);
  if (before && before.open > 0) {
    before.open += 1;
    return;
  }
  const via = channel;
  if (!via) return;
  raised.set(alert.cause, { open: 1, delivery: deliver(before?.delivery ?? clearedBefore, () => via.raise(alert)) });
}

export function clearAlert(alert: Alert): void {
  const alarm = raised.get(alert.cause);
  const via = channel;
  if (!alarm || !via) return;
  alarm.open -= 1;
  if (alarm.open === 0) alarm.delivery = deliver(alarm.delivery, () => via.clear(alert));
}

/** The case has ended: whatever was open in it is over. */
export function clearAllAlerts(): void {
  const via = channel;
  if (!via) return;
  for (const [cause, alarm] of raised) {
    if (alarm.open === 0) continue;
    alarm.open = 0;
    alarm.delivery = deliver(alarm.delivery, () => via.clear({ cause, caseId: workflowInfo().workflowId }));
  }
}

/** Does it beside the case, after what came before, and in spite of cancellation. What fails is on the record as a step. */
export function deliver(after: Promise<unknown> | undefined, work: () => Promise<unknown>): Promise<unknown> {
  const delivery = CancellationScope.nonCancellable(async () => {
    await after;
    await work();
  });
  const over = () => undefined;
  return onceSettled(delivery, over, over);
}

/** The case fails; somebody has to know, unless an operator decided so. */
export function caseFailed(error: unknown, { type, message }: StepError): void {
  if (typeof error === 'object' && error !== null && failedByOperator.has(error)) return;
  const { workflowType, workflowId } = workflowInfo();
  raiseAlert({ cause: `${workflowType}: failed (${type})`, caseId: workflowId, text: message });
}

type Settled = { action: 'retry' } | { action: 'skip' } | { action: 'replace'; result: unknown } | { action: 'fail' };

/**
 * Parks a step that failed for good until an operator resolves it.
 * Cancelling the case ends the wait with a CancelledFailure.
 */
export async function park(step: Step, error: unknown, retries: number, substitute: Substitute): Promise<Settled> {
  const described = describeError(error);
  const { incidents } = currentRecording();
  const incident: Incident = {
    step: step.id,
    name: step.name,
    title: step.title,
    ...(step.system && { system: step.system }),
    error: described,
    since: now(),
    retries,
  };
  setStepStatus(step, 'parked', { error: described });
  incidents.set(step.id, incident);
  const place: ParkedStep = { step, substitute };
  parked.set(step.id, place);
  try {
    // whereabouts-ignore no-due-time: the administrator was alerted
    await condition(() => place.resolution !== undefined);
  } finally {
    parked.delete(step.id);
    incidents.delete(step.id);
  }
  const resolution = place.resolution as RecordedResolution;
  const { action, by, reason, at } = resolution;
  setStepStatus(step, 'open', { by, resolutions: [...(step.resolutions ?? []), { action, by, reason, at }] });
  return action === 'replace' ? { action, result: resolution.result } : { action };
}

/** The case has ended: nothing parked in it is resolved any more. */
export function giveUpParked(): void {
  for (const { step } of parked.values()) setStepStatus(step, 'cancelled');
  parked.clear();
  currentRecording().incidents.clear();
}

/** The failure with which a case ends that an operator lets fail. */
export function letFail(step: Step): ApplicationFailure {
  const by = step.by ?? 'an operator';
  const { type, message } = step.error ?? { type: 'Error', message: 'failed' };
  const failure = ApplicationFailure.nonRetryable(`${step.name} failed for good, as ${by} decided: ${message}`, type);
  failedByOperator.add(failure);
  return failure;
}

export function alertOfStep(step: Step, { type, message }: StepError): Alert {
  const { workflowType, workflowId } = workflowInfo();
  return { cause: `${workflowType}: ${step.name} failed (${type})`, caseId: workflowId, text: message };
}

const resolveSignal = defineSignal<[Resolution]>(resolveMessage);

/** Takes resolutions from now on; a signal that cannot be taken changes nothing. */
export function takeResolutions(): void {
  const description = 'An operator decides about a parked step';
  takeUpdate(resolveMessage, { description, refusalOf, carryOut: resolveStep });
  setHandler(
    resolveSignal,
    (resolution) => {
      const refusal = refusalOf(resolution);
      if (refusal) log.warn('Resolution refused', { code: refusal.code });
      else resolveStep(resolution);
    },
    { description },
  );
}

function resolveStep(resolution: Resolution): RecordedResolution {
  const refusal = refusalOf(resolution);
  if (refusal) throw refused(refusal);
  const place = findParked(resolution.step);
  if (!place) return lastResolutions.get(resolution.step) as RecordedResolution;
  const recorded: RecordedResolution = { ...resolution, step: place.step.id, at: now() };
  place.resolution = recorded;
  if (recorded.action === 'replace') excludeFromOpenTasks(recorded.by);
  lastResolutions.set(place.step.id, recorded).set(place.step.name, recorded);
  return recorded;
}

const actions: readonly ResolutionAction[] = ['retry', 'skip', 'replace', 'fail'];

function refusalOf(resolution: Resolution): Refusal | undefined {
  for (const field of ['step', 'action', 'by', 'reason'] as const) {
    const value: unknown = (resolution as Partial<Resolution> | null | undefined)?.[field];
    if (typeof value !== 'string' || value.trim() === '') {
      return notText(field, value);
    }
  }
  const { step, action } = resolution;
  if (!actions.includes(action)) {
    return {
      code: 'invalid-message',
      field: 'action',
      message: `action: "${action}" is none of ${actions.join(', ')}`,
    };
  }
  if (isAmong(resolution.by, excludedPersons())) {
    const message = `by: "${resolution.by}" must resolve nothing in this case (four eyes)`;
    return { code: 'excluded', field: 'by', message };
  }
  if (action === 'replace' && resolution.result === undefined) {
    return { code: 'invalid-message', field: 'result', message: 'result: replace needs the result of the step' };
  }
  const place = findParked(step);
  const last = lastResolutions.get(step);
  const repeated = isSame(last, resolution);
  if (place && repeated && last.step !== place.step.id) {
    const hint = `; ${place.step.id} is parked now: to resolve that as well, give its id`;
    return { code: 'not-parked', field: 'step', message: `step: "${last.step}" was resolved so before${hint}` };
  }
  if (place) return refusalBySubstitute(place, resolution);
  if (repeated) return undefined;
  const known = currentRecording().steps.some(({ id, name }) => id === step || name === step);
  const waiting = [...parked.keys()];
  const which = waiting.length > 0 ? `parked now: ${waiting.join(', ')}` : 'no step is parked now';
  return known
    ? { code: 'not-parked', field: 'step', message: `step: "${step}" is not parked; ${which}` }
    : { code: 'no-such-step', field: 'step', message: `step: there is no "${step}" in this case; ${which}` };
}

function refusalBySubstitute({ step, substitute }: ParkedStep, { action, result }: Resolution): Refusal | undefined {
  if (action === 'skip' && substitute.skipAs === undefined) {
    const instead = substitute.result === false ? 'retry it, or let it fail' : 'replace it';
    const message = `action: "${step.id}" cannot be skipped, the case needs its result; ${instead}`;
    return { code: 'invalid-message', field: 'action', message };
  }
  if (action === 'replace' && substitute.result === false) {
    const message = `action: "${step.id}" cannot be replaced; retry it, or let it fail`;
    return { code: 'invalid-message', field: 'action', message };
  }
  return action === 'replace' && substitute.result ? refusalBySchema('result', substitute.result, result) : undefined;
}

function findParked(idOrName: string): ParkedStep | undefined {
  const exact = parked.get(idOrName);
  const named = [...parked.values()].filter(({ step }) => step.name === idOrName);
  const place = exact ?? (named.length === 1 ? named[0] : undefined);
  return place?.resolution ? undefined : place;
}

function isSame(
  last: RecordedResolution | undefined,
  { action, by, reason, result }: Resolution,
): last is RecordedResolution {
  return (
    last?.action === action &&
    last.by === by &&
    last.reason === reason &&
    canonicalize(last.result) === canonicalize(result)
  );
}
