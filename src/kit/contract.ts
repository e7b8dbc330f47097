/**
 * What Whereabouts and its callers agree on: names of queries, signals and updates, and the shapes they carry.
 * Types and constants only, so that workflow code, workers, clients and readers in other processes can share it.
 */

/** Reserved query, answered for every recorded workflow: the whole {@link CaseRecord}. */
export const whereaboutsQuery = 'whereabouts';
/** Query answering the steps open now, a list of {@link Step}. */
export const currentStepQuery = 'currentStep';
/** Query answering all steps in order, a list of {@link Step}. */
export const historyQuery = 'history';
/** Signal and update carrying a {@link Decision}; the update answers with the {@link RecordedDecision}. */
export const decideMessage = 'decide';
/** Signal and update carrying a {@link Resolution} of a parked step. */
export const resolveMessage = 'resolve';
/** Signal carrying a {@link CloudEvent}. */
export const eventMessage = 'event';

/** Search attribute (keyword): the process a case belongs to. */
export const caseProcessAttribute = 'CaseProcess';
/** Search attribute (keyword list): the business keys of a case, each `kind:value`, e.g. `employee:E-1001`. */
export const caseKeysAttribute = 'CaseKeys';

export type StepKind = 'call' | 'task' | 'event' | 'timer' | 'child' | 'compensation' | 'alert';

export type StepStatus = 'open' | 'parked' | 'done' | 'failed' | 'skipped' | 'replaced' | 'cancelled' | 'compensated';

export type CaseStatus = 'running' | 'waiting' | 'incident' | 'completed' | 'failed' | 'cancelled' | 'terminated';

/** One piece of a case. Times are ISO 8601 in UTC. */
export interface Step {
  /** Unique in the case, stable over replay and continue-as-new: `<name>/<occurrence>`, e.g. `bonus.calculateBonus/1`. */
  id: string;
  /** The operation (`bonus.calculateBonus`), the task's name (`approveBonus`), or what the workflow code calls it. */
  name: string;
  kind: StepKind;
  /** For people: what happens here, in words. */
  title: string;
  status: StepStatus;
  startedAt: string;
  endedAt?: string;
  /** The system called, for kinds `call`, `compensation` and `alert` on a `system()` proxy. */
  system?: string;
  /** Who has to act, for kind `task`. */
  role?: string;
  /** Persons who may act, for kind `task`; absent when the role alone says it. */
  candidates?: string[];
  dueAt?: string;
  /** Who decided or resolved the step. */
  by?: string;
  /** What was decided, for kind `task`. */
  decision?: string;
  comment?: string;
  /** What came of it, as JSON of at most 200 characters. */
  result?: string;
  error?: StepError;
  /** Decisions that were refused, for kind `task`, oldest first, at most 20. */
  refusals?: { by: string; decision: string; reason: string; at: string }[];
  /** What operators did about it while it was parked, oldest first. */
  resolutions?: Omit<RecordedResolution, 'step'>[];
}

export interface StepError {
  /** Kind of error, e.g. the `type` of an ApplicationFailure or `TimeoutFailure`. */
  type: string;
  /** At most 500 characters. */
  message: string;
}

/** A task open now: what the person who decides has to know. */
export interface OpenTask {
  /** Step id; `decide` takes it or the task's name. */
  id: string;
  name: string;
  title: string;
  role: string;
  candidates?: string[];
  /** Persons who must not decide, e.g. the employee and whoever approved before (four eyes); in whatever case they are written. */
  excluded?: string[];
  since: string;
  dueAt?: string;
  escalated: boolean;
  /** The decisions this task takes, e.g. `['approve', 'reject']` or `['submit']`. */
  decisions: string[];
  /** The data the decision rests on, as shown. */
  shows?: unknown;
  /** SHA-256 (hex) of the canonical JSON (RFC 8785) of `shows`. */
  shownHash?: string;
  /** JSON Schema (draft 2020-12) of `data`, for data entry. */
  form?: object;
}

/** A step that failed for good and waits for an operator. */
export interface Incident {
  /** Step id, which `resolve` takes. */
  step: string;
  name: string;
  title: string;
  system?: string;
  error: StepError;
  since: string;
  /** How often an operator has already had it tried again. */
  retries: number;
}

/** Answer of the query `whereabouts`: everything a case says of itself. */
export interface CaseRecord {
  /** Workflow type. */
  process: string;
  /** Workflow id. */
  caseId: string;
  runId: string;
  /** How often the case was restarted after it failed, was cancelled or terminated. */
  restart: number;
  /** Build id of the worker that answered, when it has one. */
  build?: string;
  /** Business keys, each `kind:value`. */
  keys: string[];
  status: CaseStatus;
  /** What the business calls the end, e.g. `paid`. */
  outcome?: string;
  /** At most 1,000; `stepsNotRecorded` counts the rest. */
  steps: Step[];
  stepsNotRecorded?: number;
  /** Tasks and events awaited now. */
  waitingFor: OpenTask[];
  incidents: Incident[];
  /** Who asked to cancel the case, and why, as the request said it, e.g. `E-1004: has left the company`. */
  cancellation?: string;
  /** Why the case failed, for status `failed`. */
  failure?: StepError;
  startedAt: string;
  endedAt?: string;
  /** Events in the history when the record was made. */
  historyLength: number;
}

/**
 * What a worker tells of a case after a workflow task: its record, with the steps that changed since the report before.
 * Best effort: reports get lost, doubled and reordered, and one of a workflow task that the server did not accept tells
 * what never was.
 */
export interface CaseReport extends Omit<CaseRecord, 'steps'> {
  taskQueue: string;
  /** When this run of the case started, ISO 8601; `startedAt` is when the first one did. */
  runStartedAt: string;
  /** `historyLength` of the report that this one goes on from; absent where it tells all steps, as the last of a run does. */
  since?: number;
  /**
   * When the workflow task started by which the run has ended, ISO 8601: in the server's history it stands only once the
   * server has accepted what came of that task.
   */
  lastTaskStartedAt?: string;
  /** Steps that changed, and those that are new, which come last; in the order of the record. */
  changed: Step[];
}

/** A person's decision on a task, as sent. */
export interface Decision {
  /** Step id or name of the task. */
  task: string;
  /** One of the decisions the task takes. */
  decision: string;
  /** Who decides; a claim of the sender. */
  by: string;
  comment?: string;
  /** Data entered, matching the task's form. */
  data?: unknown;
  /** `shownHash` of the task as the person saw it; refused when the data has changed since. */
  shownHash?: string;
}

/** A decision as kept. */
export interface RecordedDecision {
  task: string;
  decision: string;
  by: string;
  at: string;
  comment?: string;
  data?: unknown;
}

export type ResolutionAction = 'retry' | 'skip' | 'replace' | 'fail';

/** What an operator does about a parked step. */
export interface Resolution {
  /** Step id (or name, when only one parked step has it). */
  step: string;
  action: ResolutionAction;
  by: string;
  reason: string;
  /** The step's result, for `replace`. */
  result?: unknown;
}

export interface RecordedResolution extends Resolution {
  at: string;
}

/** An event in the JSON format of CloudEvents 1.0; extension attributes stand beside those named here. */
export interface CloudEvent {
  specversion: '1.0';
  /** With `source` it names the event. */
  id: string;
  source: string;
  type: string;
  subject?: string | undefined;
  time?: string | undefined;
  datacontenttype?: string | undefined;
  dataschema?: string | undefined;
  data?: unknown;
  data_base64?: string | undefined;
  [extension: string]: unknown;
}

/** `type` of the ApplicationFailure by which an update or a start is refused; `details[0]` is a {@link Refusal}. */
export const refusalType = 'Refused';

/** Why a message to a case was refused. */
export interface Refusal {
  code:
    | 'no-such-task'
    | 'task-not-open'
    | 'already-decided'
    | 'not-a-candidate'
    | 'excluded'
    | 'unknown-decision'
    | 'invalid-data'
    | 'shown-data-changed'
    | 'no-such-step'
    | 'not-parked'
    | 'invalid-message';
  /** The field of the message that is wrong, e.g. `by` or `data.hours`. */
  field?: string;
  message: string;
}

/** Memo in which a run finds what those before it left; a {@link CaseMemo}. The first run of a case has none. */
export const caseMemo = 'whereabouts';

export interface CaseMemo {
  restart: number;
  /** Names the request by which the case was restarted, where it has a name. */
  request?: string;
  /** What the runs before knew, after continue-as-new. */
  carried?: CarriedRecord;
}

export interface CarriedRecord {
  steps: Step[];
  stepsNotRecorded: number;
  /** How often each name was used for a step. */
  occurrences: Record<string, number>;
  keys: string[];
  outcome?: string;
  decisions: RecordedDecision[];
  /** Signals for tasks that are not open yet. */
  earlyDecisions: Decision[];
  /** When the first run started. */
  startedAt: string;
}

/** Header of an activity that carries its idempotency key. */
export const idempotencyKeyHeader = 'whereabouts-idempotency-key';
