import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerOf, connectApi, type Api } from '../../../src/cli/api/client';

/** What the server answers next, oldest first; and the keys of the requests that came. */
const answers: { status: number; problem?: string; detail?: string; headers?: Record<string, string> }[] = [];
const keys: unknown[] = [];

let server: Server;
let api: Api;
beforeAll(async () => {
  server = createServer((request, response) => {
    keys.push(request.headers['idempotency-key']);
    const { status, problem = '', detail = '', headers } = answers.shift() ?? { status: 500 };
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(
      JSON.stringify(
        status < 300
          ? { caseId: 'c', by: 'E-1', reason: 'r' }
          : { type: problem, detail, ...(problem !== '' && { status }) },
      ),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  api = connectApi({ url: `http://127.0.0.1:${port}`, token: 't' });
});
afterAll(() => new Promise((resolve) => server.close(resolve)));
beforeEach(() => {
  answers.length = 0;
  keys.length = 0;
});

function cancel() {
  const params = { path: { id: 'c' } };
  return answerOf(api, api.routes.POST('/api/cases/{id}/cancellation', { params, body: { reason: 'r' } }));
}

test('what may pass is sent again under the same key', async () => {
  answers.push(
    { status: 503, problem: 'temporal-unavailable' },
    { status: 429 },
    { status: 409, problem: 'in-flight' },
  );
  answers.push({ status: 202 });

  expect(await cancel()).toMatchObject({ by: 'E-1' });

  expect(keys).toHaveLength(4);
  expect(new Set(keys).size).toBe(1);
  expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/);
});

test.each([
  [503, 'not-recorded'],
  [503, 'timed-out'],
  [403, 'not-allowed'],
  [409, 'case-closed'],
])('%i %s is told at once', async (status, problem) => {
  answers.push({ status, problem, detail: 'in words' });

  await expect(cancel()).rejects.toThrow('in words');

  expect(keys).toHaveLength(1);
});

test('what still does not pass is told in words, as nothing of the user', async () => {
  for (let attempt = 1; attempt <= 4; attempt += 1) answers.push({ status: 503, problem: 'x', detail: 'later' });
  await expect(cancel()).rejects.toMatchObject({ name: 'ApiFailed', message: 'later' });
  expect(keys).toHaveLength(4);
});

test('what is no API is named', async () => {
  answers.push({ status: 404 });
  const asked = connectApi({ url: `${api.url}/elsewhere`, token: 't' });
  const answer = answerOf(asked, asked.routes.GET('/api/tasks', {}));
  await expect(answer).rejects.toMatchObject({ name: 'ApiFailed', message: expect.stringContaining('/elsewhere') });
});
