import { proxySinks, workflowInfo, type Sinks, type WorkflowInterceptors } from '@temporalio/workflow';
import type { CaseReport } from '../contract';
import { caseRecord, stepsChanged } from './record';

/** By which workflow code tells the worker. */
export interface ReportSinks extends Sinks {
  whereabouts: { report(report: CaseReport): void };
}

const { whereabouts } = proxySinks<ReportSinks>();

let installed = false;
/** What was told of the case beside its steps, and at which length of the history. */
let told: { rest: string; historyLength: number } | undefined;

/** Tells the worker what changed in the case, after each activation that is no replay. Given twice, it tells once. */
export function interceptors(): WorkflowInterceptors {
  if (installed) return {};
  installed = true;
  return {
    internals: [
      {
        concludeActivation(input, next) {
          const output = next(input);
          if (!workflowInfo().unsafe.isReplaying) reportChanges();
          return output;
        },
      },
    ],
  };
}

/** The first report of a run tells all steps: what was told before a replay, and by whom, is not known. */
function reportChanges(): void {
  const { steps: _, historyLength, ...record } = caseRecord();
  const changed = stepsChanged();
  const rest = JSON.stringify(record);
  if (changed.length === 0 && told?.rest === rest) return;
  const { taskQueue, runStartTime } = workflowInfo();
  whereabouts.report({
    ...record,
    historyLength,
    taskQueue,
    runStartedAt: runStartTime.toISOString(),
    ...(told && { since: told.historyLength }),
    changed,
  });
  told = { rest, historyLength };
}
