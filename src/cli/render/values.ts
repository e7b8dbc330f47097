import { plain } from './style';

/** Data as people read it, one line a field: amounts of money in their currency, groups indented, texts made harmless. */
export function fields(value: object, indent = ''): string[] {
  return Object.entries(value).flatMap(([name, part]: [string, unknown]) => {
    if (part === undefined) return [];
    if (!isGroup(part)) return [`${indent}${plain(name)}: ${inline(part)}`];
    return [`${indent}${plain(name)}:`, ...fields(part, `${indent}  `)];
  });
}

/** A step's result, which is JSON that may have been cut, in one line: what stands in it directly, and `…` for the rest. */
export function resultWords(json: string): string {
  if (!json.endsWith('…')) return words(JSON.parse(json));
  const readable = words(readCut(json.slice(0, -1)));
  return readable === '' || readable.endsWith('…') ? readable || '…' : `${readable}, …`;
}

function words(result: unknown): string {
  if (!isGroup(result)) return inline(result);
  return Object.entries(result)
    .filter(([, part]) => !isGroup(part))
    .map(([name, part]) => `${plain(name)}: ${inline(part)}`)
    .join(', ');
}

/** The value of JSON without its end, as far as it can be read; a text that was cut ends with `…`. */
function readCut(json: string): unknown {
  // The last number may lack digits.
  const safe = closing(json).startsWith('…') ? json : json.replace(/[^[\]{},:"]+$/, '');
  for (let end = safe.length; end > 0; end -= 1) {
    const start = safe.slice(0, end);
    try {
      return JSON.parse(start + closing(start));
    } catch {
      continue;
    }
  }
  return '…';
}

/** What ends the text, lists and groups that are open at the end of JSON. */
function closing(json: string): string {
  const open: string[] = [];
  for (const token of json.match(/"(?:[^"\\]|\\.)*"?|[[\]{}]/g) ?? []) {
    if (token === '{') open.unshift('}');
    else if (token === '[') open.unshift(']');
    else if (token === '}' || token === ']') open.shift();
    else if (!/^"(?:[^"\\]|\\.)*"$/.test(token)) open.unshift('…"');
  }
  return open.join('');
}

/** A value in one line. */
export function inline(value: unknown): string {
  if (typeof value === 'string') return plain(value);
  if (isMoney(value)) return amount(value);
  if (Array.isArray(value)) return value.length > 0 ? value.map(inline).join(', ') : 'none';
  return plain(JSON.stringify(value));
}

interface Money {
  amountInCents: number;
  currency: string;
}

function isMoney(value: unknown): value is Money {
  return (
    typeof value === 'object' &&
    value !== null &&
    'amountInCents' in value &&
    Number.isInteger(value.amountInCents) &&
    'currency' in value &&
    typeof value.currency === 'string'
  );
}

function isGroup(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isMoney(value);
}

function amount({ amountInCents, currency }: Money): string {
  const digits = String(Math.abs(amountInCents)).padStart(3, '0');
  const whole = digits.slice(0, -2).replace(/\B(?=(\d{3})+$)/g, ',');
  return `${amountInCents < 0 ? '-' : ''}${whole}.${digits.slice(-2)} ${plain(currency)}`;
}
