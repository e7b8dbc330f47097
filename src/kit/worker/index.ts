export { idempotencyKey } from './idempotency';
export { whereabouts, type WhereaboutsOptions } from './plugin';
export type { TakeReports } from './reports';
