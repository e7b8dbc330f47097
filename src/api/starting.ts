import type { FastifyBaseLogger } from 'fastify';
import { describeCase } from '../kit/client';
import { keepListed } from '../view/keep';
import type { ApiParts } from './server';

/**
 * Lets the view know at once of a run that began, as far as the server does, so that whoever started it finds it; its
 * worker tells the rest. When that fails the run has begun all the same, and the view learns of it later.
 */
export async function tellView(
  { client, view }: Pick<ApiParts, 'client' | 'view'>,
  caseId: string,
  log: FastifyBaseLogger,
): Promise<void> {
  try {
    const { retrying: _, ...known } = await describeCase(client, caseId);
    await keepListed(view, [known]);
  } catch (error) {
    log.warn({ caseId, reason: String(error) }, 'the view was not told of a case that began');
  }
}
