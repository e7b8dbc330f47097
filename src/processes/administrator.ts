import type { AlertChannel } from '../kit/workflow';
import { notifications } from './systems';

export interface Administrator {
  /** E.164 */
  phone: string;
  /** Alerts of one cause within this time are one SMS with the number of cases. */
  windowInMinutes: number;
}

/** In characters; an SMS holds less, and what is longer is in the case's record. */
const longestText = 500;

/** Tells the administrator by SMS what goes wrong, and when it is over. */
export function smsTo({ phone: recipient, windowInMinutes }: Administrator): AlertChannel {
  return {
    raise: ({ cause, caseId: subject, text }) =>
      notifications.raiseAlert({
        cause,
        subject,
        recipient,
        text: `${subject}: ${text}`.slice(0, longestText),
        windowInMinutes,
      }),
    clear: ({ cause, caseId: subject }) =>
      notifications.clearAlert({ ...(cause !== undefined && { cause }), subject, recipient }),
  };
}
