import { Problem } from './problem';

/** So deep may a body be nested; what is deeper cannot be handed on, kept or even told. */
const deepest = 64;

/**
 * Refuses what can be written as JSON and not be handed on as it.
 * @throws Problem 400 `invalid-request` for a number beyond those of IEEE 754, and for a value nested too deeply
 */
export function requirePlain(value: unknown, depth = 0): void {
  if (value === Infinity || value === -Infinity) throw refused('has a number that is too large; send a smaller one');
  if (typeof value !== 'object' || value === null) return;
  if (depth === deepest) throw refused(`is nested more than ${deepest} deep; send it flatter`);
  for (const part of Object.values(value)) requirePlain(part, depth + 1);
}

function refused(message: string): Problem {
  return new Problem(400, 'invalid-request', `body: ${message}`, { errors: [{ field: 'body', message }] });
}
