import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import type { WorkflowHandle } from '@temporalio/client';

type Events = NonNullable<Awaited<ReturnType<WorkflowHandle['fetchHistory']>>['events']>;

/** What systems answered to a case: results of local activities, which are in markers, and of ordinary ones. */
export function answersIn(events: Events): { operation: string; answer: unknown }[] {
  const scheduled = new Map<string, string>();
  return events.flatMap((event) => {
    const asked = event.activityTaskScheduledEventAttributes;
    if (asked) scheduled.set(String(event.eventId), String(asked.activityType?.name));

    const completed = event.activityTaskCompletedEventAttributes;
    const [result] = completed?.result?.payloads ?? [];
    if (result)
      return [{ operation: scheduled.get(String(completed?.scheduledEventId)) ?? '', answer: valueOf(result) }];

    const { data, result: read } = event.markerRecordedEventAttributes?.details ?? {};
    const [what, answer] = [data?.payloads?.[0], read?.payloads?.[0]];
    if (!what || !answer) return [];
    return [{ operation: valueOf<{ activity_type: string }>(what).activity_type, answer: valueOf(answer) }];
  });
}

function valueOf<T>(payload: Payload): T {
  return defaultPayloadConverter.fromPayload(payload);
}
