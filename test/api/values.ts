import fc, { type Arbitrary } from 'fast-check';

/** The part of JSON Schema that our document is written in. */
export interface Schema {
  type?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  anyOf?: Schema[];
  oneOf?: Schema[];
  enum?: unknown[];
  const?: unknown;
  format?: string;
  pattern?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  minItems?: number;
  maxItems?: number;
}

/** Values that fit a schema, as far as it tells. */
export function valid(schema: Schema): Arbitrary<unknown> {
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  const either = schema.anyOf ?? schema.oneOf;
  if (either) return fc.oneof(...either.map(valid));
  const { minimum: min = -1_000, maximum: max = 1_000, minItems: minLength = 0, maxItems: maxLength = 5 } = schema;
  switch (schema.type) {
    case 'string':
      return text(schema);
    case 'integer':
      return fc.integer({ min, max });
    case 'number':
      return fc.double({ min, max, noNaN: true });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array':
      return fc.array(valid(schema.items ?? {}), { minLength, maxLength });
    case 'object': {
      const { properties = {}, required = [] } = schema;
      const fields = Object.entries(properties).map(([name, field]) => [
        name,
        required.includes(name) ? valid(field) : rarely(valid(field)),
      ]);
      return fc.record(Object.fromEntries(fields) as Record<string, Arbitrary<unknown>>);
    }
    default:
      return fc.oneof(fc.jsonValue({ maxDepth: 2 }), odd);
  }
}

/** Undefined fields are left out of JSON. */
function rarely<T>(value: Arbitrary<T>): Arbitrary<T | undefined> {
  return fc.oneof({ weight: 2, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value });
}

function text({ format, pattern, minLength = 0, maxLength = 100 }: Schema): Arbitrary<string> {
  if (format === 'date-time') return fc.date({ noInvalidDate: true }).map((date) => date.toISOString());
  if (format === 'uuid') return fc.uuid();
  const any = fc.string({ unit: 'grapheme', minLength, maxLength: Math.min(maxLength, 100) });
  if (pattern === undefined) return any;
  const fitting = new RegExp(pattern, 'u');
  return pattern.includes('\\p{') ? any.filter((some) => fitting.test(some)) : fc.stringMatching(fitting);
}

/** A cursor that no page has given, though it has the form of one. */
function cursorOf(...place: string[]): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url');
}

/** Texts that somebody has once believed cannot come. */
export const oddTexts = [
  '',
  ' ',
  "'",
  '"',
  "' OR 1=1 --",
  '"); DROP TABLE cases; --',
  '%',
  '%%%',
  '___',
  '\\',
  '\\u0000',
  '\0',
  'a\0b',
  '\ud800',
  'a\udc00b',
  '\uffff',
  '\u202e',
  '💶',
  '$1',
  '$where',
  '{"$where":"1"}',
  '$.record ? (@ like_regex ".*")',
  ')',
  '..',
  '../../etc/passwd',
  '__proto__',
  'constructor',
  'toString',
  'null',
  'NaN',
  '-1',
  '1e999',
  '0x10',
  '9007199254740993',
  '0000-01-01T00:00:00Z',
  '+275760-09-13T00:00:00.001Z',
  '2026-02-30T00:00:00Z',
  '9999-12-31T23:59:59-12:00',
  cursorOf('newest', '2026-02-30T00:00:00.000Z', 'a'),
  cursorOf('tasks', '2026-11-30T00:00:00.000Z', '\ud800', 'b'),
  cursorOf('newest', '9999-99-99T99:99:99.999Z', 'a'),
  'x'.repeat(1_001),
  'x'.repeat(10_000),
];

const nested = (depth: number) => JSON.parse('['.repeat(depth) + ']'.repeat(depth)) as unknown;

export const odd: Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(...oddTexts),
  fc.constantFrom(null, true, -1, 0.1, Number.MAX_VALUE, Number.MAX_SAFE_INTEGER + 1, [], [[]], {}, nested(200)),
  fc.string({ unit: 'binary', maxLength: 20 }),
);

/** Objects that nearly fit: a field is left out, too much, or of another kind. */
export function nearlyValid(schema: Schema): Arbitrary<unknown> {
  const names = Object.keys(schema.properties ?? {});
  const name = fc.constantFrom(...names, 'nothingKnown', 'constructor');
  return fc
    .tuple(valid(schema), name, fc.oneof(odd, fc.constant(undefined)))
    .map(([whole, field, value]) => ({ ...(whole as object), [field]: value }));
}
