import type { FieldError } from '../service/problem';

/** `month "2026-13": must be a month such as "2026-11"`. */
export function inWords({ field, value, message }: FieldError): string {
  const shown = value === undefined ? '' : ` ${JSON.stringify(value)}`;
  return `${field}${shown}: ${message}`;
}
