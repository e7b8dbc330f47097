import type { ServiceApp } from '../service/http';
import { openIncidents, openTasks } from '../view/open';
import { foundOfAll } from '../view/watch';
import { given, incidentQuery, taskQuery, wrongCursor } from './params';
import { readable } from './rules';
import { incidentPageSchema, taskPageSchema } from './schemas';
import type { ApiParts } from './server';

const config = { allows: ['read', 'Case'] } as const;

/** The routes that say what waits for somebody: for people, and for operators. */
export function addWaiting(app: ServiceApp, { view }: ApiParts): void {
  app.get(
    '/api/tasks',
    {
      config,
      schema: {
        operationId: 'listTasks',
        summary: 'Tasks open now, those that wait longest first',
        tags: ['tasks'],
        querystring: taskQuery,
        response: { 200: taskPageSchema },
      },
    },
    ({ query: { cursor, limit, ...search }, person }) =>
      openTasks(view, given(search), given({ cursor, limit }), readable(person)).catch(wrongCursor),
  );
  app.get(
    '/api/incidents',
    {
      config,
      schema: {
        operationId: 'listIncidents',
        summary: 'Steps that failed for good and are parked until an operator resolves them, and what the watch found',
        tags: ['incidents'],
        querystring: incidentQuery,
        response: { 200: incidentPageSchema },
      },
    },
    async ({ query: { cursor, limit, ...search }, person }) => {
      const may = readable(person);
      const [page, watch] = await Promise.all([
        openIncidents(view, given(search), given({ cursor, limit }), may),
        may === 'all' ? foundOfAll(view, search) : [],
      ]).catch(wrongCursor);
      return { ...page, watch };
    },
  );
}
