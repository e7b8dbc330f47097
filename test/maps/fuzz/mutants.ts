import type { CaseRecord, Step } from '../../../src/kit/contract';
import type { Random } from '../replay/random';

/** The case as if a step before its last had not been. */
export function withoutStep(record: CaseRecord, random: Random): CaseRecord | undefined {
  const { steps } = record;
  if (steps.length < 2) return undefined;
  return { ...record, steps: steps.toSpliced(random.below(steps.length - 1), 1) };
}

/** The case with a call that its process does not know. */
export function foreignStep(record: CaseRecord, random: Random): CaseRecord | undefined {
  const { steps } = record;
  const at = random.below(steps.length + 1);
  const time = steps[at]?.startedAt ?? record.endedAt ?? record.startedAt;
  const foreign: Step = {
    id: 'foreign/1',
    name: 'foreign',
    kind: 'call',
    title: 'Foreign',
    status: 'done',
    startedAt: time,
    endedAt: time,
  };
  return { ...record, steps: steps.toSpliced(at, 0, foreign) };
}
