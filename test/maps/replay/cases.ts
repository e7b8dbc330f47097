import type { CaseRecord, CaseStatus, Step, StepKind, StepStatus } from '../../../src/kit/contract';

/** A step as a test tells it: when it began and, unless it is open, ended, in seconds. */
export interface Told {
  name: string;
  kind?: StepKind;
  status?: StepStatus;
  from: number;
  to?: number;
}

const time = (seconds: number) => new Date(Date.UTC(2026, 0, 1) + seconds * 1000).toISOString();

function stepOf({
  name,
  kind = 'call',
  from,
  to,
  status = to === undefined ? 'open' : 'done',
}: Told): Omit<Step, 'id'> {
  return {
    name,
    kind,
    title: name,
    status,
    startedAt: time(from),
    ...(to !== undefined && { endedAt: time(to) }),
  };
}

/** The record of a case with these steps. */
export function caseOf(status: CaseStatus, told: readonly Told[], more: Partial<CaseRecord> = {}): CaseRecord {
  const occurrences = new Map<string, number>();
  const steps = told.map(stepOf).map((step) => {
    const occurrence = (occurrences.get(step.name) ?? 0) + 1;
    occurrences.set(step.name, occurrence);
    return { ...step, id: `${step.name}/${occurrence}` };
  });
  return {
    process: 'salary',
    caseId: 'salary-E-1001',
    runId: 'run',
    restart: 0,
    keys: [],
    status,
    steps,
    waitingFor: [],
    incidents: [],
    startedAt: time(0),
    historyLength: 3,
    ...more,
  };
}

/**
 * Steps one after the other, as words: `A`, `A!` where it failed, `A~` where it was cancelled, `A?` where it is open,
 * `task:A` for another kind.
 */
export function inTurn(...words: string[]): Told[] {
  return words.map((word, index) => ({ ...told(word), from: index, ...(word.endsWith('?') ? {} : { to: index + 1 }) }));
}

/** The same, all begun at once and ended one after the other. */
export function atOnce(...words: string[]): Told[] {
  return words.map((word, index) => ({ ...told(word), from: 0, ...(word.endsWith('?') ? {} : { to: index + 1 }) }));
}

function told(word: string): Omit<Told, 'from'> {
  const [, kind = 'call', name = word, mark = ''] = /^(?:(\w+):)?([\w.]+)([!~?]?)$/.exec(word) ?? [];
  const statuses: Record<string, StepStatus> = { '!': 'failed', '~': 'cancelled', '?': 'open' };
  return { name, kind: kind as StepKind, status: statuses[mark] ?? 'done' };
}
