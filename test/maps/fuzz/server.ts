import { defaultPayloadConverter } from '@temporalio/common';
import { tsToMs } from '@temporalio/common/lib/time';
import { coresdk } from '@temporalio/proto';
import type { Random } from '../replay/random';
import { cancelled, ofActivity, ofChild, ofOperation, ofSignal } from './failures';
import type { Command, Job } from './sandbox';

const { ActivityCancellationType } = coresdk.workflow_commands;
const { ChildWorkflowCancellationType } = coresdk.child_workflow;

/** How the run ended. */
export type End =
  | { end: 'completed' | 'failed' | 'cancelled' }
  | { end: 'continued'; next: coresdk.workflow_commands.IContinueAsNewWorkflowExecution };

/** What a workflow waits for. */
interface Errand {
  what: 'timer' | 'activity' | 'child start' | 'child' | 'signal' | 'cancellation' | 'operation start' | 'operation';
  seq: number;
  name: string;
  isLocal?: boolean;
  /** When a timer fires, in milliseconds since 1970. */
  dueAt?: number;
  /** Whether it is over at once when its cancellation is asked for. */
  endsAtCancellation: boolean;
  isCancelled?: boolean;
}

/** Gives a random answer of the activity or the child workflow. */
export type Answer = (what: 'activity' | 'child', name: string) => unknown;

/** What a server does with what a workflow asks for, at random: a fake of Core and all beyond it. */
export class Server {
  private open: Errand[] = [];
  private atOnce: Job[] = [];
  private begunNow = new Set<Errand>();
  end?: End;

  constructor(
    private readonly random: Random,
    private readonly answer: Answer,
  ) {}

  take(commands: readonly Command[], now: number): void {
    this.begunNow = new Set();
    for (const command of commands) this.takeOne(command, now);
  }

  /** What has to happen before anything else does, at the same time. */
  takeAtOnce(): Job[] {
    return this.atOnce.splice(0);
  }

  get isWaitedFor(): boolean {
    return this.open.length > 0;
  }

  /** Something that is waited for comes, and when. */
  next(now: number): { at: number; job: Job } | undefined {
    const [first] = this.open
      .filter(({ dueAt }) => dueAt !== undefined)
      .toSorted((one, other) => due(one) - due(other));
    const ready = this.open.filter((errand) => errand.dueAt === undefined || errand === first);
    if (ready.length === 0) return undefined;
    const errand = this.random.oneOf(ready);
    this.forget(errand);
    const at = Math.max(now, errand.dueAt ?? now);
    return { at, job: this.outcomeOf(errand, at) };
  }

  private takeOne(command: Command, now: number): void {
    if (command.startTimer) {
      const { seq, startToFireTimeout } = command.startTimer;
      this.begin({ what: 'timer', seq: seq ?? 0, name: 'timer', dueAt: now + tsToMs(startToFireTimeout) });
    } else if (command.cancelTimer) {
      this.open = this.open.filter(({ what, seq }) => what !== 'timer' || seq !== command.cancelTimer?.seq);
    } else if (command.scheduleActivity ?? command.scheduleLocalActivity) {
      const { seq, activityType, cancellationType } = command.scheduleActivity ?? command.scheduleLocalActivity ?? {};
      this.begin({
        what: 'activity',
        seq: seq ?? 0,
        name: activityType ?? '',
        isLocal: !command.scheduleActivity,
        endsAtCancellation: cancellationType !== ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
      });
    } else if (command.requestCancelActivity ?? command.requestCancelLocalActivity) {
      this.cancel('activity', command.requestCancelActivity ?? command.requestCancelLocalActivity ?? {});
    } else if (command.startChildWorkflowExecution) {
      const { seq, workflowType, cancellationType } = command.startChildWorkflowExecution;
      this.begin({
        what: 'child start',
        seq: seq ?? 0,
        name: workflowType ?? '',
        endsAtCancellation:
          cancellationType === ChildWorkflowCancellationType.ABANDON ||
          cancellationType === ChildWorkflowCancellationType.TRY_CANCEL,
      });
    } else if (command.cancelChildWorkflowExecution) {
      const { childWorkflowSeq } = command.cancelChildWorkflowExecution;
      this.cancel('child start', { seq: childWorkflowSeq });
      this.cancel('child', { seq: childWorkflowSeq });
    } else if (command.signalExternalWorkflowExecution) {
      const { seq, signalName } = command.signalExternalWorkflowExecution;
      this.begin({ what: 'signal', seq: seq ?? 0, name: signalName ?? '' });
    } else if (command.cancelSignalWorkflow) {
      this.cancel('signal', command.cancelSignalWorkflow);
    } else if (command.requestCancelExternalWorkflowExecution) {
      const { seq } = command.requestCancelExternalWorkflowExecution;
      this.begin({ what: 'cancellation', seq: seq ?? 0, name: 'cancellation' });
    } else if (command.scheduleNexusOperation) {
      const { seq, operation } = command.scheduleNexusOperation;
      this.begin({ what: 'operation start', seq: seq ?? 0, name: operation ?? '' });
    } else if (command.requestCancelNexusOperation) {
      this.cancel('operation start', command.requestCancelNexusOperation);
      this.cancel('operation', command.requestCancelNexusOperation);
    } else if (command.completeWorkflowExecution) this.end = { end: 'completed' };
    else if (command.failWorkflowExecution) this.end = { end: 'failed' };
    else if (command.cancelWorkflowExecution) this.end = { end: 'cancelled' };
    else if (command.continueAsNewWorkflowExecution) {
      this.end = { end: 'continued', next: command.continueAsNewWorkflowExecution };
    }
  }

  private begin(errand: Omit<Errand, 'endsAtCancellation'> & Partial<Errand>): void {
    const begun = { endsAtCancellation: true, ...errand };
    this.open.push(begun);
    this.begunNow.add(begun);
  }

  private cancel(kind: Errand['what'], { seq }: { seq?: number | null | undefined }): void {
    const errand = this.open.find((one) => one.what === kind && one.seq === seq);
    if (!errand) return;
    errand.isCancelled = true;
    if (!errand.endsAtCancellation && !this.begunNow.has(errand)) return;
    if (kind === 'child start' && !this.begunNow.has(errand)) return;
    this.forget(errand);
    this.atOnce.push(this.cancelledJob(errand));
  }

  private forget(errand: Errand): void {
    this.open = this.open.filter((one) => one !== errand);
  }

  private cancelledJob({ what, seq, name, isLocal = false }: Errand): Job {
    switch (what) {
      case 'activity':
        return {
          resolveActivity: { seq, isLocal, result: { cancelled: { failure: ofActivity(name, cancelled) } } },
        };
      case 'child start':
        return { resolveChildWorkflowExecutionStart: { seq, cancelled: { failure: ofChild(name, cancelled) } } };
      case 'child':
        return { resolveChildWorkflowExecution: { seq, result: { cancelled: { failure: ofChild(name, cancelled) } } } };
      case 'operation start':
        return { resolveNexusOperationStart: { seq, failed: ofOperation(name, cancelled) } };
      case 'operation':
        return { resolveNexusOperation: { seq, result: { cancelled: ofOperation(name, cancelled) } } };
      case 'cancellation':
        return { resolveRequestCancelExternalWorkflow: { seq } };
      case 'signal':
        return { resolveSignalExternalWorkflow: { seq, failure: cancelled } };
      case 'timer':
        return { fireTimer: { seq } };
    }
  }

  private outcomeOf(errand: Errand, now: number): Job {
    const { random } = this;
    const { what, seq, name, isLocal = false, isCancelled = false } = errand;
    if (isCancelled && what !== 'child start' && what !== 'operation start' && random.chance(60)) {
      return this.cancelledJob(errand);
    }
    const fails = random.chance(25);
    switch (what) {
      case 'timer':
        return { fireTimer: { seq } };
      case 'activity': {
        if (fails)
          return { resolveActivity: { seq, isLocal, result: { failed: { failure: ofActivity(name, random) } } } };
        if (isLocal && random.chance(5)) return backoffOf(seq, now);
        return { resolveActivity: { seq, isLocal, result: { completed: { result: this.payload('activity', name) } } } };
      }
      case 'child start': {
        if (random.chance(10)) {
          const failed = { workflowId: 'child', workflowType: name, cause: 1 };
          return { resolveChildWorkflowExecutionStart: { seq, failed } };
        }
        this.open.push({ ...errand, what: 'child' });
        return { resolveChildWorkflowExecutionStart: { seq, succeeded: { runId: 'child-run' } } };
      }
      case 'child': {
        const result = fails
          ? { failed: { failure: ofChild(name, random) } }
          : { completed: { result: this.payload('child', name) } };
        return { resolveChildWorkflowExecution: { seq, result } };
      }
      case 'operation start': {
        if (fails) return { resolveNexusOperationStart: { seq, failed: ofOperation(name, random) } };
        this.open.push({ ...errand, what: 'operation', endsAtCancellation: false });
        return { resolveNexusOperationStart: { seq, operationToken: 'token' } };
      }
      case 'operation': {
        const result = fails
          ? { failed: ofOperation(name, random) }
          : { completed: defaultPayloadConverter.toPayload('done') };
        return { resolveNexusOperation: { seq, result } };
      }
      case 'signal':
        return { resolveSignalExternalWorkflow: { seq, ...(fails && { failure: ofSignal() }) } };
      case 'cancellation':
        return { resolveRequestCancelExternalWorkflow: { seq, ...(fails && { failure: ofSignal() }) } };
    }
  }

  private payload(what: 'activity' | 'child', name: string) {
    return defaultPayloadConverter.toPayload(this.answer(what, name));
  }
}

function due({ dueAt = Infinity }: Errand): number {
  return dueAt;
}

/** A local activity is to be tried again, so late that a timer of the server is set for it. */
function backoffOf(seq: number, now: number): Job {
  const originalScheduleTime = { seconds: Math.floor(now / 1000), nanos: 0 };
  const backoff = { attempt: 2, backoffDuration: { seconds: 90, nanos: 0 }, originalScheduleTime };
  return { resolveActivity: { seq, isLocal: true, result: { backoff } } } as unknown as Job;
}
