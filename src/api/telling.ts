import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { FastifyBaseLogger } from 'fastify';
import type { Kysely } from 'kysely';
import { databaseTrouble } from '../service/database';
import { atOneMoment, writePlace, type Place } from '../view/changes';
import type { ViewTables } from '../view/database';
import type { Readable } from '../view/readable';
import { event, newsFor, type Wanted } from './news';

/** Somebody who is told of changes. */
export interface Listener extends Wanted {
  person: string;
  to: ServerResponse;
  /** What they may read now; undefined: they may not listen any more. */
  askAgain: () => Promise<Readable | undefined>;
}

interface Listening extends Listener {
  /** Whether all was told that there was when it began. */
  isReady?: boolean;
  /** Where it was when it was asked again the last time. */
  wasAt?: Place | undefined;
}

/** Pause between two looks at what has changed, in milliseconds. */
const lookEvery = 250;
/** Pauses while the database is lost; each is twice the one before. */
const firstPause = 500;
const longestPause = 8_000;
/** Listeners of one process, and of one person: what each search costs, all others wait for. */
const mostListeners = 1_000;
const mostOfOnePerson = 100;
/** A connection on which nothing comes may be ended by what is between. */
const beatEvery = 15_000;

/**
 * Tells listeners what has changed, until each one's connection is closed. One look at the view is for all of them, and
 * nobody looks while nobody listens. Who has not yet taken what was told is told more once they have; who is stuck from one
 * time of asking again to the next is ended, and so is who may not listen any more.
 */
export function tellChanges(
  view: Kysely<ViewTables>,
  log: FastifyBaseLogger,
  askAgainEvery: number,
): { begin(listener: Listener): void; isFull(person: string): boolean; stop(): void } {
  const listening = new Set<Listening>();
  const stopped = new AbortController();
  let isTelling = false;

  const tell = async () => {
    let failures = 0;
    while (listening.size > 0) {
      let pause = lookEvery;
      try {
        if (await tellOnce()) pause = 0;
        if (failures > 0) log.info('Changes are not told: that is over');
        failures = 0;
      } catch (error) {
        if (failures === 0) log.warn({ err: error }, 'Changes are not told; it is tried again');
        pause = Math.min(firstPause * 2 ** failures, longestPause);
        failures += 1;
      }
      await sleep(pause, undefined, { signal: stopped.signal }).catch(() => undefined);
    }
    isTelling = false;
  };

  /** Whether there is more to be told at once. */
  const tellOnce = async () => {
    const ready = [...listening].filter(({ to }) => !to.writableNeedDrain);
    const news = await atOneMoment(view, (moment) => newsFor(moment, ready));
    for (const { to, events, place, isAll, failure } of news) {
      if (failure !== undefined) log.error({ err: failure, query: to[0]?.query }, 'Changes cannot be told of a search');
      for (const one of to) {
        if (failure !== undefined) {
          end(one);
          continue;
        }
        one.place = place;
        if (events.length > 0) write(one, events);
        if (isAll && !one.isReady) write(one, event('ready', place, {}));
        one.isReady ||= isAll;
      }
    }
    return news.some(({ isAll }) => !isAll);
  };

  const write = (one: Listening, text: string | Buffer) => {
    if (listening.has(one)) one.to.write(text);
  };
  const end = (one: Listening) => {
    listening.delete(one);
    one.to.end();
  };

  const beat = () => {
    for (const one of listening) {
      if (one.place && !one.to.writableNeedDrain) write(one, `:\nid: ${writePlace(one.place)}\n\n`);
    }
  };
  const ask = async (one: Listening) => {
    if (one.to.writableNeedDrain && one.place === one.wasAt) one.to.destroy();
    one.wasAt = one.place;
    try {
      const readable = await one.askAgain();
      if (!readable) end(one);
      else if (!isDeepStrictEqual(readable, one.readable)) {
        one.readable = readable;
        if (one.place) write(one, event('reset', one.place, {}));
      }
    } catch (error) {
      if (databaseTrouble(error) === undefined) end(one);
    }
  };

  const timers = [
    setInterval(beat, beatEvery),
    setInterval(() => {
      for (const one of listening) void ask(one);
    }, askAgainEvery),
  ];
  return {
    isFull(person) {
      const own = [...listening].filter((one) => one.person === person);
      return listening.size >= mostListeners || own.length >= mostOfOnePerson;
    },
    begin(listener) {
      if (stopped.signal.aborted) {
        listener.to.end();
        return;
      }
      const one: Listening = { ...listener };
      listening.add(one);
      one.to.once('close', () => listening.delete(one));
      if (isTelling) return;
      isTelling = true;
      void tell();
    },
    stop() {
      timers.forEach(clearInterval);
      stopped.abort();
      for (const one of listening) end(one);
    },
  };
}
