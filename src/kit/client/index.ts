export { defaultTaskQueue, restartCase, startCase, type NewCase, type RestartOptions, type StartedCase } from './start';
export {
  cancelCase,
  decide,
  resolve,
  signalDecision,
  signalEvent,
  signalResolution,
  type MessageOptions,
} from './messages';
export { requireReadable } from './encrypted';
export { endedFromOutside, getCase, historyOf, resultOf } from './queries';
export { eventsOf, hasEndedBy, lastEventsOf, type HistoryEvent } from './events';
export { findCase, findCases, listCases, type CaseFilter, type FoundCase, type ServerRecord } from './finding';
export { describeCase, type CaseDescription } from './describe';
export {
  CaseClosed,
  CodeFails,
  Encrypted,
  isInvalidForServer,
  isServerLost,
  NoAnswer,
  NoServer,
  NoSuchCase,
  NotRecorded,
  Refused,
  silenceOf,
  StartRefused,
  type Silence,
} from './errors';
export { withoutCodec } from './without-codec';
export type * from '../contract';
