import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { whenChanged } from '../../../src/cli/api/changes';
import { connectApi, type Api } from '../../../src/cli/api/client';

/** What is done to each stream that is asked for, oldest first. */
const streams: ((response: ServerResponse) => void)[] = [];
const asked: (string | undefined)[] = [];

let server: Server;
let api: Api;
beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(request.url);
    streams.shift()?.(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  api = connectApi({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, token: 't' });
});
afterAll(() => {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(resolve));
});
beforeEach(() => {
  streams.length = 0;
  asked.length = 0;
});

function told(response: ServerResponse, ...events: string[]): ServerResponse {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(events.map((event) => `event: ${event}\nid: 1-1\ndata: {}\n\n`).join(''));
  return response;
}

/** Follows a case until it was read so often; answers with what was read. */
async function readings(most: number): Promise<number[]> {
  const read: number[] = [];
  for await (const reading of whenChanged(api, 'a case', () => Promise.resolve(asked.length))) {
    read.push(reading);
    if (read.length === most) break;
  }
  return read;
}

test('given changes that come together, then the case is read once', async () => {
  streams.push((response) => {
    told(response, 'case', 'case', 'ready');
    setTimeout(() => response.write('event: case\ndata: {}\n\n'), 100);
  });

  expect(await readings(2)).toEqual([1, 1]);
  expect(asked).toEqual(['/api/stream?caseId=a+case']);
});

test('given a stream that breaks off, ends, or is refused for now, then it is opened again', async () => {
  streams.push(
    (response) => told(response, 'ready').socket?.end(),
    (response) => response.destroy(),
    (response) =>
      response
        .writeHead(503, { 'content-type': 'application/problem+json' })
        .end(JSON.stringify({ type: 'x', status: 503, detail: 'later' })),
    (response) => told(response, 'ready').end(),
    (response) => void told(response, 'ready'),
  );

  expect(await readings(3)).toEqual([1, 4, 5]);
});

test('given an API that refuses, then it is said why, also when it was heard before', async () => {
  streams.push(
    (response) => told(response, 'ready').end(),
    (response) =>
      response
        .writeHead(401, { 'content-type': 'application/problem+json' })
        .end(JSON.stringify({ type: 'urn:x:token-refused', status: 401, detail: 'no more' })),
  );

  await expect(readings(2)).rejects.toThrow('no more');
});

test('given an API that was never heard, then it is said at once', async () => {
  streams.push((response) => response.destroy());

  await expect(readings(1)).rejects.toMatchObject({ name: 'ApiFailed' });
  expect(asked).toHaveLength(1);
});

test('given something else than the API, then it is named', async () => {
  streams.push((response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'));

  await expect(readings(1)).rejects.toMatchObject({ name: 'ApiFailed', message: expect.stringContaining(api.url) });
});
