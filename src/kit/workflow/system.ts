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
import { humanise } from '../humanise';
import { inCommandContext } from './context';
import { alertOfStep, clearAlert, letFail, park, raiseAlert, type Alert } from './incidents';
import { takeMessages } from './messages';
import { openStep, setStepStatus } from './record';
import { describeError, isRefusal } from './errors';
import { inReplayableOrder } from './reads';
import { hasEnded, never, onceSettled } from './settling';
import { resultInShort } from './words';

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

declare const systemCall: unique symbol;

/** The operations of a system, which the types tell from any other function. */
export type SystemProxy<A extends object> = { [Operation in keyof A]: A[Operation] & { readonly [systemCall]?: true } };

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
export function system<A extends object>(
  name: string,
  { byHand, pivots, reads, ...common }: SystemOptions<A> = {},
): SystemProxy<A> {
  const optionsOf = (operation: keyof A): CallOptions => ({
    ...common,
    byHand: byHand?.[operation] ?? {},
    isPivot: pivots?.includes(operation) ?? false,
    isRead: reads?.includes(operation) ?? false,
  });
  const operations = new Map<string, (...args: unknown[]) => Promise<unknown>>();
  return new Proxy({} as SystemProxy<A>, {
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

interface Call {
  step: Step;
  args: unknown[];
  options: CallOptions;
}

/** Makes few promises: Temporal takes down the stack of each one, which costs more than the rest of a call. */
function callSystem(system: string, operation: string, args: unknown[], options: CallOptions): Promise<unknown> {
  takeMessages();
  if (CancellationScope.current().consideredCancelled) {
    return Promise.reject(new CancelledFailure('The case is cancelled'));
  }
  const { kind = 'call', isRead } = options;
  if (hasEnded() && kind === 'call') return never();
  const step = openStep({ name: `${system}.${operation}`, kind, title: humanise(operation), system });
  const call = { step, args, options };
  const done = (result: unknown) => endDone(step, result);
  const failed = (error: unknown) => (kind === 'alert' ? giveUp(step, error) : parkUntilDone(call, error));
  const ordinary = () => onceSettled(attempt(call), done, failed);
  if (!isRead) return ordinary();
  return inReplayableOrder(readLocally(call), done, (error) => (isFinal(error) ? failed(error) : ordinary()));
}

type Activities = Record<string, (...input: unknown[]) => Promise<unknown>>;

function attempt(call: Call): Promise<unknown> {
  const { kind, timeout = '30 seconds', retry, isPivot } = call.options;
  const activities = proxyActivities<Activities>({
    summary: call.step.title,
    startToCloseTimeout: timeout,
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    ...(kind === 'alert'
      ? { retry: retry ?? alertRetry, scheduleToCloseTimeout: '1 day' }
      : { retry: retryOfCase ?? retry ?? defaultRetry }),
  });
  const activity = () => callActivity(activities, call);
  return isPivot ? CancellationScope.nonCancellable(activity) : activity();
}

function readLocally(call: Call): Promise<unknown> {
  const activities = proxyLocalActivities<Activities>({
    summary: call.step.title,
    scheduleToCloseTimeout: '1 second',
    retry: { maximumAttempts: 1 },
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  });
  return callActivity(activities, call);
}

function callActivity(activities: Activities, { step, args }: Call): Promise<unknown> {
  const activity = activities[step.name];
  if (!activity) throw new TypeError(`no activity ${step.name}`);
  return inCommandContext({ attemptOf: step }, () => activity(...args));
}

/** Whether nothing is won by reading once more, by an ordinary activity. */
function isFinal(error: unknown): boolean {
  return !(error instanceof TemporalFailure) || isCancellation(error) || isRefusal(error) || hasEnded();
}

function giveUp(step: Step, error: unknown): never {
  if (isCancellation(error)) setStepStatus(step, 'cancelled');
  else setStepStatus(step, 'failed', { error: describeError(error) });
  throw error;
}

/** What becomes of a call whose attempt failed for good: an operator decides. */
async function parkUntilDone(call: Call, failure: unknown): Promise<unknown> {
  const { step } = call;
  const { byHand, isPivot } = call.options;
  let error = failure;
  let alert: Alert | undefined;
  try {
    for (let retries = 0; ; retries += 1) {
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
      const resolution = await (mayHaveHappened ? CancellationScope.nonCancellable(parking) : parking());
      switch (resolution.action) {
        case 'retry': {
          const again = await onceSettled(
            attempt(call),
            (result) => ({ result }),
            (failure) => ({ failure }),
          );
          if ('result' in again) return endDone(step, again.result);
          error = again.failure;
          break;
        }
        case 'skip':
          return endDone(step, byHand.skipAs, 'skipped');
        case 'replace':
          return endDone(step, resolution.result, 'replaced');
        case 'fail':
          setStepStatus(step, 'failed');
          throw letFail(step);
      }
    }
  } catch (thrown) {
    if (isCancellation(thrown)) setStepStatus(step, 'cancelled');
    throw thrown;
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

function endDone(step: Step, result: unknown, status: 'done' | 'replaced' | 'skipped' = 'done'): unknown {
  setStepStatus(step, status, { error: undefined, ...resultInShort(result) });
  return result;
}
