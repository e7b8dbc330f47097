import type { Client } from '@temporalio/client';
import { askServer } from './deadline';
import { describeCase } from './describe';
import { Encrypted } from './errors';
import { getCase } from './queries';

/**
 * Before a client without a codec sends something to a case: whoever started it with a codec wants nothing of it to be read
 * by others. One that was started without input is asked.
 * @throws Encrypted, NoSuchCase, NoServer; as getCase does
 */
export async function requireReadable(client: Client, caseId: string): Promise<void> {
  await describeCase(client, caseId);
  const execution = { workflowId: caseId };
  const page = { namespace: client.options.namespace, execution, maximumPageSize: 1 };
  const { history } = await askServer(client, () => client.workflowService.getWorkflowExecutionHistory(page));
  const payloads = history?.events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
  const encoding = ({ metadata }: (typeof payloads)[number]) => Buffer.from(metadata?.['encoding'] ?? []).toString();
  if (!payloads.every((payload) => plainEncodings.test(encoding(payload)))) throw new Encrypted(caseId);
  if (payloads.length === 0) await getCase(client, caseId);
}

/** What Temporal's own converters write. */
const plainEncodings = /^(?:json|binary)\/(?:plain|null|protobuf)$/;
