import type { Style } from './style';

const units = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
] as const;

/** A length of time in its largest unit, and the next one when there are few of the largest: `8 d`, `1 h 20 min`, `0 s`. */
export function duration(milliseconds: number): string {
  const seconds = Math.floor(Math.max(0, milliseconds) / 1_000);
  const [[unit, length], next] = unitsOf(seconds);
  const rest = next ? Math.floor((seconds % length) / next[1]) : 0;
  const whole = `${Math.floor(seconds / length)} ${unit}`;
  return next && rest > 0 ? `${whole} ${rest} ${next[0]}` : whole;
}

type Unit = (typeof units)[number];

/** The largest unit of so many seconds, and the next one when there are few of the largest. */
function unitsOf(seconds: number): [Unit, Unit?] {
  const index = units.findIndex(([, length]) => seconds >= length);
  const largest = units[index] ?? units[3];
  const next = seconds / largest[1] < 4 ? units[index + 1] : undefined;
  return next && index >= 0 ? [largest, next] : [largest];
}

/** A moment as date and time of the clock on the wall: `2026-11-21 10:12:31`. */
export function moment(iso: string, { timeZone }: Pick<Style, 'timeZone'>): string {
  return new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'medium', timeZone }).format(new Date(iso));
}

/** A past moment: `2 h ago (2026-11-21 10:12:31)`. */
export function ago(iso: string, style: Style): string {
  return `${duration(style.now.getTime() - Date.parse(iso))} ago (${moment(iso, style)})`;
}

/** Since when something lasts: `since 2 h (2026-11-21 10:12:31)`. */
export function since(iso: string, style: Style): string {
  return `since ${duration(style.now.getTime() - Date.parse(iso))} (${moment(iso, style)})`;
}

/** When something is due: `due in 2 d (...)`, `overdue by 5 min (...)`. */
export function due(iso: string, style: Style): string {
  return `${dueWords(iso, style.now)} (${moment(iso, style)})`;
}

/** As {@link due}, without the moment: `due in 2 d`. */
export function dueWords(iso: string, now: Date): string {
  const left = Date.parse(iso) - now.getTime();
  if (left < 0) return `overdue by ${duration(-left)}`;
  const [largest, next] = unitsOf(left / 1_000);
  const step = (next ?? largest)[1] * 1_000;
  return `due in ${duration(Math.ceil(left / step) * step)}`;
}
