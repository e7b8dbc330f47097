export { defaultTaskQueue, restartCase, startCase, type NewCase, type StartedCase } from './start';
export { cancelCase, decide, resolve, signalDecision, signalResolution, type MessageOptions } from './messages';
export { findCases, getCase, historyOf, resultOf, type CaseFilter, type FoundCase, type ServerRecord } from './queries';
export { describeCase, type CaseDescription } from './describe';
export { CaseClosed, CodeFails, NoAnswer, NoSuchCase, Refused, StartRefused } from './errors';
export type * from '../contract';
