import type { SmsProvider } from './provider';

/** Sends nothing: messages are kept, count as sent and are shown by `whereabouts messages`. */
export function logProvider(): SmsProvider {
  return {
    name: 'log',
    attemptTakesMs: 5_000,
    send: ({ messageId }) => Promise.resolve({ status: 'accepted', providerId: `log-${messageId}` }),
    find: () => Promise.resolve([]),
  };
}
