import type { Client } from '@temporalio/client';
import { cancelCase, decide, Refused as RefusedByCase, requireReadable, resolve } from '../../kit/client';
import type { Addresses } from '../../platform/addresses';
import type { Acts } from '../cases';
import { Refused } from '../refused';
import { aboutCase } from './looks';

/** What somebody does by Temporal itself; it takes any name for theirs. */
export function actsDirect(client: Client, addresses: Addresses, by: string): Acts {
  const starting = () => starts().startsDirect(client, addresses);
  const tell = <Recorded>(caseId: string, send: () => Promise<Recorded>) =>
    aboutCase(client, caseId, async () => {
      await requireReadable(client, caseId);
      return send().catch((error: unknown) => {
        throw error instanceof RefusedByCase ? new Refused(error.refusal) : error;
      });
    });
  return {
    decide: (caseId, decision) => tell(caseId, () => decide(client, caseId, { ...decision, by })),
    resolve: (caseId, resolution) => tell(caseId, () => resolve(client, caseId, { ...resolution, by })),
    async cancel(caseId, reason) {
      await aboutCase(client, caseId, () => cancelCase(client, caseId, { by, reason }));
      return { by };
    },
    start: (process, request) => starting().start(process, request),
    startAll: (process, file) => starting().startAll(process, file),
    restart: (caseId) => starting().restart(caseId),
  };
}

function starts(): typeof import('./starts') {
  return require('./starts') as typeof import('./starts');
}
