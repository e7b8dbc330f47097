import type { CaseRecord, Incident, OpenTask, Step } from '../kit/client';

export function isOpen({ status }: Step): boolean {
  return status === 'open' || status === 'parked';
}

/**
 * The steps open now: those in the record, and of those that it only counts, or that a missed report told of, the tasks and
 * the incidents. Of such an incident it is not known whether an undo failed: it is a call.
 */
export function openNow(recorded: Step[], { waitingFor, incidents }: Omit<CaseRecord, 'steps'>): Step[] {
  const known = new Set(recorded.map(({ id }) => id));
  const others = [...waitingFor.map(stepOfTask), ...incidents.map(stepOfIncident)];
  return [...recorded, ...others.filter(({ id }) => !known.has(id))];
}

function stepOfTask({ id, name, title, role, candidates, since, dueAt }: OpenTask): Step {
  return {
    id,
    name,
    kind: 'task',
    title,
    status: 'open',
    startedAt: since,
    role,
    ...(candidates && { candidates }),
    ...(dueAt !== undefined && { dueAt }),
  };
}

function stepOfIncident({ step: id, name, title, system, error, since }: Incident): Step {
  const ofSystem = system !== undefined && { system };
  return { id, name, kind: 'call', title, status: 'parked', startedAt: since, ...ofSystem, error };
}
