import { z } from 'zod';
import type { SystemClient } from '../../service/client';

/** What workflows may call on notifications. */
export interface NotificationsActivities {
  /** Send one SMS. */
  sendSms(input: { recipient: string; text: string }): Promise<{ messageId: string }>;
  /**
   * Tell the recipient that something is wrong. Alerts of one cause and recipient within one window are one SMS with the
   * number of subjects; the first is sent at once, the rest are summed up when the window ends. A subject raised again
   * counts once within the window, and anew after it.
   */
  raiseAlert(input: {
    /** What went wrong, e.g. `salary: bonus.calculateBonus failed (ServiceUnavailable)`. Alerts are grouped by it. */
    cause: string;
    /** What it went wrong for, e.g. a case id. */
    subject: string;
    recipient: string;
    /** What to do about it; sent when the SMS is about one subject. */
    text: string;
    windowInMinutes: number;
    /** How many cases the subject stands for; 1 unless told. */
    cases?: number;
  }): Promise<{ status: 'sent' | 'counted' }>;
  /**
   * Take back what was raised for a subject; nothing raised is fine. When no subject of a cause is left, an all-clear is sent
   * to whom the alert went; `others-remain` says that one is left.
   */
  clearAlert(input: {
    /** Absent: whatever the cause. */
    cause?: string;
    subject: string;
    recipient: string;
  }): Promise<{ status: 'all-clear' | 'others-remain' }>;
}

/** What workflows may call on notifications, by its HTTP API; errors as of {@link SystemClient}. */
export function createNotificationsActivities(client: SystemClient): NotificationsActivities {
  const post = <Answer>(operation: string, path: string, body: object, answer: z.ZodType<Answer>) =>
    client.request({ operation, method: 'POST', path, body, answer });
  return {
    sendSms: (input) => post('sendSms', '/messages', input, z.object({ messageId: z.string() })),
    raiseAlert: (input) => post('raiseAlert', '/alerts', input, z.object({ status: z.enum(['sent', 'counted']) })),
    clearAlert: (input) =>
      post('clearAlert', '/alerts/clearances', input, z.object({ status: z.enum(['all-clear', 'others-remain']) })),
  };
}
