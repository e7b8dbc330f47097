/** Workflows that the fuzz of maps plays. */
export { salary } from '../../../src/processes/salary/workflow';
export * from './beside';
export * from './cancelling';
export * from './choosing';
export * from './dispatch';
export * from './expressions';
export * from './failing';
export * from './flagged';
export * from './functions';
export * from './messages';
export * from './people';
export * from './waiting';
