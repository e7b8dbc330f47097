import { defaultPayloadConverter, ValueError, type PayloadConverter } from '@temporalio/common';

/** Temporal's own, but what only a codec of the project could read is read as nothing, so that the rest can be shown. */
export const payloadConverter: PayloadConverter = {
  toPayload: (value) => defaultPayloadConverter.toPayload(value),
  fromPayload<T>(payload: Parameters<PayloadConverter['fromPayload']>[0]): T {
    try {
      return defaultPayloadConverter.fromPayload(payload);
    } catch (error) {
      if (error instanceof ValueError) return undefined as T;
      throw error;
    }
  },
};
