import { setTimeout as pause } from 'node:timers/promises';
import { sql } from 'kysely';
import { z } from 'zod';
import type { ServiceApp } from '../service/http';
import type { ApiParts } from './server';

/** How long each part may take to answer, in milliseconds. */
const patience = 2_000;

const answers = z.enum(['answers', 'does not answer']);

/** The route that says whether requests can be served: without Temporal those that read can. */
export function addReadiness(app: ServiceApp, { db, view, client }: Omit<ApiParts, 'door'>): void {
  const answer = z.object({ status: z.enum(['ok', 'not ready']), view: answers, database: answers, temporal: answers });
  app.get(
    '/readyz',
    {
      config: { allows: 'anyone' },
      schema: {
        operationId: 'readiness',
        summary:
          'Which of the view, the database of the API and Temporal answer; 503 only without one of the first two',
        tags: ['health'],
        response: { 200: answer, 503: answer },
      },
    },
    async (_request, reply) => {
      const [ofView, ofDatabase, ofTemporal] = await Promise.all([
        asked(sql`select 1`.execute(view)),
        asked(sql`select 1`.execute(db)),
        asked(client.withDeadline(Date.now() + patience, () => client.workflowService.getSystemInfo({}))),
      ]);
      const isReady = ofView === 'answers' && ofDatabase === 'answers';
      const status = isReady ? ('ok' as const) : ('not ready' as const);
      return reply.code(isReady ? 200 : 503).send({ status, view: ofView, database: ofDatabase, temporal: ofTemporal });
    },
  );
}

async function asked(question: Promise<unknown>): Promise<z.infer<typeof answers>> {
  const answer = question.then(
    () => 'answers' as const,
    () => 'does not answer' as const,
  );
  return Promise.race([answer, pause(patience, 'does not answer' as const, { ref: false })]);
}
