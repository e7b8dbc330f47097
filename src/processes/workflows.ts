export { salary } from './salary/workflow';
