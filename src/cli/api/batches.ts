import { answerOf, type Api } from './client';
import type { operations } from './schema';

/** What is to be done to the cases of a search. */
export type BatchWanted = operations['makeBatch']['requestBody']['content']['application/json'];
/** Many cases that are acted on, with all of them. */
export type Batch = Omit<operations['readBatch']['responses'][200]['content']['application/json'], 'cursor'>;

/** Dry run: what would be done, which is kept under an id and not done. */
export async function makeBatch(api: Api, body: BatchWanted): Promise<Batch> {
  const { id } = await answerOf(api, api.routes.POST('/api/batches', { body }));
  return readBatch(api, id);
}

/** Has a batch done as it was shown; one that was started before goes on. */
export async function startBatch(api: Api, id: string): Promise<void> {
  await answerOf(api, api.routes.POST('/api/batches/{id}/start', { params: { path: { id } } }));
}

/** Has nothing more of a batch begun. */
export async function stopBatch(api: Api, id: string): Promise<void> {
  await answerOf(api, api.routes.POST('/api/batches/{id}/stop', { params: { path: { id } } }));
}

/** How far a batch is, without what it acts on. */
export async function progressOf(api: Api, id: string): Promise<Omit<Batch, 'page'>> {
  const { page: _, ...batch } = await pageOf(api, id, { limit: 1 });
  return batch;
}

export async function readBatch(api: Api, id: string): Promise<Batch> {
  let { cursor, ...batch } = await pageOf(api, id, { limit: mostOnPage });
  while (cursor !== undefined) {
    const next = await pageOf(api, id, { limit: mostOnPage, cursor });
    batch = { ...batch, page: [...batch.page, ...next.page] };
    cursor = next.cursor;
  }
  return batch;
}

/** As many items as the API gives on a page. */
const mostOnPage = 500;

function pageOf(api: Api, id: string, query: { limit: number; cursor?: string }) {
  return answerOf(api, api.routes.GET('/api/batches/{id}', { params: { path: { id }, query } }));
}
