import type { CaseRecord, CaseReport, Step } from '../../src/kit/client';
import type { Confirmed } from '../../src/view/knowledge';

/** An hour of a day. */
export const at = (hour: number) => new Date(Date.UTC(2026, 10, 22, hour)).toISOString();

/** A salary that runs since eight o'clock, unless told. */
export function record(caseId: string, more: Partial<CaseRecord> = {}): CaseRecord {
  return {
    process: 'salary',
    caseId,
    runId: `run of ${caseId}`,
    restart: 0,
    keys: [],
    status: 'running',
    steps: [],
    waitingFor: [],
    incidents: [],
    startedAt: at(8),
    historyLength: 9,
    ...more,
  };
}

/** A call by the name of its operation. */
export const call = (name: string, status: Step['status'] = 'open'): Step => ({
  id: `${name}/1`,
  name,
  kind: 'call',
  title: 'Calculate bonus',
  status,
  system: name.split('.')[0] as string,
  startedAt: at(9),
});

/** What a case has that waits for a manager's approval. */
export function approvalBy(candidates: string[], since: string): Partial<CaseRecord> {
  const asked = { name: 'approveBonus', title: 'Approve the bonus of 50 % in_full', role: 'manager', candidates };
  return {
    status: 'waiting',
    steps: [{ ...asked, id: 'approveBonus/1', kind: 'task', status: 'open', startedAt: since }],
    waitingFor: [{ ...asked, id: 'approveBonus/1', since, escalated: false, decisions: ['approve', 'reject'] }],
  };
}

/** What a case has that was paid. */
export const ended = { status: 'completed', endedAt: at(11), outcome: 'paid' } as const;

/** What a case has whose call is parked. */
export function parked(name: string): Partial<CaseRecord> {
  const error = { type: 'service-unavailable', message: 'come back later' };
  const step: Step = { ...call(name, 'parked'), error };
  const { id, title, system } = step;
  return {
    status: 'incident',
    steps: [step],
    incidents: [{ step: id, name, title, ...(system !== undefined && { system }), error, since: at(9), retries: 0 }],
  };
}

/** A record as its worker tells it, whole. */
export function reportOf({ steps: changed, ...rest }: CaseRecord): CaseReport {
  return { ...rest, changed, taskQueue: 'any', runStartedAt: rest.startedAt };
}

/** A record as the case itself answered. */
export function answerOf(one: CaseRecord, confirmedAt = at(12)): Confirmed {
  return { record: one, runStartedAt: one.startedAt, confirmedAt, events: one.historyLength };
}
