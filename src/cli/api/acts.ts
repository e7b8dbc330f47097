import type { OpenedCase } from '../../platform/door';
import { openRows } from '../../platform/open-rows';
import type { Acts } from '../cases';
import { answerOf, type Api } from './client';
import { unlessKey } from './looks';
import { ApiProblem, asRefused } from './problems';

/** What somebody does by the API, as who they are there. */
export function actsOverHttp(api: Api): Acts {
  const { routes } = api;
  const start = async (process: string, body: Record<string, unknown>): Promise<OpenedCase> => {
    const params = { path: { process } };
    return answerOf(api, routes.POST('/api/processes/{process}/cases', { params, body })).catch(notStarted);
  };
  return {
    decide(id, { task, ...body }) {
      const params = { path: { id, task } };
      return answerOf(api, routes.POST('/api/cases/{id}/tasks/{task}/decision', { params, body }))
        .catch(unlessKey(api, id))
        .catch(asRefused);
    },
    resolve(id, { step, ...body }) {
      const params = { path: { id, step } };
      return answerOf(api, routes.POST('/api/cases/{id}/steps/{step}/resolution', { params, body }))
        .catch(unlessKey(api, id))
        .catch(asRefused);
    },
    cancel(id, reason) {
      const params = { path: { id } };
      const asked = routes.POST('/api/cases/{id}/cancellation', { params, body: { reason } });
      return answerOf(api, asked).catch(unlessKey(api, id));
    },
    start: (process, request) => start(process.name, request),
    startAll: (process, file) => openRows(file, (request) => start(process.name, request)),
    async restart(id) {
      try {
        const asked = routes.POST('/api/cases/{id}/restart', { params: { path: { id } } });
        const restarted = await answerOf(api, asked).catch(unlessKey(api, id));
        return { status: 'restarted', ...restarted };
      } catch (error) {
        return notStarted(error);
      }
    },
  };
}

/** Problems that say why a case is not started, for which commands have an answer of their own. */
const refusals = ['request-refused', 'not-started', 'not-restarted'];

function notStarted(error: unknown): OpenedCase & { status: 'refused' } {
  if (!(error instanceof ApiProblem) || !refusals.includes(error.problem)) throw error;
  return { status: 'refused', reason: error.message, errors: error.document.errors ?? [] };
}
