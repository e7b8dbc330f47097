import { z } from 'zod';
import type { FieldError } from '../service/problem';
import { didYouMean } from '../service/did-you-mean';

type JsonSchema = z.core.JSONSchema._JSONSchema;

/** A thing wrong with a value that a schema refused; `path` leads to it. */
export interface LocatedError extends FieldError {
  path: PropertyKey[];
}

/** What a schema refused about an input, in words: fields as dotted paths, their values, what is asked of them. */
export function fieldErrors(error: z.ZodError, input: unknown, schema: z.ZodType): LocatedError[] {
  return error.issues.flatMap((issue) => {
    if (issue.code !== 'unrecognized_keys') return [located(issue.path, input, words(issue, input))];
    const known = fieldsOf(schema, issue.path);
    return issue.keys.map((key) => {
      const hint = didYouMean(key, known) || (known.length > 0 ? `; known are ${known.join(', ')}` : '');
      return located([...issue.path, key], input, `is not known${hint}`);
    });
  });
}

/** Names of the fields that a schema knows at a path. */
export function fieldsOf(schema: z.ZodType, path: PropertyKey[] = []): string[] {
  const whole = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  const part = path.reduce<JsonSchema | undefined>(
    (parent, key) => (typeof key === 'number' ? itemsOf(parent) : propertiesOf(parent)[String(key)]),
    whole,
  );
  return Object.keys(propertiesOf(part));
}

function propertiesOf(schema: JsonSchema | undefined): Record<string, JsonSchema> {
  return typeof schema === 'object' ? (schema.properties ?? {}) : {};
}

function itemsOf(schema: JsonSchema | undefined): JsonSchema | undefined {
  const items = typeof schema === 'object' ? schema.items : undefined;
  return Array.isArray(items) ? items[0] : items;
}

function located(path: PropertyKey[], input: unknown, message: string): LocatedError {
  const value = valueAt(input, path);
  return { path, field: path.join('.') || 'the whole', ...(value !== undefined && { value }), message };
}

function words(issue: z.core.$ZodIssue, input: unknown): string {
  if (valueAt(input, issue.path) === undefined) return 'is missing';
  switch (issue.code) {
    case 'invalid_value':
      return `must be ${issue.values.map((value) => JSON.stringify(value)).join(' or ')}`;
    case 'invalid_type':
      return `must be ${typeWords[issue.expected] ?? issue.expected}`;
    case 'too_small':
      return issue.origin === 'number' || issue.origin === 'int' ? `must be at least ${issue.minimum}` : issue.message;
    case 'too_big':
      return issue.origin === 'number' || issue.origin === 'int' ? `must be at most ${issue.maximum}` : issue.message;
    default:
      return issue.message;
  }
}

const typeWords: Record<string, string> = {
  string: 'a text, in quotes when it looks like a number',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a group of fields',
};

function valueAt(input: unknown, path: PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (whole, key) =>
      typeof whole === 'object' && whole !== null ? (whole as Record<PropertyKey, unknown>)[key] : undefined,
    input,
  );
}
