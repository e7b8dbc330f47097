import { tsToDate, tsToMs } from '@temporalio/common/lib/time';
import {
  endedFromOutside,
  eventsOf,
  type CaseDescription,
  type CaseRecord,
  type HistoryEvent,
  type Step,
  type StepError,
  type StepStatus,
} from '../kit/client';
import type { Client } from '@temporalio/client';
import type { Confirmed } from './knowledge';

/** From here on steps are counted and no longer kept, as in the record that a case makes of itself. */
const mostSteps = 1_000;
const mostCharactersOfMessage = 500;

/**
 * The record of a case that nobody can ask, from the events of its history: its calls, timers, children and messages,
 * under the names that they have in the code; not what people are asked, which leaves no event. It is partial, unless the
 * case ended before any code of it ran, so that there is no more to tell.
 * @throws NoSuchCase, NoServer
 */
export async function readFromEvents(
  client: Client,
  { caseId, runId, process, restart, keys, status, startedAt, endedAt }: CaseDescription,
): Promise<Pick<Confirmed, 'record' | 'partial'>> {
  const steps = stepsFromEvents();
  const ends: Pick<CaseRecord, 'cancellation' | 'failure'> = {};
  let historyLength = 0;
  let codeRan = false;
  for await (const event of eventsOf(client, caseId, runId)) {
    historyLength = Number(event.eventId);
    steps.add(event);
    codeRan ||= !!event.workflowTaskCompletedEventAttributes;
    const { cause } = event.workflowExecutionCancelRequestedEventAttributes ?? {};
    if (cause) ends.cancellation = cause;
    const { failure } = event.workflowExecutionFailedEventAttributes ?? {};
    if (failure) ends.failure = errorOf(failure);
  }
  const record: CaseRecord = {
    ...{ process, caseId, runId, restart, keys, status, startedAt, historyLength },
    ...{ ...steps.sum(), waitingFor: [], incidents: [], ...ends },
  };
  return {
    record: endedAt === undefined ? record : endedFromOutside(record, status, endedAt),
    ...((codeRan || endedAt === undefined) && { partial: true }),
  };
}

type Begun = Pick<Step, 'name' | 'kind' | 'title'>;

/** Adds up events; no more of them is kept than the steps, and where those begin that are open. */
function stepsFromEvents() {
  const steps: Step[] = [];
  const open = new Map<number, Step>();
  const occurrences = new Map<string, number>();
  let stepsNotRecorded = 0;

  function begin(begun: Begun, event: HistoryEvent): Step | undefined {
    const occurrence = (occurrences.get(begun.name) ?? 0) + 1;
    occurrences.set(begun.name, occurrence);
    if (steps.length === mostSteps) {
      stepsNotRecorded += 1;
      return undefined;
    }
    const step: Step = { id: `${begun.name}/${occurrence}`, ...begun, status: 'open', startedAt: timeOf(event) };
    steps.push(step);
    return step;
  }

  return {
    add(event: HistoryEvent): void {
      const message = messageIn(event);
      const step = message && begin({ name: message, kind: 'event', title: message }, event);
      if (step) Object.assign(step, { status: 'done', endedAt: timeOf(event) } satisfies Partial<Step>);

      const begun = begunBy(event);
      const opened = begun && begin(begun, event);
      if (opened) open.set(Number(event.eventId), opened);

      const end = endIn(event);
      const ended = end && open.get(end.begunBy);
      if (!ended) return;
      const { status, error } = end;
      Object.assign(ended, { status, endedAt: timeOf(event), ...(error && { error }) } satisfies Partial<Step>);
      open.delete(end.begunBy);
    },
    sum: () => ({ steps, ...(stepsNotRecorded > 0 && { stepsNotRecorded }) }),
  };
}

function messageIn(event: HistoryEvent): string | undefined {
  const { signalName } = event.workflowExecutionSignaledEventAttributes ?? {};
  return signalName ?? event.workflowExecutionUpdateAcceptedEventAttributes?.acceptedRequest?.input?.name ?? undefined;
}

function begunBy(event: HistoryEvent): Begun | undefined {
  const called = event.activityTaskScheduledEventAttributes?.activityType?.name;
  if (called) return { name: called, kind: 'call', title: called };
  const child = event.startChildWorkflowExecutionInitiatedEventAttributes?.workflowType?.name;
  if (child) return { name: child, kind: 'child', title: child };
  const timer = event.timerStartedEventAttributes;
  if (timer) {
    const seconds = Math.ceil(tsToMs(timer.startToFireTimeout) / 1000);
    return { name: 'timer', kind: 'timer', title: `Wait ${seconds} s` };
  }
  const signal = event.signalExternalWorkflowExecutionInitiatedEventAttributes?.signalName;
  if (signal) return { name: signal, kind: 'call', title: `Signal ${signal}` };
  const nexus = event.nexusOperationScheduledEventAttributes;
  if (!nexus) return undefined;
  const name = `${nexus.service}.${nexus.operation}`;
  return { name, kind: 'call', title: name };
}

const ends = {
  activityTaskCompletedEventAttributes: 'done',
  activityTaskFailedEventAttributes: 'failed',
  activityTaskTimedOutEventAttributes: 'failed',
  activityTaskCanceledEventAttributes: 'cancelled',
  timerFiredEventAttributes: 'done',
  timerCanceledEventAttributes: 'cancelled',
  childWorkflowExecutionCompletedEventAttributes: 'done',
  childWorkflowExecutionFailedEventAttributes: 'failed',
  childWorkflowExecutionTimedOutEventAttributes: 'failed',
  childWorkflowExecutionTerminatedEventAttributes: 'failed',
  childWorkflowExecutionCanceledEventAttributes: 'cancelled',
  startChildWorkflowExecutionFailedEventAttributes: 'failed',
  externalWorkflowExecutionSignaledEventAttributes: 'done',
  signalExternalWorkflowExecutionFailedEventAttributes: 'failed',
  nexusOperationCompletedEventAttributes: 'done',
  nexusOperationFailedEventAttributes: 'failed',
  nexusOperationTimedOutEventAttributes: 'failed',
  nexusOperationCanceledEventAttributes: 'cancelled',
} satisfies { [Attributes in keyof HistoryEvent]?: StepStatus };

type Failure = NonNullable<NonNullable<HistoryEvent['activityTaskFailedEventAttributes']>['failure']>;

/** The event in which the step began has one of three names; of a call and a child, `startedEventId` is another event. */
interface End {
  initiatedEventId?: { toNumber(): number } | null;
  scheduledEventId?: { toNumber(): number } | null;
  startedEventId?: { toNumber(): number } | null;
  failure?: Failure | null;
}

function endIn(event: HistoryEvent): { begunBy: number; status: StepStatus; error?: StepError } | undefined {
  for (const [attributes, status] of Object.entries(ends)) {
    const end = event[attributes as keyof typeof ends] as End | null | undefined;
    if (!end) continue;
    const begunBy = end.initiatedEventId ?? end.scheduledEventId ?? end.startedEventId;
    return { begunBy: Number(begunBy), status, ...(end.failure && { error: errorOf(end.failure) }) };
  }
  return undefined;
}

/** What went wrong, without the wrappers that Temporal puts around it. */
function errorOf({ message, cause, ...failure }: Failure): StepError {
  if (cause && (failure.activityFailureInfo ?? failure.childWorkflowExecutionFailureInfo)) return errorOf(cause);
  const type = failure.applicationFailureInfo?.type ?? (failure.timeoutFailureInfo ? 'Timeout' : 'Error');
  return { type, message: (message ?? '').slice(0, mostCharactersOfMessage) };
}

function timeOf({ eventTime }: HistoryEvent): string {
  return eventTime ? tsToDate(eventTime).toISOString() : '';
}
