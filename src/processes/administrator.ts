import type { AlertChannel } from '../kit/workflow';
import { notifications } from './systems';

export interface Administrator {
  /** E.164 */
  phone: string;
  /** Alerts of one cause within this time are one SMS with the number of cases. */
  windowInMinutes: number;
}

/** Tells the administrator by SMS what goes wrong, and when it is over. */
export function smsTo({ phone: recipient, windowInMinutes }: Administrator): AlertChannel {
  return {
    raise: ({ cause, caseId: subject, text }) =>
      notifications.raiseAlert({ cause, subject, recipient, text: `${subject}: ${text}`, windowInMinutes }),
    clear: ({ cause, caseId: subject }) => notifications.clearAlert({ cause, subject, recipient }),
  };
}
