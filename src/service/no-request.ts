import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { nameOfStatus, Problem, problemMediaType } from './problem';

/** Answers with a problem what is no HTTP request or has not come whole in time, and ends the connection. */
export function answerNoRequest(error: Error & { code?: string }, socket: Socket): void {
  if (socket.writable && error.code !== 'ECONNRESET') {
    const { status, detail } = wrongWith(error.code);
    const body = JSON.stringify(new Problem(status, nameOfStatus(status), detail).toDocument());
    const headers = [
      `Content-Type: ${problemMediaType}`,
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Connection: close',
    ];
    socket.write([`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...headers, '', body].join('\r\n'));
  }
  socket.destroy(error);
}

function wrongWith(code: string | undefined): { status: number; detail: string } {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return { status: 408, detail: 'The request did not come whole in time; send it again, faster.' };
    case 'HPE_HEADER_OVERFLOW':
      return { status: 431, detail: 'Path and headers together are too long; send less.' };
    default:
      return { status: 400, detail: 'This is no HTTP request; see RFC 9112 for what is one.' };
  }
}
