import { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import pino from 'pino';
import { openDatabase } from '../../src/service/database';
import { createHttpServer } from '../../src/service/http';
import { startSystem } from '../../src/service/system';
import { testDatabase } from '../support/postgres';
import { testSystem, type TestedSystem } from '../support/system';
import { notes } from './notes';

let system: TestedSystem;

beforeAll(async () => {
  system = await testSystem(notes);
});
afterAll(() => system.stop());

describe('problems', () => {
  test('given an invalid body, then each field is named with its value and what is asked of it', async () => {
    const answer = await system.send(
      'POST',
      '/notes',
      { text: 'a', pages: [{ number: 1 }, { number: 1.5 }], more: 1 },
      'k',
    );

    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({
      type: 'urn:problem-type:whereabouts:invalid-request',
      title: 'Invalid request',
      status: 400,
      errors: expect.arrayContaining([
        { field: 'text', value: 'a', message: 'must have two letters' },
        { field: 'pages.1.number', value: 1.5, message: 'must be whole' },
        { field: 'more', value: 1, message: 'is not known; leave it out' },
      ]) as unknown,
    });
    expect(answer.body['detail']).toContain('pages.1.number: must be whole');
  });

  test('given a value that is missing, then its field is named', async () => {
    const answer = await system.send('POST', '/notes', {}, 'k');

    expect(answer.body['errors']).toEqual([
      { field: 'text', message: expect.stringContaining('expected string') as unknown },
    ]);
  });

  test('given an invalid path, then its parameter is named', async () => {
    const answer = await system.send('PUT', '/notes/first', { text: 'one' });

    expect(answer.body['errors']).toEqual([{ field: 'id', value: 'first', message: expect.any(String) as unknown }]);
  });

  test('given no JSON or another media type, then it is a problem too', async () => {
    const send = (contentType: string) =>
      fetch(`${system.url}/notes`, { method: 'POST', headers: { 'content-type': contentType }, body: '{"text":' });

    const [json, text] = [await send('application/json'), await send('text/csv')];

    expect([json.status, text.status]).toEqual([400, 415]);
    expect(json.headers.get('content-type')).toContain('application/problem+json');
    expect(await text.json()).toMatchObject({ type: 'urn:problem-type:whereabouts:unsupported-media-type' });
  });

  test('given a path that is not there, then it says so and where to look', async () => {
    const answer = await system.send('GET', '/letters?to=somebody');

    expect(answer).toMatchObject({ status: 404, body: { detail: 'There is no GET /letters here; see /docs.' } });
  });

  test('given an unexpected error, then nothing of its inside is told', async () => {
    const answer = await system.send('POST', '/notes', { text: 'one', then: 'fail' }, 'k');

    expect(answer).toMatchObject({ status: 500, body: { title: 'Internal server error' } });
    expect(JSON.stringify(answer)).not.toMatch(/secret| at |\.ts/);
  });
});

test('no answer may be kept by a cache on the way, since the next one may be another', async () => {
  const { headers } = await fetch(`${system.url}/notes`);

  expect(headers.get('cache-control')).toBe('no-store');
});

describe('documentation and health', () => {
  test('the OpenAPI 3.1 document describes the operations and their schemas', async () => {
    const { body } = await system.send('GET', '/openapi.json');

    expect(body).toMatchObject({
      openapi: '3.1.0',
      info: { title: 'Notes' },
      paths: {
        '/notes': {
          post: {
            operationId: 'addNote',
            parameters: [{ in: 'header', name: 'idempotency-key' }],
            requestBody: { content: { 'application/json': { schema: { properties: { text: { type: 'string' } } } } } },
            responses: {
              '201': { content: { 'application/json': { schema: {} } } },
              default: {
                content: {
                  'application/problem+json': {
                    schema: { required: expect.arrayContaining(['type', 'detail']) as unknown },
                  },
                },
              },
            },
          },
        },
      },
    });
    expect((await fetch(`${system.url}/docs`)).headers.get('content-type')).toContain('text/html');
  });

  test('given all is well, then it is healthy and ready', async () => {
    expect(await system.send('GET', '/healthz')).toEqual({ status: 200, body: { status: 'ok' } });
    expect(await system.send('GET', '/readyz')).toEqual({ status: 200, body: { status: 'ok' } });
  });

  test('given its database is gone, then it is healthy, not ready, and requests may be sent again later', async () => {
    const database = await testDatabase();
    const { url, stop } = await startSystem(notes, { databaseUrl: database.url, log: pino({ level: 'silent' }) });
    const get = async (path: string) => (await fetch(`${url}${path}`)).status;
    expect(await get('/notes')).toBe(200);

    await database.drop();

    expect([await get('/healthz'), await get('/readyz'), await get('/notes')]).toEqual([200, 503, 503]);
    await stop();
  });
});

test('given a request, or a statement of it, that takes too long, then it is given up, and says so', async () => {
  const database = await testDatabase();
  const log = pino({ level: 'silent' });
  const { db, close } = openDatabase(database.url, log, 'public', 100);
  const app = await createHttpServer({ title: 'Slow', team: 'tests' }, db, log, {
    handlerTimeout: 1_000,
  });
  app.get('/statement', () => sql`SELECT pg_sleep(20)`.execute(db));
  app.get('/request', () => sleep(20_000, undefined, { ref: false }));
  try {
    for (const path of ['/statement', '/request']) {
      const answer = await app.inject(path);
      expect([path, answer.statusCode, answer.json<{ type: string }>().type]).toEqual([
        path,
        503,
        'urn:problem-type:whereabouts:timed-out',
      ]);
    }
  } finally {
    await app.close();
    await close();
    await database.drop();
  }
});

describe('the log', () => {
  test('has operation, key, status and request id of each request, and nothing of its content', async () => {
    const lines: string[] = [];
    const stream = new Writable({
      write(line: Buffer, _encoding, done) {
        lines.push(line.toString());
        done();
      },
    });
    const database = await testDatabase();
    const { url, stop } = await startSystem(notes, { databaseUrl: database.url, log: pino({ level: 'info' }, stream) });

    const send = (path: string, body: object) =>
      fetch(`${url}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': 'key-1', 'x-request-id': 'request-1' },
        body: JSON.stringify(body),
      });
    const answer = await send('/notes?author=Jonas', { text: 'private words' });
    await send('/notes', { text: 'private words', then: 'fail' });
    await stop();
    await database.drop();

    expect(answer.headers.get('x-request-id')).toBe('request-1');
    const entries = lines.map((line) => JSON.parse(line) as object);
    expect(entries).toContainEqual(
      expect.objectContaining({ system: 'notes', operation: 'addNote', key: 'key-1', status: 201, reqId: 'request-1' }),
    );
    expect(lines.join('')).not.toMatch(/private words|Jonas/);
  });
});
