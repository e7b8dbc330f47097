import type { Client } from '@temporalio/client';
import {
  cancelCase,
  decide,
  describeCase,
  Encrypted,
  getCase,
  Refused as RefusedByCase,
  resolve,
} from '../../kit/client';
import type { Addresses } from '../../platform/addresses';
import { openCase, reopenCase, startCases } from '../../platform/door';
import { connectSystems } from '../../platform/systems';
import type { Acts } from '../cases';
import { Refused } from '../refused';
import { aboutCase } from './looks';

/** What somebody does by Temporal itself; it takes any name for theirs. */
export function actsDirect(client: Client, { systemUrl }: Addresses, by: string): Acts {
  const door = () => ({ client, systems: connectSystems(systemUrl, () => undefined) });
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
    start: (process, request) => openCase(door(), process, request),
    startAll: (process, file) => startCases(door(), process, file),
    restart: (caseId) => aboutCase(client, caseId, () => reopenCase(door(), caseId)),
  };
}

/**
 * Before something is sent to a case: whoever started it with a codec wants nothing of it to be read by others. One that
 * was started without input is asked.
 * @throws Encrypted, NoSuchCase; as getCase does
 */
async function requireReadable(client: Client, caseId: string): Promise<void> {
  await describeCase(client, caseId);
  const execution = { workflowId: caseId };
  const page = { namespace: client.options.namespace, execution, maximumPageSize: 1 };
  const { history } = await client.workflowService.getWorkflowExecutionHistory(page);
  const payloads = history?.events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
  const encoding = ({ metadata }: (typeof payloads)[number]) => Buffer.from(metadata?.['encoding'] ?? []).toString();
  if (!payloads.every((payload) => plainEncodings.test(encoding(payload)))) throw new Encrypted(caseId);
  if (payloads.length === 0) await getCase(client, caseId);
}

/** What Temporal's own converters write. */
const plainEncodings = /^(?:json|binary)\/(?:plain|null|protobuf)$/;
