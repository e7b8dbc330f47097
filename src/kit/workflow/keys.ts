import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import { caseKeysAttribute } from '../contract';
import { takeMessages } from './messages';
import { currentRecording } from './record';

const caseKeys = defineSearchAttributeKey(caseKeysAttribute, SearchAttributeType.KEYWORD_LIST);

/**
 * Adds business keys by which the case is found from now on, e.g. `addKeys({ booking: 'B-000001' })`.
 * Pseudonymous values only: search attributes are not encrypted. On a server without the search attribute `CaseKeys`
 * the keys are on the case's own record only.
 */
export function addKeys(keys: Record<string, string>): void {
  takeMessages();
  const recording = currentRecording();
  const added = Object.entries(keys).map(([kind, value]) => `${kind}:${value}`);
  const fresh = added.filter((key) => !recording.keys.includes(key));
  if (fresh.length === 0) return;
  recording.keys = [...recording.keys, ...fresh];
  const registered = workflowInfo().typedSearchAttributes.get(caseKeys) !== undefined;
  if (registered) upsertSearchAttributes([{ key: caseKeys, value: recording.keys }]);
}
