import fc from 'fast-check';
import type { CaseRecord, Step } from '../../src/kit/client';
import type { View } from '../../src/view/database';
import { keepDurations, waitsOf } from '../../src/view/durations';
import { confirmCase } from '../../src/view/keep';
import { timeLeft, usualWaits, type Estimate, type TimeLeft } from '../../src/view/time-left';
import { testView } from './test-view';

let view: View;

beforeAll(async () => {
  view = await testView();
});
afterAll(() => view.close());

const began = Date.UTC(2026, 10, 22, 8);
/** So many seconds after cases began. */
const at = (seconds: number) => new Date(began + seconds * 1_000).toISOString();

interface Run {
  /** In seconds; one that does not say how long it lasts stays open. */
  steps: { name: string; kind: Step['kind']; from: number; lasts?: number | undefined }[];
  /** How long the case goes on after its last step, in seconds. */
  longer: number;
  status: CaseRecord['status'];
  process: string;
}

const run: fc.Arbitrary<Run> = fc.record({
  steps: fc.uniqueArray(
    fc.record({
      name: fc.constantFrom('check', 'approve', 'book'),
      kind: fc.constantFrom<Step['kind'][]>('task', 'call', 'timer'),
      from: fc.nat({ max: 40 }),
      lasts: fc.option(fc.nat({ max: 40 }), { nil: undefined }),
    }),
    { selector: ({ name }) => name, maxLength: 3 },
  ),
  longer: fc.nat({ max: 20 }),
  status: fc.constantFrom<Run['status'][]>('completed', 'completed', 'completed', 'failed'),
  process: fc.constantFrom('salary', 'salary', 'salary', 'order'),
});

function finished({ steps, longer, status, process }: Run, id: number): CaseRecord {
  const end = Math.max(0, ...steps.map(({ from, lasts = 0 }) => from + lasts)) + longer;
  return {
    process,
    caseId: `case ${id}`,
    runId: `run ${id}`,
    restart: 0,
    keys: [],
    status,
    steps: steps.map(({ name, kind, from, lasts }) => ({
      id: `${name}/1`,
      name,
      kind,
      title: name,
      status: lasts === undefined ? 'open' : 'done',
      startedAt: at(from),
      ...(lasts !== undefined && { endedAt: at(from + lasts) }),
    })),
    waitingFor: [],
    incidents: [],
    startedAt: at(0),
    endedAt: at(end),
    historyLength: 9,
  };
}

/** The same case while all its steps are open. */
function stillOpen({ endedAt: _, ...record }: CaseRecord): CaseRecord {
  return { ...record, status: 'running', steps: record.steps.map((step) => ({ ...step, status: 'open' })) };
}

async function keep(records: CaseRecord[]): Promise<void> {
  await view.db.deleteFrom('cases').execute();
  for (const record of records) {
    await confirmCase(view.db, { record, runStartedAt: record.startedAt, confirmedAt: at(99) });
  }
  await view.db.transaction().execute((trx) => keepDurations(trx, records));
}

/** Quantiles by nearest rank, when at least five are known. */
function estimateOf(left: number[]): Estimate | undefined {
  const sorted = left.toSorted((a, b) => a - b);
  const quantile = (part: number) => sorted[Math.ceil(part * sorted.length) - 1]!;
  return sorted.length < 5 ? undefined : { runs: sorted.length, p50: quantile(0.5), p90: quantile(0.9) };
}

/** The time left, straight from the records. */
function expected(records: CaseRecord[], open: CaseRecord, now: number): TimeLeft {
  const states = open.steps
    .toSorted((a, b) => b.startedAt.localeCompare(a.startedAt) || b.id.localeCompare(a.id))
    .concat({ id: '', startedAt: open.startedAt } as Step)
    .map(({ id, startedAt }) => {
      const elapsed = Math.max(0, now - Date.parse(startedAt));
      const earlier = records
        .filter(({ process, status }) => process === open.process && status === 'completed')
        .flatMap(({ steps, startedAt: from, endedAt: end = '' }) => {
          const same = [...steps, { id: '', startedAt: from, endedAt: end }].find((one) => one.id === id);
          const since = Date.parse(same?.startedAt ?? '');
          const lasted = Date.parse(same?.endedAt ?? end) - since;
          return lasted >= elapsed ? [{ step: lasted - elapsed, whole: Date.parse(end) - since - elapsed }] : [];
        });
      const [step, whole] = [earlier.map((one) => one.step), earlier.map((one) => one.whole)].map(estimateOf);
      return { id, step, whole };
    });
  const ofCase = states.find(({ whole }) => whole)?.whole;
  const ofSteps = states.flatMap(({ id, step }) => (id !== '' && step ? [[id, step] as const] : []));
  return { ...(ofCase && { case: ofCase }), steps: Object.fromEntries(ofSteps) };
}

test('whatever earlier runs took, then the time left is quantiles of what they took from the same state on', async () => {
  const runs = fc.array(run, { minLength: 4, maxLength: 14 });
  await fc.assert(
    fc.asyncProperty(runs, run, fc.nat({ max: 50 }), async (earlier, one, seconds) => {
      const records = earlier.map(finished);
      await keep(records);
      const open = stillOpen(finished(one, 99));
      const now = new Date(at(seconds));

      expect(await timeLeft(view.db, open, now)).toEqual(expected(records, open, now.getTime()));
    }),
    { numRuns: 40 },
  );
});

const sameRun = (more: Partial<Run> = {}): Run => ({
  steps: [],
  longer: 10,
  status: 'completed',
  process: 'salary',
  ...more,
});

test('given a case has ended, or few runs are known, then nothing is said', async () => {
  const records = [1, 2, 3, 4].map((id) => finished(sameRun(), id));
  await keep(records);

  expect(await timeLeft(view.db, stillOpen(records[0]!), new Date(at(0)))).toEqual({ steps: {} });
  expect(await timeLeft(view.db, records[0]!, new Date(at(0)))).toEqual({ steps: {} });
  expect(await usualWaits(view.db, 'salary')).toBeUndefined();
});

test('given a case is kept again, in which less went well, then it counts as it is known now', async () => {
  const records = [1, 2, 3, 4, 5].map((id) => finished(sameRun(), id));
  await keep(records);
  const open = stillOpen(records[0]!);
  const before = await timeLeft(view.db, open, new Date(at(0)));

  await view.db.transaction().execute((trx) => keepDurations(trx, [finished(sameRun({ status: 'failed' }), 5)]));

  expect(before).toEqual({ case: { runs: 5, p50: 10_000, p90: 10_000 }, steps: {} });
  expect(await timeLeft(view.db, open, new Date(at(0)))).toEqual({ steps: {} });
});

test('all of the time of a case goes into something, and no more', () => {
  fc.assert(
    fc.property(run, (one) => {
      const record = finished(one, 1);
      const { people, retries, systems, queue } = waitsOf(record);

      expect(people + retries + systems + queue).toBe(Date.parse(record.endedAt!) - began);
    }),
  );
});

test('given people and systems at once, then the time went into people; a call tried again counts as such', async () => {
  const record = finished(
    sameRun({
      steps: [
        { name: 'check', kind: 'call', from: 1, lasts: 5 },
        { name: 'approve', kind: 'task', from: 4, lasts: 10 },
        { name: 'book', kind: 'call', from: 15, lasts: 8 },
        { name: 'ripen', kind: 'timer', from: 23, lasts: 3 },
      ],
      longer: 1,
    }),
    1,
  );
  const again = { action: 'retry', by: 'olga', reason: 'mended', at: at(20) } as const;
  const tried = record.steps.map((step) => (step.name === 'book' ? { ...step, resolutions: [again] } : step));
  const waits = { people: 10_000, systems: 8_000, retries: 3_000, queue: 6_000 };

  expect(waitsOf({ ...record, steps: tried })).toEqual(waits);
  await keep([1, 2, 3, 4, 5].map((id) => ({ ...record, caseId: `case ${id}`, steps: tried })));
  expect(await usualWaits(view.db, 'salary')).toEqual({ ...waits, runs: 5 });
});
