export { idempotencyKey } from './idempotency';
export { whereabouts } from './plugin';
