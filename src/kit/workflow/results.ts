import type { WorkflowInterceptors } from '@temporalio/workflow';
import type { Step } from '../contract';
import { resultInShort } from './words';

let kept = false;

/** Has the results of all calls and children recorded, not just those by `system()`. */
export function interceptors(): WorkflowInterceptors {
  kept = true;
  return {};
}

/** The result of a step as it is recorded where the kit does not do it; nothing unless it is asked for. */
export function keptResult(result: unknown): Pick<Step, 'result'> {
  return kept ? resultInShort(result) : {};
}
