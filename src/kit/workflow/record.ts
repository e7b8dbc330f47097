import { workflowInfo } from '@temporalio/workflow';
import {
  caseKeysAttribute,
  caseMemo,
  type CarriedRecord,
  type CaseMemo,
  type CaseRecord,
  type CaseStatus,
  type Incident,
  type OpenTask,
  type Step,
  type StepError,
  type StepStatus,
} from '../contract';

/** From here on steps are counted and no longer kept. */
const mostStepsRecorded = 1000;

interface Recording extends CarriedRecord {
  openTasks: Map<string, OpenTask>;
  incidents: Map<string, Incident>;
  cancellation?: string;
  end?: { status: CaseStatus; at: string; failure?: StepError };
}

/** The sandbox gives each workflow run its own modules, so this is the record of one run. */
const recording: Recording = {
  steps: [],
  stepsNotRecorded: 0,
  occurrences: {},
  keys: [],
  decisions: [],
  earlyDecisions: [],
  openTasks: new Map(),
  incidents: new Map(),
  startedAt: '',
};

/** Steps beyond the most recorded, while they are open. */
const unrecorded = new Set<Step>();

/** The time as the workflow sees it, ISO 8601. */
export function now(): string {
  return new Date().toISOString();
}

/** Takes up what the runs before this one recorded, and the keys the case was started with. */
export function beginRecording(): void {
  const { memo, startTime, searchAttributes } = workflowInfo();
  const carried = (memo?.[caseMemo] as CaseMemo | undefined)?.carried;
  recording.startedAt = startTime.toISOString();
  recording.keys = (searchAttributes[caseKeysAttribute] as string[] | undefined) ?? [];
  Object.assign(recording, carried);
}

/** What the next run needs to go on recording the same case; what is still open in this run is given up. */
export function carriedRecord(): CarriedRecord {
  giveUpOpenSteps();
  const { steps, stepsNotRecorded, occurrences, keys, outcome, decisions, earlyDecisions, startedAt } = recording;
  return {
    steps,
    stepsNotRecorded,
    occurrences,
    keys,
    ...(outcome !== undefined && { outcome }),
    decisions,
    earlyDecisions,
    startedAt,
  };
}

export function restartNumber(): number {
  return (workflowInfo().memo?.[caseMemo] as CaseMemo | undefined)?.restart ?? 0;
}

/** Opens a step; its id counts how often the name was used in this case. Nothing comes of one begun after the end. */
export function openStep(step: Omit<Step, 'id' | 'status' | 'startedAt'>): Step {
  const occurrence = (recording.occurrences[step.name] ?? 0) + 1;
  recording.occurrences[step.name] = occurrence;
  const opened: Step = { id: `${step.name}/${occurrence}`, ...step, status: 'open', startedAt: now() };
  if (recording.steps.length < mostStepsRecorded) {
    recording.steps.push(opened);
    changedSteps?.add(opened);
  } else {
    recording.stepsNotRecorded += 1;
    unrecorded.add(opened);
  }
  if (recording.end) setStepStatus(opened, 'cancelled');
  return opened;
}

type StepChanges = { [Field in keyof Step]?: Step[Field] | undefined };

/** Ends a step, or parks it; `changes` are kept with it. */
export function setStepStatus(step: Step, status: StepStatus, changes: StepChanges = {}): void {
  const goesOn = status === 'open' || status === 'parked';
  changeStep(step, { ...changes, status, endedAt: goesOn ? undefined : now() });
  if (!goesOn) unrecorded.delete(step);
}

/** Every change of a step goes through here; `undefined` takes a field away. */
export function changeStep(step: Step, changes: StepChanges): void {
  Object.assign(step, changes);
  for (const [field, value] of Object.entries(changes))
    if (value === undefined) delete step[field as keyof StepChanges];
  changedSteps?.add(step);
}

let changedSteps: Set<Step> | undefined;

/** Steps that were opened or changed since this was asked before, in order; all of them the first time. */
export function stepsChanged(): Step[] {
  const changed = changedSteps;
  changedSteps = new Set();
  return changed ? recording.steps.filter((step) => changed.has(step)) : recording.steps;
}

/** The record of this run so far; what other modules of the kit write into. */
export function currentRecording(): Recording {
  return recording;
}

/** Marks the end of the case; what is still open then is given up. */
export function endRecording(status: CaseStatus, failure?: StepError): void {
  giveUpOpenSteps();
  recording.openTasks.clear();
  recording.incidents.clear();
  recording.end = { status, at: now(), ...(failure && { failure }) };
}

function giveUpOpenSteps(): void {
  for (const step of openSteps()) setStepStatus(step, 'cancelled');
}

export function openSteps(): Step[] {
  return [...recording.steps.filter(({ status }) => status === 'open' || status === 'parked'), ...unrecorded];
}

export function allSteps(): Step[] {
  return recording.steps;
}

/** The answer of the query `whereabouts`. */
export function caseRecord(): CaseRecord {
  const { workflowType, workflowId, runId, historyLength, currentDeploymentVersion } = workflowInfo();
  const { steps, stepsNotRecorded, keys, outcome, cancellation, end } = recording;
  return {
    process: workflowType,
    caseId: workflowId,
    runId,
    restart: restartNumber(),
    ...(currentDeploymentVersion && { build: currentDeploymentVersion.buildId }),
    keys,
    status: end?.status ?? statusNow(),
    ...(outcome !== undefined && { outcome }),
    steps,
    ...(stepsNotRecorded > 0 && { stepsNotRecorded }),
    waitingFor: [...recording.openTasks.values()],
    incidents: [...recording.incidents.values()],
    ...(cancellation !== undefined && { cancellation }),
    ...(end?.failure && { failure: end.failure }),
    startedAt: recording.startedAt,
    ...(end && { endedAt: end.at }),
    historyLength,
  };
}

function statusNow(): CaseStatus {
  if (recording.incidents.size > 0) return 'incident';
  const working = openSteps().some(({ kind }) => kind === 'call' || kind === 'child' || kind === 'compensation');
  return recording.openTasks.size > 0 && !working ? 'waiting' : 'running';
}
