import { request, type IncomingMessage } from 'node:http';

/** An event of the stream. */
export interface Told {
  event: string;
  id: string;
  data: Record<string, unknown>;
}

/** A stream that somebody reads. */
export interface Listening {
  status: number;
  headers: IncomingMessage['headers'];
  /** All that came so far. */
  told: Told[];
  /** The id to resume from, as a browser keeps it. */
  lastId(): string | undefined;
  /** Resolves when the stream has ended, from whichever side. */
  ended: Promise<void>;
  leave(): void;
  response: IncomingMessage;
}

/** Opens a stream and reads it as a browser's EventSource does. */
export function listen(url: string, headers: Record<string, string>): Promise<Listening> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { headers, agent: false }, (response) => {
      const told: Told[] = [];
      let lastId: string | undefined;
      let rest = '';
      response.setEncoding('utf8');
      response.on('data', (text: string) => {
        const blocks = (rest + text).split('\n\n');
        rest = blocks.pop() ?? '';
        for (const block of blocks) {
          const fields = new Map(block.split('\n').map((line) => [line.split(':')[0], line.replace(/^\w*: ?/, '')]));
          lastId = fields.get('id') ?? lastId;
          const data = fields.get('data');
          if (data !== undefined)
            told.push({ event: fields.get('event') ?? '', id: lastId ?? '', data: JSON.parse(data) as Told['data'] });
        }
      });
      response.on('error', () => undefined);
      const ended = new Promise<void>((over) => response.once('close', over));
      resolve({
        ...{ status: response.statusCode ?? 0, headers: response.headers, told, ended, response },
        lastId: () => lastId,
        leave: () => void response.destroy(),
      });
    });
    asked.on('error', reject);
    asked.end();
  });
}
