import fc from 'fast-check';
import type { CaseRecord, CaseReport, Step, StepStatus } from '../../src/kit/client';
import type { Confirmed } from '../../src/view/knowledge';

/** A case as it was after one workflow task: what its worker reported of that, and what it would have answered then. */
export interface Moment {
  report: CaseReport;
  answer: Confirmed;
}

interface Happening {
  /** Place of the step that changes, or of one that begins. */
  position: number;
  status: StepStatus;
  inNewRun: boolean;
}

const happening: fc.Arbitrary<Happening> = fc.record({
  position: fc.nat({ max: 4 }),
  status: fc.constantFrom<StepStatus[]>('open', 'parked', 'done', 'failed'),
  inNewRun: fc.integer({ min: 0, max: 5 }).map((number) => number === 0),
});

/** All moments of a case, run after run. */
export function lifeOf(caseId: string): fc.Arbitrary<Moment[]> {
  return fc.array(happening, { minLength: 1, maxLength: 12 }).map((happenings) => live(caseId, happenings));
}

const at = (minute: number) => new Date(Date.UTC(2020, 10, 22, 8, minute)).toISOString();

function live(caseId: string, happenings: Happening[]): Moment[] {
  const moments: Moment[] = [];
  let steps: Step[] = [];
  let runId = '';
  let runStartedAt = '';
  happenings.forEach(({ position: wanted, status, inNewRun }, minute) => {
    const before = inNewRun ? undefined : moments.at(-1)?.report;
    if (!before) [steps, runId, runStartedAt] = [[], `run ${minute}`, at(minute)];
    const position = Math.min(wanted, steps.length);
    const name = `work.part${position}`;
    const step: Step = { id: `${name}/1`, name, kind: 'call', title: name, status, startedAt: at(minute) };
    steps = Object.assign([...steps], { [position]: step });
    const historyLength = (before?.historyLength ?? 0) + 3;
    const rest: Omit<CaseRecord, 'steps'> = {
      process: 'salary',
      caseId,
      runId,
      restart: 0,
      keys: [`employee:E-${minute % 3}`],
      status: 'running',
      waitingFor: [],
      incidents: [],
      startedAt: at(0),
      historyLength,
    };
    const since = before && { since: before.historyLength };
    moments.push({
      report: {
        ...rest,
        taskQueue: 'work',
        runStartedAt,
        ...since,
        changed: [step],
      },
      answer: { record: { ...rest, steps }, runStartedAt, confirmedAt: at(minute), events: historyLength + 2 },
    });
  });
  return moments;
}

/** Something told of a case: the moment that it is about, and how. */
export interface Told {
  moment: Moment;
  how: 'reported' | 'answered';
}

/** Reports and answers of a life: some lost, some doubled, in any order. */
export function tellings(moments: Moment[]): fc.Arbitrary<Told[]> {
  const telling = fc.record({
    moment: fc.constantFrom(...moments),
    how: fc.constantFrom<Told['how'][]>('reported', 'reported', 'reported', 'answered'),
  });
  return fc.array(telling, { maxLength: 20 });
}
