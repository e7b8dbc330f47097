import type { CaseRecord } from '../../../src/kit/contract';

/** The steps of a case for people, with times in milliseconds from its start. */
export function traceOf({ steps, status, cancellation, startedAt }: CaseRecord): string {
  const from = Date.parse(startedAt);
  const since = (time: string | undefined) => (time === undefined ? '' : String(Date.parse(time) - from));
  const lines = steps.map(
    (step) => `  ${step.id} (${step.kind}) ${step.status} ${since(step.startedAt)}-${since(step.endedAt)}`,
  );
  const asked = cancellation === undefined ? '' : ', cancellation was asked for';
  return [...lines, `  ${status}${asked}`].join('\n');
}
