import type { FoundOfAll, Looks } from '../cases';
import { keyOf, noCase } from '../no-case';
import { whenChanged } from './changes';
import { answerOf, type Api } from './client';
import { ApiProblem } from './problems';

/** The central view as the one that answers, over HTTP. */
export function looksOverHttp(api: Api): Looks {
  const { routes } = api;
  return {
    find: (idOrKey) => casesOf(api, idOrKey),
    read: (caseId) => readCase(api, caseId),
    follow: (caseId) => whenChanged(api, caseId, () => readCase(api, caseId)),
    async history(caseId) {
      const params = { path: { id: caseId } };
      const asked = answerOf(api, routes.GET('/api/cases/{id}/history', { params }));
      const { steps } = await asked.catch(unlessKey(api, caseId));
      return steps;
    },
    async drawOnMap({ caseId, process }, format) {
      const params = { path: { process }, query: { case: caseId, format } };
      const asked = routes.GET('/api/processes/{process}/map', { params, parseAs: 'text' });
      return answerOf(api, asked);
    },
    list({ limit, startedBefore, ...wanted }) {
      const before = startedBefore && { startedBefore: startedBefore.toISOString() };
      return pages(limit, async (page) => {
        const query = { ...wanted, ...before, ...page };
        const { cases, cursor } = await answerOf(api, routes.GET('/api/cases', { params: { query } }));
        return { rows: cases, cursor };
      });
    },
    async tasks(role) {
      const tasks = await pages(Infinity, async (page) => {
        const query = { ...(role !== undefined && { role }), ...page };
        const answer = await answerOf(api, routes.GET('/api/tasks', { params: { query } }));
        return { rows: answer.tasks, cursor: answer.cursor };
      });
      return { tasks, silent: [] };
    },
    async incidents() {
      let watch: FoundOfAll[] = [];
      const incidents = await pages(Infinity, async (query) => {
        const answer = await answerOf(api, routes.GET('/api/incidents', { params: { query } }));
        watch = answer.watch;
        return { rows: answer.incidents, cursor: answer.cursor };
      });
      return { incidents, watch, silent: [] };
    },
  };
}

/** For what is asked about the case of an id: says so where that is a key of cases. */
export function unlessKey(api: Api, caseId: string): (error: unknown) => Promise<never> {
  return async (error) => {
    if (!(error instanceof ApiProblem) || error.problem !== 'unknown-case') throw error;
    const cases = await casesOf(api, caseId).catch(() => []);
    throw cases.length > 0 ? noCase(caseId, keyOf(cases.map((one) => one.caseId))) : error;
  };
}

async function readCase(api: Api, caseId: string) {
  const cases = await casesOf(api, caseId);
  const [found] = cases;
  if (found?.caseId === caseId) return found;
  throw noCase(caseId, keyOf(cases.map((one) => one.caseId)));
}

async function casesOf(api: Api, id: string) {
  const { cases } = await answerOf(api, api.routes.GET('/api/cases/{id}', { params: { path: { id } } }));
  return cases;
}

/** As many rows as the API gives on a page. */
const mostOnPage = 200;

async function pages<Row>(
  most: number,
  read: (page: { limit: number; cursor?: string }) => Promise<{ rows: Row[]; cursor: string | undefined }>,
): Promise<Row[]> {
  const found: Row[] = [];
  let next: { cursor?: string } = {};
  for (;;) {
    const { rows, cursor } = await read({ limit: Math.min(mostOnPage, most - found.length), ...next });
    found.push(...rows);
    if (cursor === undefined || found.length >= most) return found;
    next = { cursor };
  }
}
