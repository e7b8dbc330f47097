import type { Kysely } from 'kysely';
import { z } from 'zod';
import { requireReadable, signalEvent } from '../kit/client';
import type { ServiceApp } from '../service/http';
import { answerOnceElsewhere, idempotencyHeaders } from '../service/idempotency';
import { Problem } from '../service/problem';
import type { ViewTables } from '../view/database';
import { askAfterRest } from '../view/due';
import { readCases } from '../view/read';
import { unknownCase } from './access';
import { as } from './actions';
import { audited } from './audit';
import { caseId } from './params';
import type { Person } from './person';
import { asProblem } from './problems';
import { readable } from './rules';
import type { ApiParts } from './server';

const text = z.string().min(1, 'must not be empty').max(1_000, 'must have at most 1,000 characters');

/** CloudEvents 1.0, JSON format. */
const cloudEvent = z
  .looseObject({
    specversion: z.literal('1.0', 'must be "1.0"'),
    id: text,
    source: text.describe('With `id` it names the event'),
    type: text,
    subject: text.describe(
      'The case that is told: its id, or a business key such as `order:1002` that one open case has',
    ),
    time: z.iso.datetime({ offset: true, error: 'must be a time such as "2026-11-21T12:00:00Z"' }).optional(),
    datacontenttype: text.optional(),
    dataschema: text.optional(),
    data: z.unknown().optional(),
    data_base64: z.base64('must be base64').optional(),
  })
  .superRefine((event, context) => {
    for (const [name, value] of Object.entries(event)) {
      if (name === 'data' || name === 'data_base64') continue;
      const mistake = !/^[a-z0-9]+$/.test(name)
        ? 'is no name of an attribute: lower-case letters and digits'
        : !['string', 'number', 'boolean'].includes(typeof value) && value !== undefined
          ? 'must be a text, a number, true or false'
          : undefined;
      if (mistake !== undefined) context.addIssue({ code: 'custom', path: [name], message: mistake, input: value });
    }
  });

/** The route by which a case hears of an event. */
export function addEvents(app: ServiceApp, { db, view, client }: Pick<ApiParts, 'db' | 'view' | 'client'>): void {
  app.addContentTypeParser(
    /^application\/cloudevents\+json\b/,
    { parseAs: 'string' },
    app.getDefaultJsonParser('error', 'error'),
  );
  app.post(
    '/api/events',
    {
      config: { allows: ['publish', 'Event'] },
      schema: {
        operationId: 'publishEvent',
        summary: 'Tell a case of an event (CloudEvents 1.0), which reaches its workflow as the signal `event`',
        description:
          'The same event, by `source` and `id`, is told to a run of the case once, however often it is sent.',
        tags: ['events'],
        headers: idempotencyHeaders,
        body: cloudEvent,
        response: { 202: z.object({ caseId }) },
      },
    },
    async (request, reply) => {
      const { body: event, person } = request;
      const told = await openCaseOf(view, person, event.subject);
      audited(request, { about: told, decision: event.type });
      reply.code(202);
      return answerOnceElsewhere(db, request, reply, person.id, async () => {
        try {
          await requireReadable(client, told);
          await signalEvent(as(client, person.id), told, event);
          await askAfterRest(view, told);
          return { caseId: told };
        } catch (error) {
          throw asProblem(error);
        }
      });
    },
  );
}

/** Id of the open case that is meant. */
async function openCaseOf(view: Kysely<ViewTables>, person: Person, subject: string): Promise<string> {
  const known = await readCases(view, subject, readable(person));
  const [one, other] = known.filter(({ record }) => record.endedAt === undefined);
  if (one && !other) return one.record.caseId;
  if (known.length === 0) throw await unknownCase(view, person, subject);
  const message = one ? 'is a key of several open cases; name one by its id' : 'names no case that is open';
  const errors = [{ field: 'subject', value: subject, message }];
  throw new Problem(409, one ? 'several-cases' : 'case-closed', `subject: "${subject}" ${message}.`, { errors });
}
