import type { OutgoingHttpHeaders } from 'node:http';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { ServiceApp } from '../service/http';
import { Problem } from '../service/problem';
import { readPlace, type Place } from '../view/changes';
import { asSearch, searchQuery } from './params';
import { may, readable } from './rules';
import type { ApiParts } from './server';
import { tellChanges } from './telling';

const description = `Server-sent events, each with an \`id\` from which the stream is resumed:

- \`case\`: a case has changed. Its data is the case as in a page of \`GET /api/cases\`.
- \`gone\`: a case has changed and does not fit the search (any more); its data has the \`caseId\`. One that may no longer be read is not told.
- \`ready\`: all that had changed was told; what follows is news.
- \`reset\`: the id that was resumed from is of another database, or what may be read is now something else. Read the list anew.

The stream tells states and is no log: whoever resumes, from however long ago, is told each case once that has changed since, as it is now. A rebuild of the view tells only what was wrong before. A case has not changed when it is confirmed and nothing was wrong, unless it has ended, nor when it fits since time has passed. The stream ends when the server does, the person is signed out or who reads is too slow; resume it then.`;

const streamQuery = searchQuery.omit({ order: true, cursor: true, limit: true }).extend({
  since: z
    .string()
    .optional()
    .describe('An id to resume from, for what cannot send the header `Last-Event-ID`, which goes before it'),
});

/** The route that tells of changes as they happen. */
export function addStream(
  app: ServiceApp,
  { view, teams, askAgainEvery }: Pick<ApiParts, 'view' | 'teams'> & { askAgainEvery: number },
): void {
  const telling = tellChanges(view, app.log, askAgainEvery);
  app.addHook('preClose', (done) => {
    telling.stop();
    done();
  });
  app.get(
    '/api/stream',
    {
      config: { allows: ['read', 'Case'], endless: true },
      exposeHeadRoute: false,
      schema: {
        operationId: 'streamCases',
        summary: 'Cases that fit a search, as they change',
        description,
        tags: ['cases'],
        querystring: streamQuery,
        headers: z.looseObject({ 'last-event-id': z.string().optional().describe('The id to resume from') }),
        response: { 200: { description: 'Events', content: { 'text/event-stream': { schema: z.string() } } } },
      },
    },
    (request, reply) => {
      const { since, ...query } = request.query;
      const place = placeOf('Last-Event-ID', request.headers['last-event-id']) ?? placeOf('since', since);
      const search = () => asSearch(query, teams);
      search();
      if (telling.isFull(request.person.id)) {
        const detail =
          'There are as many streams open as there may be, of this person or of all; end one, or try again later.';
        throw new Problem(429, 'too-many-streams', detail);
      }
      reply.hijack();
      reply.raw.writeHead(200, {
        ...(reply.getHeaders() as OutgoingHttpHeaders),
        'content-type': 'text/event-stream',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
        'x-request-id': request.id,
      });
      reply.raw.write(`retry: ${firstRetry()}\n\n`);
      telling.begin({
        person: request.person.id,
        query,
        search,
        readable: readable(request.person),
        place,
        to: reply.raw,
        askAgain: () => readableNow(app, request),
      });
    },
  );
}

/** Milliseconds after which a browser resumes; not all of them at once when a server has come back. */
function firstRetry(): number {
  return 1_000 + Math.floor(Math.random() * 2_000);
}

async function readableNow(app: ServiceApp, request: FastifyRequest) {
  const asker = await app.whoAsks(request);
  return asker && may(asker.person, 'read', 'Case') ? readable(asker.person) : undefined;
}

function placeOf(field: string, value: string | undefined): Place | undefined {
  if (value === undefined) return undefined;
  const place = readPlace(value);
  if (place) return place;
  const message = `"${value}" is no id of an event of this stream; leave it out to begin with what changes from now on`;
  throw new Problem(400, 'invalid-request', `${field}: ${message}`, { errors: [{ field, value, message }] });
}
