import { connect } from 'node:net';
import { Client, Connection } from '@temporalio/client';
import { runApi, type RunningApi } from './api';

let api: RunningApi;
let authorization: string;

const neverAsked = async (): Promise<never> => {
  throw new Error('nothing is started here');
};

beforeAll(async () => {
  const connection = Connection.lazy({ address: '127.0.0.1:1' });
  api = await runApi(new Client({ connection }), { open: neverAsked, reopen: neverAsked });
  await api.enter('operator', 'operator');
  ({ authorization } = api.as('operator'));
});
afterAll(() => api.stop());

/** Sends bytes as they are, and gives status, media type and body of the first answer. */
function send(bytes: Buffer): Promise<{ status: number; type: string | undefined; body: unknown }> {
  const { port } = new URL(api.url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), '127.0.0.1', () => socket.write(bytes));
    let answer = '';
    const told = () => {
      const [head = '', body = ''] = answer.split(/\r\n\r\n(.*)/s);
      const length = Number(/^content-length: (\d+)/im.exec(head)?.[1]);
      if (!(Buffer.byteLength(body) >= length)) return false;
      socket.destroy();
      const type = /^content-type: ([^;\r]*)/im.exec(head)?.[1];
      resolve({ status: Number(head.split(' ')[1]), type, body: body === '' ? '' : JSON.parse(body) });
      return true;
    };
    socket.setEncoding('utf8').on('data', (more: string) => {
      answer += more;
      told();
    });
    socket.on('error', () => told() || reject(new Error(`cut off after "${answer}"`)));
    socket.on('end', () => told() || reject(new Error(`ended after "${answer}"`)));
  });
}

const lines = (...parts: string[]) => parts.join('\r\n');
const host = 'Host: localhost';

function post(body: string | Buffer, ...headers: string[]): Buffer {
  const all = ['content-type: application/json', `content-length: ${Buffer.byteLength(body)}`, ...headers];
  const head = lines('POST /api/session HTTP/1.1', host, ...all, '', '');
  return Buffer.concat([Buffer.from(head), Buffer.from(body)]);
}

const get = (path: string, ...headers: string[]) =>
  Buffer.from(lines(`GET ${path} HTTP/1.1`, host, ...headers, '', ''));
const deep = '['.repeat(100_000);

test.each<[string, number, () => Buffer]>([
  ['JSON that stops', 400, () => post('{"person":')],
  ['no JSON where some is told', 400, () => post('')],
  ['a body of another kind', 415, () => Buffer.from(post('a=b').toString().replace('application/json', 'text/xml'))],
  ['bytes that are no UTF-8', 400, () => post(Buffer.from([0x22, 0xff, 0xfe, 0xc3, 0x28, 0x22]))],
  ['a NUL in JSON', 400, () => post('{"person":"a\0"}')],
  ['a prototype', 400, () => post('{"__proto__":{"person":"administrator"}}')],
  ['a constructor', 400, () => post('{"constructor":{"prototype":{"person":"administrator"}}}')],
  ['a body nested deeply', 400, () => post(`{"person":${deep}${deep.replaceAll('[', ']')}}`)],
  ['a number beyond numbers', 400, () => post('{"person":1e999}')],
  ['a huge body', 413, () => post(`"${'x'.repeat(300_000)}"`)],
  ['a huge body that is only announced', 413, () => Buffer.from(post('').toString().replace(': 0', ': 999999999'))],
  ['two lengths', 400, () => post('{}', 'content-length: 3')],
  ['a length and chunks', 400, () => post('{}', 'transfer-encoding: chunked')],
  [
    'chunks that are none',
    400,
    () =>
      Buffer.from(
        lines(
          'POST /api/session HTTP/1.1',
          host,
          'transfer-encoding: chunked',
          'content-type: application/json',
          '',
          'zz',
          '{}',
        ),
      ),
  ],
  ['a path that cannot be decoded', 400, () => get('/api/cases/%zz')],
  ['a path with bytes that are no UTF-8', 400, () => get('/api/cases/%ff')],
  ['a name in a path that is too long', 414, () => get(`/api/cases/${'x'.repeat(5_000)}`)],
  ['a path that is too long for a header', 431, () => get(`/api/cases?text=${'x'.repeat(20_000)}`)],
  ['headers that are too long', 431, () => get('/api/cases', `x-long: ${'x'.repeat(20_000)}`)],
  ['a NUL in a header', 400, () => get('/api/cases', 'x-request-id: a\0b')],
  ['no method that there is', 400, () => Buffer.from(lines('BREW /api/cases HTTP/1.1', host, '', ''))],
  ['all of the server', 404, () => Buffer.from(lines('OPTIONS * HTTP/1.1', host, '', ''))],
  ['a method that the route does not take', 404, () => Buffer.from(lines('TRACE /api/cases HTTP/1.1', host, '', ''))],
  ['no HTTP', 400, () => Buffer.from('\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03\r\n\r\n', 'latin1')],
  ['two different tokens', 401, () => get('/api/cases', 'authorization: Bearer x', `authorization: ${authorization}`)],
])('given %s, then it is refused as %d by a problem', async (_, status, bytes) => {
  const answer = await send(bytes());

  expect(answer).toEqual({
    status,
    type: 'application/problem+json',
    body: expect.objectContaining({
      type: expect.stringMatching(/^urn:problem-type:whereabouts:[a-z-]+$/) as unknown,
      title: expect.any(String) as unknown,
      status,
      detail: expect.any(String) as unknown,
    }) as unknown,
  });
});

test('given headers of the same name, then the answer is one answer', async () => {
  const twice = [
    'x-request-id: a',
    'x-request-id: b',
    'if-none-match: a',
    'if-none-match: b',
    'cookie: a=1',
    'cookie: b=2',
  ];

  expect(await send(get('/api/cases', `authorization: ${authorization}`, ...twice))).toMatchObject({ status: 200 });
});

test.each(['GET', 'POST'])(
  'given a %s is refused as it was before, then it is refused, and not unchanged',
  async (method) => {
    const path = method === 'GET' ? '/api/cases/nothing' : '/api/cases/nothing/restart';
    const first = await api.send('operator', method, path);
    const headers = { 'if-none-match': first.headers.get('etag') ?? '' };

    expect((await api.send('operator', method, path, { headers })).status).toBe(404);
  },
);

test.each([
  ['trusted', '127.0.0.1', '203.0.113.7'],
  ['not the one that connects', '10.0.0.5', '127.0.0.1'],
])('given a proxy that is %s, then the audit tells where a request comes from', async (_, proxy, expected) => {
  const connection = Connection.lazy({ address: '127.0.0.1:1' });
  const behind = await runApi(
    new Client({ connection }),
    { open: neverAsked, reopen: neverAsked },
    { trustedProxies: [proxy] },
  );
  try {
    await behind.enter('auditor', 'auditor');
    const headers = { 'x-forwarded-for': '198.51.100.1, 203.0.113.7' };
    await behind.send('auditor', 'POST', '/api/people', { headers, body: { id: 'E-1', name: 'E', roles: [] } });

    const { body } = await behind.get('auditor', '/api/audit');
    expect(body['entries']).toMatchObject([{ status: 403, address: expected }]);
  } finally {
    await behind.stop();
  }
});
