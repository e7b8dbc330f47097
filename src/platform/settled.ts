import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { getCase, NoAnswer } from '../kit/client';
import type { CaseRecord } from '../kit/contract';

/** How long to wait for cases that go on by themselves, in milliseconds. */
const patience = 60_000;

/**
 * Wait until each case waits for somebody, is an incident or has ended, at most a minute; `say` hears how many do.
 * Answers with what the cases say of themselves then, in the order of the ids.
 */
export async function untilSettled(
  client: Client,
  caseIds: string[],
  { say, signal }: { say: (line: string) => void; signal: AbortSignal },
): Promise<CaseRecord[]> {
  const settled = new Map<string, CaseRecord>();
  const latest = new Map<string, CaseRecord>();
  const until = Date.now() + patience;
  for (;;) {
    for (const caseId of caseIds.filter((id) => !settled.has(id))) {
      const record = await askIfAnswered(client, caseId);
      if (record === undefined) continue;
      latest.set(caseId, record);
      if (record.status !== 'running') settled.set(caseId, record);
    }
    say(`${settled.size} of ${caseIds.length} wait for somebody or have ended`);
    if (settled.size === caseIds.length || Date.now() > until)
      return [...caseIds].flatMap((id) => latest.get(id) ?? []);
    await sleep(250, undefined, { signal });
  }
}

async function askIfAnswered(client: Client, caseId: string): Promise<CaseRecord | undefined> {
  try {
    return await getCase(client, caseId);
  } catch (error) {
    if (error instanceof NoAnswer) return undefined;
    throw error;
  }
}
