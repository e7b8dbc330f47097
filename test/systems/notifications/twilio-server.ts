import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export const accountSid = `AC${'0'.repeat(32)}`;
export const authToken = 'not-a-secret';
export const sender = '+15005550006';

interface Taken {
  sid: string;
  to: string;
  from: string;
  body: string;
  date_created: string;
  date_sent: null;
  status: 'queued';
}

/**
 * What the server does with the next message: answers with an error, takes it and drops the connection before answering,
 * takes it and answers only when `release` is called, takes it and answers byte by byte without end, or never takes nor
 * answers it.
 */
export type Misbehaviour =
  | { status: number; body?: unknown }
  | 'drop-after-taking'
  | 'hold-after-taking'
  | 'trickle-after-taking'
  | 'hold-before-taking';

export interface TwilioServer {
  url: string;
  /** Messages taken, oldest first. */
  taken: Taken[];
  /** How often somebody tried to send. */
  attempts(): number;
  /** How often somebody asked for the list. */
  asked(): number;
  misbehave(...next: Misbehaviour[]): void;
  /** Settles when a message is held. */
  held(): Promise<void>;
  release(): void;
  stop(): Promise<void>;
}

/** Twilio's `Messages` resource (API 2010-04-01) as far as it is used: create, and list newest first in pages of two. */
export async function startTwilioServer(): Promise<TwilioServer> {
  const taken: Taken[] = [];
  const misbehaviours: Misbehaviour[] = [];
  const holding: (() => void)[] = [];
  let announceHeld = () => {};
  const held = new Promise<void>((resolve) => (announceHeld = resolve));
  let attempts = 0;
  let asked = 0;

  const server = createServer((request, response) => void serve(request, response));

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://twilio');
    const credentials = `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`;
    if (request.headers.authorization !== credentials) {
      return answer(response, 401, { code: 20003, message: 'Authenticate', status: 401 });
    }
    if (pathname !== `/2010-04-01/Accounts/${accountSid}/Messages.json`) {
      return answer(response, 404, {
        code: 20404,
        message: `The requested resource ${pathname} was not found`,
        status: 404,
      });
    }
    return request.method === 'POST'
      ? create(response, new URLSearchParams(await readAll(request)))
      : list(response, pathname, searchParams);
  }

  function create(response: ServerResponse, form: URLSearchParams): void {
    attempts += 1;
    const misbehaviour = misbehaviours.shift();
    if (typeof misbehaviour === 'object') return answer(response, misbehaviour.status, misbehaviour.body ?? {});
    if (misbehaviour === 'hold-before-taking') return announceHeld();
    const message: Taken = {
      sid: `SM${String(taken.length + 1).padStart(32, '0')}`,
      to: form.get('To') ?? '',
      from: form.get('From') ?? '',
      body: form.get('Body') ?? '',
      date_created: new Date().toUTCString(),
      date_sent: null,
      status: 'queued',
    };
    taken.push(message);
    if (misbehaviour === 'drop-after-taking') return void response.destroy();
    if (misbehaviour === 'trickle-after-taking') return trickle(response);
    if (misbehaviour === 'hold-after-taking') {
      holding.push(() => answer(response, 201, message));
      return announceHeld();
    }
    answer(response, 201, message);
  }

  function list(response: ServerResponse, pathname: string, query: URLSearchParams): void {
    asked += 1;
    const page = Number(query.get('Page') ?? 0);
    const matching = taken.filter(({ to }) => to === query.get('To')).reverse();
    const next = new URLSearchParams({ ...Object.fromEntries(query), Page: String(page + 1) });
    answer(response, 200, {
      messages: matching.slice(page * 2, page * 2 + 2),
      next_page_uri: matching.length > page * 2 + 2 ? `${pathname}?${next.toString()}` : null,
    });
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const release = () => holding.splice(0).forEach((answerHeld) => answerHeld());

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    taken,
    attempts: () => attempts,
    asked: () => asked,
    misbehave: (...next) => void misbehaviours.push(...next),
    held: () => held,
    release,
    async stop() {
      release();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function trickle(response: ServerResponse): void {
  response.writeHead(201, { 'content-type': 'application/json' });
  const byte = setInterval(() => response.write(' '), 20);
  response.on('close', () => clearInterval(byte));
}

async function readAll(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}
