import { AsyncLocalStorage } from 'node:async_hooks';
import { defaultPayloadConverter } from '@temporalio/common';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { idempotencyKeyHeader } from '../contract';

const keys = new AsyncLocalStorage<string>();

/**
 * The key `<case id>~<restart>/<operation>/<occurrence>` of the call that the running activity carries out: the same for
 * each of its attempts, and for no other call. Nothing outside an activity, or when the workflow ran without the plugin.
 */
export function idempotencyKey(): string | undefined {
  return keys.getStore();
}

export const idempotencyKeys: ActivityInterceptorsFactory = () => ({
  inbound: {
    execute(input, next) {
      const payload = input.headers[idempotencyKeyHeader];
      return payload ? keys.run(defaultPayloadConverter.fromPayload<string>(payload), () => next(input)) : next(input);
    },
  },
});
