import { defaultPayloadConverter } from '@temporalio/common';
import {
  CancellationScope,
  CancelledFailure,
  ContinueAsNew,
  defineQuery,
  isCancellation,
  LocalActivityDoBackoff,
  setCurrentDetails,
  setHandler,
  TemporalFailure,
  workflowInfo,
  type Headers,
  type LocalActivityInput,
  type WorkflowInterceptors,
} from '@temporalio/workflow';
import {
  caseMemo,
  currentStepQuery,
  decideMessage,
  historyQuery,
  idempotencyKeyHeader,
  resolveMessage,
  whereaboutsQuery,
  type CaseMemo,
  type Step,
} from '../contract';
import { humanise } from '../humanise';
import { commandContext } from './context';
import { caseDetails } from './details';
import { describeError } from './errors';
import { giveUpTasks } from './decisions';
import { caseFailed, clearAllAlerts, giveUpParked } from './incidents';
import { takesMessages } from './messages';
import {
  allSteps,
  beginRecording,
  carriedRecord,
  caseRecord,
  currentRecording,
  endRecording,
  openStep,
  openSteps,
  restartNumber,
  setStepStatus,
} from './record';
import { beginActivation, runsBesideReads } from './reads';
import { keptResult } from './results';
import { endWork, isSettled, settle } from './settling';
import { beginUpdates } from './updates';

/** From here on ISO 8601 needs more than four digits for the year, and nobody waits so long. */
const lastTime = Date.UTC(10_000, 0);

let installed = false;
let cancelRequested = false;

/**
 * Records every step of a workflow and answers the queries `whereabouts`, `currentStep` and `history`.
 * Adds no command and no event. Given twice, it records once.
 */
export function interceptors(): WorkflowInterceptors {
  if (installed) return {};
  installed = true;
  setHandler(defineQuery(whereaboutsQuery), caseRecord, { description: 'Everything the case says of itself' });
  setHandler(defineQuery(currentStepQuery), openSteps, { description: 'The steps open now' });
  setHandler(defineQuery(historyQuery), allSteps, { description: 'All steps in order' });

  return {
    inbound: [
      {
        async execute(input, next) {
          beginRecording();
          try {
            const result = await next(input);
            giveUpWaits();
            const settling = settleRun();
            if (settling) await settling;
            endRecording('completed');
            return result;
          } catch (error) {
            await settleEnd(error);
            throw error;
          }
        },
        async handleQuery(input, next) {
          return input.queryName === whereaboutsQuery ? caseRecord() : next(input);
        },
        handleSignal(input, next) {
          recordMessage(input.signalName);
          return next(input);
        },
        handleUpdate(input, next) {
          recordMessage(input.name);
          return next(input);
        },
      },
    ],
    outbound: [
      {
        scheduleActivity: (input, next) => {
          const step = stepOfCall(input.activityType, input.options.summary);
          const headers = withKey(input.headers, step);
          return recorded(step, next({ ...input, headers }));
        },
        scheduleLocalActivity: (input, next) => {
          const step = stepOfLocalCall(input);
          const headers = withKey(input.headers, step);
          const outcome = next({ ...input, headers });
          if (!commandContext()) runsBesideReads(input.seq, outcome);
          return recorded(step, outcome);
        },
        startTimer: (input, next) => {
          const title = input.options?.summary ?? `Wait ${Math.ceil(input.durationMs / 1000)} s`;
          const due = Date.now() + input.durationMs;
          const dueAt = due < lastTime ? { dueAt: new Date(due).toISOString() } : {};
          return recorded(stepOf({ name: 'timer', kind: 'timer', title, ...dueAt }), next(input));
        },
        startChildWorkflowExecution: (input, next) => {
          const { workflowType } = input;
          const step = stepOf({ name: workflowType, kind: 'child', title: humanise(workflowType) });
          const child = next(input);
          if (step)
            follow(
              step,
              child.then(([started, completed]) => started.then(() => completed)),
            );
          return child;
        },
        signalWorkflow: (input, next) => {
          const { signalName } = input;
          return recorded(stepOf({ name: signalName, kind: 'call', title: `Signal ${signalName}` }), next(input));
        },
        startNexusOperation: (input, next) => {
          const name = `${input.service}.${input.operation}`;
          const step = stepOf({ name, kind: 'call', title: input.options.summary ?? humanise(name) });
          const operation = next(input);
          if (step)
            follow(
              step,
              operation.then(({ result }) => result),
            );
          return operation;
        },
        continueAsNew: (input, next) => {
          const goOn = () => {
            const { memo: given = {} } = input.options;
            const kept = Object.keys(given).length > 0 ? given : workflowInfo().memo;
            const ours = workflowInfo().memo?.[caseMemo] as CaseMemo | undefined;
            const memo: CaseMemo = { ...ours, restart: restartNumber(), carried: carriedRecord() };
            return next({ ...input, options: { ...input.options, memo: { ...kept, [caseMemo]: memo } } });
          };
          clearAllAlerts();
          const settling = settleRun();
          if (!settling) return goOn();
          return settling.then(() => {
            if (cancelRequested) throw new CancelledFailure('The case is cancelled');
            return goOn();
          });
        },
      },
    ],
    internals: [
      {
        activate(input, next) {
          beginActivation(input);
          beginUpdates(input);
          for (const { cancelWorkflow, queryWorkflow } of input.activation.jobs ?? []) {
            if (cancelWorkflow) {
              cancelRequested = true;
              if (cancelWorkflow.reason) currentRecording().cancellation = cancelWorkflow.reason;
            }
            if (queryWorkflow?.queryType === '__temporal_workflow_metadata')
              setCurrentDetails(caseDetails(caseRecord()));
          }
          next(input);
        },
      },
    ],
  };
}

/**
 * Nothing is lost with the run: calls in flight are waited for, and whoever was alerted hears that it is over. Returns
 * undefined, and makes no promise, where there is nothing to wait for.
 */
function settleRun(): Promise<void> | undefined {
  if (!isSettled()) return settle().then(settleRun);
  clearAllAlerts();
  return isSettled() ? undefined : settle().then(settleRun);
}

/** What the workflow left behind goes no further: nobody is asked any more while the last alerts are delivered. */
function giveUpWaits(): void {
  endWork();
  giveUpTasks();
  giveUpParked();
}

async function settleEnd(error: unknown): Promise<void> {
  if (error instanceof ContinueAsNew) return;
  if (cancelRequested && isCancellation(error)) {
    giveUpWaits();
    await settleRun();
    endRecording('cancelled');
  } else if (error instanceof TemporalFailure) {
    const failure = describeError(error);
    giveUpWaits();
    await settleRun();
    caseFailed(error, failure);
    await settle();
    endRecording('failed', failure);
  }
}

/** Decisions and resolutions of the kit are kept with the step they are about; any other message is a step of its own. */
function recordMessage(name: string): void {
  if (takesMessages() && (name === decideMessage || name === resolveMessage)) return;
  setStepStatus(openStep({ name, kind: 'event', title: humanise(name) }), 'done');
}

/** The step of a command: opened here, unless a helper of the kit did, and none where the command never starts. */
function stepOf(step: Pick<Step, 'name' | 'kind' | 'title' | 'dueAt'>): Step | undefined {
  if (commandContext() || CancellationScope.current().consideredCancelled) return undefined;
  return openStep(step);
}

function stepOfCall(name: string, summary: string | undefined): Step | undefined {
  return stepOf({ name, kind: 'call', title: summary ?? humanise(name) });
}

/** Steps of local activities by their arguments, the same object in every attempt; a retry is a command of its own. */
const localCalls = new WeakMap<unknown[], Step>();

function stepOfLocalCall({ activityType, args, attempt, options }: LocalActivityInput): Step | undefined {
  const before = attempt > 1 ? localCalls.get(args) : undefined;
  const step = before ?? stepOfCall(activityType, options.summary);
  if (step) localCalls.set(args, step);
  return step;
}

/**
 * Follows the command and gives back the very promise of the SDK: one of our own would settle later, and where branches
 * go on in one workflow task their commands would come in another order than without the plugin. A failure that nobody
 * awaits is on the record only.
 */
function recorded<T>(step: Step | undefined, command: Promise<T>): Promise<T> {
  if (step) follow(step, command);
  return command;
}

function follow(step: Step, command: Promise<unknown>): void {
  command.then(
    (result) => setStepStatus(step, 'done', keptResult(result)),
    (error: unknown) => {
      if (error instanceof LocalActivityDoBackoff) return;
      if (isCancellation(error)) setStepStatus(step, 'cancelled');
      else setStepStatus(step, 'failed', { error: describeError(error) });
    },
  );
}

/** The idempotency key `<case id>~<restart>/<operation>/<occurrence>` travels with the call. */
function withKey(headers: Headers, opened: Step | undefined): Headers {
  const context = commandContext();
  const step = opened ?? (context && 'attemptOf' in context ? context.attemptOf : undefined);
  if (!step) return headers;
  const key = `${workflowInfo().workflowId}~${restartNumber()}/${step.id}`;
  return { ...headers, [idempotencyKeyHeader]: defaultPayloadConverter.toPayload(key) };
}
