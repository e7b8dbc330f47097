import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { decide, resolve, type FoundCase } from '../kit/client';
import type { Incident, OpenTask, ResolutionAction } from '../kit/contract';
import { untilSettled } from './settled';

/** What people do in the tour, where it is not approving: `examples/tour.json`. */
export interface Script {
  decisions: ScriptedDecision[];
  resolutions: { case: string; step: string; action: ResolutionAction; reason: string; result?: unknown }[];
}

interface ScriptedDecision {
  case: string;
  task: string;
  decision: string;
  comment?: string;
  data?: unknown;
}

/** Who resolves incidents in the tour. */
const operator = 'operator';

/**
 * Play cases to their end: decide what waits for people, as the script says or by approving, by the first who may;
 * resolve incidents as the script says. Answers with the cases in the order of the ids, once nobody can bring one on: when
 * all is well, each has ended.
 */
export async function play(
  client: Client,
  caseIds: string[],
  script: Script,
  { say, signal }: { say: (line: string) => void; signal: AbortSignal },
): Promise<FoundCase[]> {
  for (;;) {
    const cases = await untilSettled(client, caseIds, { say: () => undefined, signal });
    say(`${cases.filter(({ record }) => record.endedAt !== undefined).length} of ${caseIds.length} cases have ended`);
    const records = cases.flatMap((one) => (one.answered ? [one.record] : []));
    const open = records.filter(({ waitingFor, incidents }) => waitingFor.length > 0 || incidents.length > 0);
    if (open.length === 0) return cases;
    for (const { caseId, waitingFor, incidents } of open) {
      for (const task of waitingFor) await decideTask(client, caseId, task, script);
      for (const incident of incidents) await resolveIncident(client, caseId, incident, script);
    }
    await sleep(100, undefined, { signal });
  }
}

const approval: Pick<ScriptedDecision, 'decision' | 'comment' | 'data'> = { decision: 'approve' };

async function decideTask(client: Client, caseId: string, task: OpenTask, script: Script): Promise<void> {
  const entry = script.decisions.find(({ case: of, task: name }) => of === caseId && name === task.name);
  const [by] = task.candidates ?? [task.role];
  if (by === undefined) throw new Error(`nobody may decide ${task.id} of ${caseId}`);
  const { decision, comment, data } = entry ?? approval;
  await decide(client, caseId, {
    ...{ task: task.id, decision, by },
    ...(comment !== undefined && { comment }),
    ...(data !== undefined && { data }),
    ...(task.shownHash !== undefined && { shownHash: task.shownHash }),
  });
}

async function resolveIncident(client: Client, caseId: string, incident: Incident, script: Script): Promise<void> {
  const entry = script.resolutions.find(({ case: of, step }) => of === caseId && step === incident.name);
  if (entry === undefined) {
    throw new Error(
      `${caseId} has an incident that the tour does not know: ${incident.title}, ${incident.error.message}`,
    );
  }
  const { action, reason, result } = entry;
  await resolve(client, caseId, {
    ...{ step: incident.step, action, reason, by: operator },
    ...(result !== undefined && { result }),
  });
}
