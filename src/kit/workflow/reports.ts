import { tsToDate } from '@temporalio/common/lib/time';
import {
  proxySinks,
  workflowInfo,
  type ActivateInput,
  type Sinks,
  type WorkflowInterceptors,
} from '@temporalio/workflow';
import type { CaseReport } from '../contract';
import { goesOnSoon } from './reads';
import { allSteps, caseRecord, stepsChanged } from './record';

/** By which workflow code tells the worker. */
export interface ReportSinks extends Sinks {
  whereabouts: { report(report: CaseReport): void };
}

const { whereabouts } = proxySinks<ReportSinks>();

let installed = false;
/** What was told of the case beside its steps, and at which length of the history. */
let told: { rest: string; historyLength: number } | undefined;
/** The workflow task at work; several activations may belong to it. */
let task: { historyLength: number; startedAt: string } | undefined;

/**
 * Tells the worker what changed in the case, after each activation that is no replay; while nothing but reads is waited for,
 * which take a second at most and end in the same workflow task, after the one that follows them. Given twice, it tells once.
 */
export function interceptors(): WorkflowInterceptors {
  if (installed) return {};
  installed = true;
  return {
    internals: [
      {
        activate(input, next) {
          noteTask(input);
          next(input);
        },
        concludeActivation(input, next) {
          const output = next(input);
          if (!workflowInfo().unsafe.isReplaying) reportChanges();
          return output;
        },
      },
    ],
  };
}

function noteTask({ activation: { historyLength, timestamp } }: ActivateInput): void {
  if (!timestamp || historyLength === task?.historyLength) return;
  task = { historyLength: historyLength ?? 0, startedAt: tsToDate(timestamp).toISOString() };
}

/**
 * The first report of a run tells all steps: what was told before a replay, and by whom, is not known. So does the last one,
 * which then is right if the server accepts the workflow task, whatever became of those before.
 */
function reportChanges(): void {
  const { steps: _, historyLength, ...record } = caseRecord();
  const hasEnded = record.endedAt !== undefined;
  if (goesOnSoon() && !hasEnded) return;
  const changed = stepsChanged();
  const rest = JSON.stringify(record);
  if (changed.length === 0 && told?.rest === rest) return;
  const { taskQueue, runStartTime } = workflowInfo();
  whereabouts.report({
    ...record,
    historyLength,
    taskQueue,
    runStartedAt: runStartTime.toISOString(),
    ...(told && !hasEnded && { since: told.historyLength }),
    ...(hasEnded && task && { lastTaskStartedAt: task.startedAt }),
    changed: hasEnded ? allSteps() : changed,
  });
  told = { rest, historyLength };
}
