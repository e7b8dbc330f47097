import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { findCase, type FoundCase } from '../kit/client';

/** How long to wait for cases that go on by themselves, in milliseconds. */
const patience = 60_000;

/** How long a case is asked again that cannot say where it is, in milliseconds: code that failed once may go on. */
const patienceWithSilent = 5_000;

/**
 * Wait until each case waits for somebody, is an incident, has ended, or cannot say where it is because of its code or its
 * worker; at most a minute. `say` hears how many do. Answers with what the cases say of themselves then, in the order of
 * the ids.
 */
export async function untilSettled(
  client: Client,
  caseIds: string[],
  { say, signal }: { say: (line: string) => void; signal: AbortSignal },
): Promise<FoundCase[]> {
  const latest = new Map<string, FoundCase>();
  const begun = Date.now();
  for (;;) {
    for (const caseId of caseIds) {
      const found = latest.get(caseId);
      if (!found || !isSettled(found)) latest.set(caseId, await findCase(client, caseId));
    }
    const lasts = Date.now() - begun;
    const open = [...latest.values()].filter((found) => !isSettled(found));
    say(`${caseIds.length - open.length} of ${caseIds.length} wait for somebody or have ended`);
    const atWork = open.filter((found) => found.answered || found.why === 'no answer');
    if (open.length === 0 || lasts > (atWork.length > 0 ? patience : patienceWithSilent)) return [...latest.values()];
    await sleep(250, undefined, { signal });
  }
}

function isSettled(found: FoundCase): boolean {
  return found.answered && found.record.status !== 'running';
}
