import type { Duration } from '@temporalio/common';
import { msToNumber } from '@temporalio/common/lib/time';
import { z } from 'zod';

/** Ten years, in milliseconds. */
const longestDuration = 315_576_000_000;

/** `30 seconds`, `2 days`: more than nothing, at most ten years. */
export const duration = z.custom<Duration>((value) => {
  try {
    const milliseconds = typeof value === 'string' ? msToNumber(value as Duration) : 0;
    return milliseconds > 0 && milliseconds <= longestDuration;
  } catch {
    return false;
  }
}, 'must be a duration such as "30 seconds", "12 hours" or "2 days", at most "10 years"');

export const phone = z
  .string()
  .regex(/^\+[1-9][0-9]{6,14}$/, 'must be a phone number such as "+4915550100001" (E.164)');

/** Who is told by SMS what goes wrong; alerts of one cause within the window are one SMS. */
export const administrator = z.strictObject({ phone, windowInMinutes: z.int().min(1).max(1440) });
