import fc, { type Arbitrary } from 'fast-check';
import type { InjectOptions } from 'light-my-request';
import { nearlyValid, odd, oddTexts, valid, type Schema } from './values';

type Method = NonNullable<InjectOptions['method']>;

/** An operation of the OpenAPI document. */
export interface Operation {
  method: Method;
  path: string;
  operationId: string;
  parameters?: { in: string; name: string; required?: boolean; schema: Schema }[];
  requestBody?: { content: Record<string, { schema: Schema }> };
  responses: Record<string, { content?: Record<string, { schema: object }> }>;
}

/** A request as it is sent. */
export interface Sent {
  operationId: string;
  method: Method;
  url: string;
  headers: Record<string, string>;
  payload?: string;
}

/** Every operation that a document has. */
export function operationsOf(document: unknown): Operation[] {
  const { paths } = document as { paths: Record<string, Record<string, Omit<Operation, 'method' | 'path'>>> };
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      ...operation,
      method: method.toUpperCase() as Method,
      path,
    })),
  );
}

/** Values that there are, by the name of the parameter or field that takes them. */
export type Known = Record<string, string[]>;

/** Requests of an operation: right, nearly right and wrong, by somebody whose `credentials` are headers. */
export function requestsOf(
  operation: Operation,
  known: Known,
  credentials: Arbitrary<Record<string, string>>,
): Arbitrary<Sent> {
  const { operationId, method, parameters = [], requestBody } = operation;
  const of = (part: string) => parameters.filter((parameter) => parameter.in === part);
  const body = requestBody?.content['application/json']?.schema;
  return fc
    .record({
      path: fc.tuple(...of('path').map(({ name, schema }) => segment(schema, knownFor(operation, name, known)))),
      query: queryOf(of('query'), known),
      credentials,
      more: fc.oneof({ weight: 3, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: headers }),
      payload: body ? payloadOf(body, known) : fc.constantFrom(undefined, undefined, undefined, '{}', '{'),
    })
    .map(({ path, query, credentials: own, more, payload }) => {
      const names = of('path').map(({ name }) => name);
      const url = names.reduce((filled, name, n) => filled.replace(`{${name}}`, () => path[n] ?? ''), operation.path);
      const type = payload === undefined ? {} : { 'content-type': 'application/json' };
      const sent = {
        operationId,
        method,
        url: query === '' ? url : `${url}?${query}`,
        headers: { ...type, ...own, ...more },
      };
      return payload === undefined ? sent : { ...sent, payload };
    });
}

/** Ids of people, sessions and tokens are called `id` as those of cases are. */
function knownFor({ path, operationId }: Operation, name: string, known: Known): string[] {
  return known[`${operationId} ${name}`] ?? known[`${path.split('/')[2] ?? ''} ${name}`] ?? known[name] ?? [];
}

function segment(schema: Schema, there: string[]): Arbitrary<string> {
  const encoded = fc
    .oneof(valid(schema).map(String), fc.constantFrom(...oddTexts), fc.string({ maxLength: 20 }))
    .map((text) => encodeURIComponent(wellFormed(text)));
  const raw = fc.constantFrom('%', '%zz', '%00', '%ff', '%c3%28', '%2e%2e', '%2f', ';', '*', '{id}');
  const found = there.length === 0 ? encoded : fc.constantFrom(...there).map(encodeURIComponent);
  return fc.oneof({ weight: 8, arbitrary: found }, { weight: 2, arbitrary: encoded }, { weight: 1, arbitrary: raw });
}

function queryOf(parameters: NonNullable<Operation['parameters']>, known: Known): Arbitrary<string> {
  const declared = parameters.map(({ name, schema }) => {
    const there = known[name] ?? [];
    const right = fc.oneof(valid(schema), ...(there.length > 0 ? [fc.constantFrom(...there)] : []));
    return fc
      .oneof({ weight: 4, arbitrary: right }, { weight: 1, arbitrary: odd })
      .map((value) => `${name}=${encodeURIComponent(textOf(value))}`);
  });
  const wrong = fc.constantFrom('__proto__=1', 'nothing=1', '%zz=%', '&&==', 'limit=1&limit=2', 'cursor[]=1');
  const some = declared.length > 0 ? fc.array(fc.oneof(...declared), { maxLength: 3 }) : fc.constant<string[]>([]);
  return fc
    .tuple(
      some,
      fc.oneof(
        { weight: 9, arbitrary: fc.constant<string[]>([]) },
        { weight: 1, arbitrary: wrong.map((one) => [one]) },
      ),
    )
    .map((parts) => parts.flat().join('&'));
}

function textOf(value: unknown): string {
  return wellFormed(typeof value === 'string' ? value : String(JSON.stringify(value)));
}

/** Half of a surrogate pair cannot stand in a URL. */
function wellFormed(text: string): string {
  return Buffer.from(text).toString();
}

function payloadOf(schema: Schema, known: Known): Arbitrary<string> {
  const object = (schema.anyOf ?? schema.oneOf)?.[0] ?? schema;
  const right = fc
    .tuple(valid(schema), fc.array(fc.nat(), { minLength: 10, maxLength: 10 }))
    .map(([whole, numbers]) => withKnown(whole, known, numbers));
  const text = fc.oneof(
    {
      weight: 10,
      arbitrary: fc
        .oneof({ weight: 2, arbitrary: right }, { weight: 1, arbitrary: nearlyValid(object) })
        .map((value) => JSON.stringify(value)),
    },
    { weight: 1, arbitrary: odd.map((value) => JSON.stringify(value)) },
    { weight: 1, arbitrary: fc.constantFrom('', '{', 'null', '[]', '{"__proto__":{}}', '"', '\0') },
  );
  const outsized = fc.constantFrom('1e999', '-1e999', '['.repeat(10_000) + ']'.repeat(10_000));
  return fc
    .tuple(text, sometimes(outsized))
    .map(([json, value]) =>
      value === undefined ? json : json.replace(/(?<=:)(true|false|null|-?\d+|"[^"\\]*")/, value),
    );
}

/** Puts what there is into some of the fields of that name. */
function withKnown(whole: unknown, known: Known, numbers: number[]): unknown {
  if (typeof whole !== 'object' || whole === null || Array.isArray(whole)) return whole;
  const fields = Object.entries(whole as Record<string, unknown>).map(([name, value], n): [string, unknown] => {
    const there = known[name];
    const number = numbers[n % numbers.length] ?? 0;
    return [name, there && value !== undefined && number % 4 !== 0 ? there[number % there.length] : value];
  });
  return Object.fromEntries(fields);
}

const sometimes = <T>(value: Arbitrary<T>) => fc.option(value, { freq: 4, nil: undefined });
const visible = fc.string({
  unit: fc
    .integer({ min: 0x20, max: 0xff })
    .filter((code) => code !== 0x7f)
    .map((code) => String.fromCharCode(code)),
  maxLength: 300,
});

const headers: Arbitrary<Record<string, string>> = fc
  .record({
    'idempotency-key': fc.option(
      fc.oneof(fc.constantFrom('1', '2', '"3"', '', 'with space', 'x'.repeat(256)), visible),
      { freq: 2, nil: undefined },
    ),
    'x-request-id': sometimes(visible),
    'if-none-match': sometimes(fc.constantFrom('*', 'W/"', 'x'.repeat(5_000))),
    'content-type': sometimes(
      fc.constantFrom(
        'text/plain',
        'application/json; charset=utf-16',
        'text/xml',
        ';',
        'application/x-www-form-urlencoded',
      ),
    ),
    'x-whereabouts-act-for': sometimes(visible),
    cookie: sometimes(fc.constantFrom('whereabouts=%zz', 'whereabouts=', ';;==', 'whereabouts')),
    origin: sometimes(fc.constantFrom('null', 'https://elsewhere.example', '')),
  })
  .map((all) => Object.fromEntries(Object.entries(all).filter((one): one is [string, string] => one[1] !== undefined)));
