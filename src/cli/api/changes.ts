import { setTimeout as sleep } from 'node:timers/promises';
import { createParser } from 'eventsource-parser';
import { UserError } from '../../platform/user-error';
import { answerOf, notReached, type Api } from './client';
import { ApiFailed } from './problems';

/** A stream is dead on which nothing came for so long, in milliseconds; the API lets something come every 15 seconds. */
const silentFor = 45_000;
/** For how long an API that was lost is tried again, in milliseconds, and with which pauses. */
const patience = 60_000;
const pause = 1_000;

/**
 * Yields what is read of a case, at once and whenever it may have changed. A stream that breaks off is opened again.
 * @throws UserError for what the API refuses, ApiFailed when it cannot be reached, or was lost for a minute
 */
export async function* whenChanged<Read>(api: Api, caseId: string, read: () => Promise<Read>): AsyncGenerator<Read> {
  let wasHeard = false;
  let lostAt: number | undefined;
  for (;;) {
    try {
      for await (const now of listen(api, caseId, read)) {
        wasHeard = true;
        lostAt = undefined;
        yield now;
      }
    } catch (error) {
      lostAt ??= Date.now();
      if (error instanceof UserError || !wasHeard || Date.now() - lostAt > patience) throw error;
    }
    await sleep(pause);
  }
}

/** Reads once for several changes that came together. */
async function* listen<Read>(api: Api, caseId: string, read: () => Promise<Read>): AsyncGenerator<Read> {
  const connection = new AbortController();
  const dead = setTimeout(() => {
    connection.abort();
  }, silentFor);
  let hasNews = false;
  const parser = createParser({ onEvent: () => (hasNews = true) });
  try {
    for await (const text of await open(api, caseId, connection.signal)) {
      dead.refresh();
      parser.feed(text);
      if (hasNews) yield await read();
      hasNews = false;
    }
  } catch (error) {
    throw error instanceof UserError || error instanceof ApiFailed ? error : notReached(api.url, error);
  } finally {
    clearTimeout(dead);
    connection.abort();
  }
}

async function open(api: Api, caseId: string, signal: AbortSignal): Promise<AsyncIterable<string>> {
  const { url, headers } = api;
  const response = await fetch(`${url}/api/stream?${new URLSearchParams({ caseId }).toString()}`, { headers, signal });
  const isStream = response.headers.get('content-type') === 'text/event-stream';
  if (isStream && response.body) return response.body.pipeThrough(new TextDecoderStream());
  const error: unknown = await response.json().catch(() => undefined);
  return answerOf(api, Promise.resolve({ error, response }));
}
