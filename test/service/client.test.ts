import { createServer, type Server, type ServerResponse, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ApplicationFailure } from '@temporalio/common';
import { z } from 'zod';
import { createSystemClient, problemIn } from '../../src/service/client';
import { testSystem, type TestedSystem } from '../support/system';
import { notes } from './notes';

const noteAnswer = z.object({ id: z.number(), text: z.string() });

async function failureOf(call: Promise<unknown>): Promise<ApplicationFailure> {
  const error: unknown = await call.then(
    () => 'no failure',
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ApplicationFailure);
  return error as ApplicationFailure;
}

describe('on a system', () => {
  let system: TestedSystem;
  beforeAll(async () => {
    system = await testSystem(notes);
  });
  afterAll(() => system.stop());

  const addNote = (key: string, body: object) =>
    system.client(key).request({ operation: 'addNote', method: 'POST', path: '/notes', body, answer: noteAnswer });

  test('given a key, then it travels with the request', async () => {
    const first = await addNote('case-1~0/notes.addNote/1', { text: 'one' });

    expect(await addNote('case-1~0/notes.addNote/1', { text: 'one' })).toEqual(first);
    expect(await system.sql('select key from idempotent_requests')).toEqual([{ key: 'case-1~0/notes.addNote/1' }]);
  });

  test('given a refusal, then the failure is final and names system, operation and detail', async () => {
    const failure = await failureOf(addNote('key-2', { text: 'one', then: 'refuse' }));

    expect(failure).toMatchObject({
      type: 'note-refused',
      nonRetryable: true,
      message: 'notes.addNote: The note "one" is refused.',
    });
    expect(problemIn(failure, 'unknown-note', 'note-refused')).toMatchObject({ status: 422 });
    expect(problemIn(failure, 'unknown-note')).toBeUndefined();
  });

  test.each([
    ['an error of the system', { status: 500 }, 'internal-server-error'],
    ['a system that is not available', { status: 503 }, 'service-unavailable'],
    ['too many requests', { status: 429 }, 'too-many-requests'],
    ['a request in flight', { status: 409, type: 'in-flight' }, 'in-flight'],
    ['a request too early', { status: 425 }, 'too-early'],
    ['a broken connection', { disconnect: true as const }, 'unreachable'],
  ])('given %s, then the failure is worth another try', async (_, fault, type) => {
    await system.setFaults({ operation: 'addNote', when: 'before', ...fault, times: 1 });

    expect(await failureOf(addNote(`key-${type}`, { text: 'one' }))).toMatchObject({ type, nonRetryable: false });
    expect(await addNote(`key-${type}`, { text: 'one' })).toMatchObject({ text: 'one' });
  });

  test.each([[400], [401], [404], [409], [422]])('given %i, then the failure is final', async (status) => {
    await system.setFaults({ operation: 'addNote', when: 'before', status, times: 1 });

    expect(await failureOf(addNote('key-3', { text: 'one' }))).toMatchObject({ nonRetryable: true });
  });

  test('given no answer in time, then the failure is worth another try', async () => {
    await system.setFaults({ operation: 'listNotes', when: 'before', latencyMs: 400, times: 1 });
    const hasty = createSystemClient({
      system: 'notes',
      url: system.url,
      idempotencyKey: () => undefined,
      timeoutMs: 50,
    });

    const call = hasty.request({ operation: 'listNotes', method: 'GET', path: '/notes', answer: z.unknown() });

    expect(await failureOf(call)).toMatchObject({ type: 'timed-out', nonRetryable: false });
  });
});

describe('on whatever else answers', () => {
  let server: Server;
  let seen: IncomingMessage[];
  let respond: (response: ServerResponse) => void;
  const call = (method: 'GET' | 'POST', query?: Record<string, string>) => {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const client = createSystemClient({ system: 'notes', url, idempotencyKey: () => 'key-1' });
    return client.request({ operation: 'op', method, path: '/x', answer: noteAnswer, ...(query && { query }) });
  };

  beforeEach(async () => {
    seen = [];
    server = createServer((request, response) => {
      seen.push(request);
      respond(response);
    }).listen(0, '127.0.0.1');
    await new Promise((listening) => server.once('listening', listening));
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  test('reads carry no key, and their query is encoded', async () => {
    respond = (response) => response.end('{"id":1,"text":"one","more":true}');

    expect(await call('GET', { name: 'Jürgen & Söhne' })).toEqual({ id: 1, text: 'one' });
    expect(seen[0]?.headers['idempotency-key']).toBeUndefined();
    expect(new URL(seen[0]?.url ?? '', 'http://x').searchParams.get('name')).toBe('Jürgen & Söhne');
  });

  test('given an answer that does not fit, then the failure is final and says where', async () => {
    respond = (response) => response.end('{"id":"1","text":"one"}');

    const failure = await failureOf(call('POST'));

    expect(failure).toMatchObject({ type: 'unexpected-answer', nonRetryable: true });
    expect(failure.message).toContain('the answer does not fit at "id"');
  });

  test('given an error that is no problem document, then its status tells', async () => {
    respond = (response) => response.writeHead(502).end('<html>');

    expect(await failureOf(call('POST'))).toMatchObject({
      type: 'bad-gateway',
      nonRetryable: false,
      message: 'notes.op: answered 502',
    });
  });

  test('given nobody listens, then the failure is worth another try and says why', async () => {
    const { port } = server.address() as AddressInfo;
    await new Promise((closed) => server.close(closed));
    const client = createSystemClient({
      system: 'notes',
      url: `http://127.0.0.1:${port}`,
      idempotencyKey: () => undefined,
    });

    const failure = await failureOf(client.request({ operation: 'op', method: 'GET', path: '/', answer: noteAnswer }));

    expect(failure).toMatchObject({ type: 'unreachable', nonRetryable: false });
    expect(failure.message).toBe(`notes.op: http://127.0.0.1:${port} cannot be reached (ECONNREFUSED)`);
    server.listen(port, '127.0.0.1');
  });
});
