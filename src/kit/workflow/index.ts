export { addKeys } from './keys';
export { exclude } from './exclusion';
export { onError, type Alert, type AlertChannel } from './incidents';
export { outcome } from './outcome';
export { approve, task, type ApprovalOptions, type DataEntryOptions, type TaskOptions } from './people';
export { retryCalls, system, type ByHand, type SystemOptions, type SystemProxy } from './system';
export type { OpenTask, RecordedDecision } from '../contract';
