/** Decisions of notifications about alerts, without I/O. Times are ISO 8601 in UTC. */

/** Longest text of an alert's SMS, in characters: two segments of a concatenated SMS and a bit. */
export const maxAlertTextLength = 320;

const longestCause = 160;

/** What is known of one cause for one recipient. */
export interface AlertState {
  /** Subjects raised and not cleared. */
  open: number;
  /** Those of `open` that no SMS has counted yet. */
  untold: number;
  /** Whether the recipient was told and not yet given the all-clear. */
  alerted: boolean;
  /** While it lasts no further alert is sent; absent when none was ever begun. */
  windowEndsAt?: string;
}

/** `well`: not open. `untold`: open, and no SMS has counted it yet. `told`: open and counted. */
export type SubjectState = 'well' | 'untold' | 'told';

/** The SMS that a decision asks for, by the number of subjects, which may each stand for several cases. */
export type AlertSms = { kind: 'alert'; cases: number; newCases: number } | { kind: 'all-clear' };

export interface AlertDecision {
  state: AlertState;
  sms?: AlertSms;
}

/** The state of a cause of which nothing is known. */
export const noAlert: AlertState = { open: 0, untold: 0, alerted: false };

/**
 * A subject that is in the state `subject` goes wrong. Told at once unless a window lasts. One that was told is no news
 * within the window, and news again after it.
 */
export function raise(
  state: AlertState,
  { subject, windowInMinutes, now }: { subject: SubjectState; windowInMinutes: number; now: string },
): AlertDecision {
  const opened = subject === 'well' ? 1 : 0;
  const news = subject === 'well' || (subject === 'told' && !isSilent(state, now)) ? 1 : 0;
  const counted = { ...state, open: state.open + opened, untold: state.untold + news };
  return tell(counted, { windowInMinutes, now });
}

/** A subject that was in the state `subject` is well again. */
export function clear(state: AlertState, subject: SubjectState): AlertDecision {
  if (subject === 'well') return { state };
  const remaining = {
    ...state,
    open: state.open - 1,
    untold: subject === 'untold' ? state.untold - 1 : state.untold,
  };
  return remaining.open === 0 && remaining.alerted
    ? { state: { ...remaining, alerted: false }, sms: { kind: 'all-clear' } }
    : { state: remaining };
}

/** Time went by: when the window is over and something in it was not told, it is summed up now. */
export function passTime(state: AlertState, passed: { windowInMinutes: number; now: string }): AlertDecision {
  return tell(state, passed);
}

function tell(state: AlertState, { windowInMinutes, now }: { windowInMinutes: number; now: string }): AlertDecision {
  if (isSilent(state, now) || state.untold === 0) return { state };
  return {
    state: { ...state, untold: 0, alerted: true, windowEndsAt: addMinutes(now, windowInMinutes) },
    sms: { kind: 'alert', cases: state.open, newCases: state.untold },
  };
}

function isSilent({ windowEndsAt }: AlertState, now: string): boolean {
  return windowEndsAt !== undefined && now < windowEndsAt;
}

function addMinutes(time: string, minutes: number): string {
  return new Date(Date.parse(time) + minutes * 60_000).toISOString();
}

/**
 * What the SMS says, in ASCII and at most {@link maxAlertTextLength} characters. `subjects` are the cases to name, new ones
 * first; `text` is what to do, said when the SMS is about one subject.
 */
export function alertText(sms: AlertSms, alert: { cause: string; subjects: string[]; text: string }): string {
  const cause = shorten(ascii(alert.cause), longestCause);
  if (sms.kind === 'all-clear') return `Whereabouts: all clear: ${cause}`;
  const cases = `${sms.cases} ${sms.cases === 1 ? 'case' : 'cases'}`;
  if (alert.subjects.length === 1) {
    return shorten(`Whereabouts: ${cause}, ${cases}. ${ascii(alert.text)}`, maxAlertTextLength);
  }
  const news = sms.newCases === sms.cases ? '' : ` (${sms.newCases} new)`;
  return naming(`Whereabouts: ${cause}, ${cases}${news}`, alert.subjects.map(ascii), sms.cases);
}

function naming(head: string, subjects: string[], cases: number): string {
  for (let named = subjects.length; named > 0; named -= 1) {
    const more = cases > named ? ` and ${cases - named} more` : '';
    const text = `${head}: ${subjects.slice(0, named).join(', ')}${more}`;
    if (text.length <= maxAlertTextLength) return text;
  }
  return head;
}

function ascii(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{Mark}/gu, '')
    .replace(/\s+/g, ' ')
    .replace(/[^\x20-\x7e]/gu, '?')
    .trim();
}

function shorten(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 3)}...`;
}
