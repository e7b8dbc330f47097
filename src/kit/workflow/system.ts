import {
  ActivityCancellationType,
  CancellationScope,
  CancelledFailure,
  isCancellation,
  proxyActivities,
  proxyLocalActivities,
  TemporalFailure,
} from '@temporalio/workflow';
import type { Duration, RetryPolicy } from '@temporalio/common';
import type { Step } from '../contract';
import { inCommandContext } from './context';
import { alertOfStep, clearAlert, letFail, park, raiseAlert, type Alert } from './incidents';
import { takeMessages } from './messages';
import { openStep, setStepStatus } from './record';
import { describeError, isRefusal } from './errors';
import { inReplayableOrder } from './reads';
import { hasEnded, never, underWayUntilSettled } from './settling';
import { humanise, resultInShort } from './words';

export interface SystemOptions<A = object> {
  /**
   * `call` (the default): a call that fails for good is parked as an incident until an operator resolves it.
   * `alert`: the system tells people; a call is tried again for a day, then recorded as failed and given up.
   */
  kind?: 'call' | 'alert';
  /** The longest that one attempt may take; 30 seconds unless told. */
  timeout?: Duration;
  /** How a call is tried again before it has failed for good; {@link retryCalls} overrides it for a case. */
  retry?: RetryPolicy;
  /**
   * Operations after which there is no way back. A cancellation ends them only once the system has refused them, so that
   * the case never ends as cancelled about an effect whose answer was lost: they are tried as often as any other, then
   * parked until an operator resolves them.
   */
  pivots?: (keyof A)[];
  /**
   * Operations that change nothing. Each is first tried once as a local activity, for at most a second, which costs one
   * event and no workflow task of its own; what the system refuses is final, anything else is tried again as a call. The
   * worker of the workflow has to have these activities. To change this list is to change the workflows that call them.
   */
  reads?: (keyof A)[];
  /** What an operator may put in place of an operation's answer. */
  byHand?: { [Operation in keyof A]?: ByHand<Answer<A[Operation]>> };
}

/** What may stand for the answer of an operation that failed for good. */
export interface ByHand<Answer> {
  /** The answer when the step is skipped; without it the step cannot be skipped. */
  skipAs?: Answer;
  /** JSON Schema (draft 2020-12) that a result given by hand has to match; `false` where none may be given. */
  result?: object | false;
}

type Answer<Operation> = Operation extends (...args: never[]) => Promise<infer A> ? A : never;

const defaultRetry: RetryPolicy = {
  initialInterval: '1 second',
  backoffCoefficient: 2,
  maximumInterval: '30 seconds',
  maximumAttempts: 6,
};
const alertRetry: RetryPolicy = { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '5 minutes' };

let retryOfCase: RetryPolicy | undefined;

/** From here on calls to systems are tried again as told, in this case only, before they are parked. */
export function retryCalls(policy: RetryPolicy): void {
  retryOfCase = policy;
}

/**
 * A typed proxy of a system. Each operation of `A` is an activity `<system>.<operation>` with one object as input, a
 * step of the case, and carries the idempotency key `<case id>~<restart>/<system>.<operation>/<occurrence>`.
 * A call in flight is waited for when the case is cancelled.
 * @throws CancelledFailure when the case is cancelled; ApplicationFailure when an operator lets the step fail.
 */
export function system<A extends object>(name: string, { byHand, pivots, reads, ...common }: SystemOptions<A> = {}): A {
  const optionsOf = (operation: keyof A): CallOptions => ({
    ...common,
    byHand: byHand?.[operation] ?? {},
    isPivot: pivots?.includes(operation) ?? false,
    isRead: reads?.includes(operation) ?? false,
  });
  const operations = new Map<string, (...args: unknown[]) => Promise<unknown>>();
  return new Proxy({} as A, {
    get(_, operation) {
      if (typeof operation !== 'string' || operation === 'then') return undefined;
      const known = operations.get(operation);
      if (known) return known;
      const options = optionsOf(operation as keyof A);
      const call = (...args: unknown[]) => callSystem(name, operation, args, options);
      operations.set(operation, call);
      return call;
    },
  });
}

type CallOptions = Pick<SystemOptions, 'kind' | 'timeout' | 'retry'> & {
  byHand: ByHand<unknown>;
  isPivot: boolean;
  isRead: boolean;
};

/** Makes few promises: Temporal takes down the stack of each one, which costs more than the rest of a call. */
function callSystem(system: string, operation: string, args: unknown[], options: CallOptions): Promise<unknown> {
  takeMessages();
  if (CancellationScope.current().consideredCancelled) {
    return Promise.reject(new CancelledFailure('The case is cancelled'));
  }
  const { kind = 'call', isPivot, isRead } = options;
  if (hasEnded() && kind === 'call') return never();
  const step = openStep({ name: `${system}.${operation}`, kind, title: humanise(operation), system });
  let mayReadLocally = isRead;
  const once = () =>
    inCommandContext({ attemptOf: step }, () => {
      const ordinary = () => attemptCall(step, args, options);
      if (!mayReadLocally) return ordinary();
      mayReadLocally = false;
      return readLocally(step, args, ordinary);
    });
  const attempt = isPivot ? () => CancellationScope.nonCancellable(once) : once;
  if (kind === 'alert') return endWith(step, attempt);
  return parkUntilDone(step, attempt, options);
}

type Activities = Record<string, (...input: unknown[]) => Promise<unknown>>;

function callWaitedFor(activities: Activities, step: Step, args: unknown[]): Promise<unknown> {
  const activity = activities[step.name];
  if (!activity) throw new TypeError(`no activity ${step.name}`);
  return underWayUntilSettled(activity(...args));
}

function attemptCall(
  step: Step,
  args: unknown[],
  { kind, timeout = '30 seconds', retry }: CallOptions,
): Promise<unknown> {
  const activities = proxyActivities<Activities>({
    summary: step.title,
    startToCloseTimeout: timeout,
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    ...(kind === 'alert'
      ? { retry: retry ?? alertRetry, scheduleToCloseTimeout: '1 day' }
      : { retry: retryOfCase ?? retry ?? defaultRetry }),
  });
  return callWaitedFor(activities, step, args);
}

/** Tries the read as a local activity, and otherwise as an ordinary one, unless the system refuses it. */
function readLocally(step: Step, args: unknown[], ordinary: () => Promise<unknown>): Promise<unknown> {
  const activities = proxyLocalActivities<Activities>({
    summary: step.title,
    scheduleToCloseTimeout: '1 second',
    retry: { maximumAttempts: 1 },
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  });
  return inReplayableOrder(callWaitedFor(activities, step, args)).catch((error: unknown) => {
    const isFailure = error instanceof TemporalFailure;
    if (!isFailure || isCancellation(error) || isRefusal(error) || hasEnded()) throw error;
    return ordinary();
  });
}

async function endWith(step: Step, attempt: () => Promise<unknown>): Promise<unknown> {
  try {
    const result = await attempt();
    endDone(step, result);
    return result;
  } catch (error) {
    if (isCancellation(error)) setStepStatus(step, 'cancelled');
    else setStepStatus(step, 'failed', { error: describeError(error) });
    throw error;
  }
}

async function parkUntilDone(
  step: Step,
  attempt: () => Promise<unknown>,
  { byHand, isPivot }: CallOptions,
): Promise<unknown> {
  let alert: Alert | undefined;
  try {
    for (let retries = 0; ; retries += 1) {
      try {
        const result = await attempt();
        endDone(step, result);
        return result;
      } catch (error) {
        // Anything else is a mistake in the code: Temporal tries the workflow task again until it is mended.
        if (!(error instanceof TemporalFailure) || isCancellation(error)) throw error;
        if (hasEnded()) {
          setStepStatus(step, 'failed', { error: describeError(error) });
          return never();
        }
        const mayHaveHappened = isPivot && !isRefusal(error);
        if (CancellationScope.current().consideredCancelled && !mayHaveHappened) {
          setStepStatus(step, 'cancelled', { error: describeError(error) });
          throw new CancelledFailure('The case is cancelled');
        }
        alert = alertAgain(alert, alertOfStep(step, describeError(error)));
        const parking = () => park(step, error, retries, byHand);
        const settled = await (mayHaveHappened ? CancellationScope.nonCancellable(parking) : parking());
        switch (settled.action) {
          case 'retry':
            continue;
          case 'skip':
            endDone(step, byHand.skipAs, 'skipped');
            return byHand.skipAs;
          case 'replace':
            endDone(step, settled.result, 'replaced');
            return settled.result;
          case 'fail':
            setStepStatus(step, 'failed');
            throw letFail(step);
        }
      }
    }
  } catch (error) {
    if (isCancellation(error)) setStepStatus(step, 'cancelled');
    throw error;
  } finally {
    if (alert) clearAlert(alert);
  }
}

/** A call that fails again in the same way is no news; in another way, the old alert is over. */
function alertAgain(before: Alert | undefined, now: Alert): Alert {
  if (before?.cause === now.cause) return before;
  if (before) clearAlert(before);
  raiseAlert(now);
  return now;
}

function endDone(step: Step, result: unknown, status: 'done' | 'replaced' | 'skipped' = 'done'): void {
  delete step.error;
  setStepStatus(step, status, resultInShort(result));
}
