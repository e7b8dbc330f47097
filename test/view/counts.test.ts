import fc from 'fast-check';
import type { CaseRecord } from '../../src/kit/client';
import type { View } from '../../src/view/database';
import { count, countAll, countByDay, foldCounts } from '../../src/view/counts';
import { casesThatFit, type CaseSearch } from '../../src/view/fitting';
import { applyReports, confirmCases } from '../../src/view/keep';
import type { Readable } from '../../src/view/readable';
import { answerOf, approvalBy, ended, record, reportOf } from './records';
import { testView } from './test-view';

let view: View;

beforeAll(async () => {
  view = await testView();
});
afterAll(() => view.close());

const day = 86_400_000;
/** Within three days, of which the second begins at noon two hours east of Greenwich. */
const startedAt = fc.date({ min: new Date(0), max: new Date(3 * day), noInvalidDate: true });

const role = fc.constantFrom('manager', 'operator');

/** What a case is at: it runs, has asked a person by name or one of a role, or has ended. */
const state: fc.Arbitrary<Partial<CaseRecord>> = fc.oneof(
  fc.constant({ status: 'running' as const }),
  fc.constantFrom('E-1', 'E-2').map((person) => approvalBy([person], new Date(4 * day).toISOString())),
  role.map((asked) => {
    const { status, steps, waitingFor } = approvalBy([], new Date(4 * day).toISOString());
    const byRole = <Asked extends object>({ ...one }: Asked) => ({ ...one, role: asked, candidates: undefined });
    return JSON.parse(
      JSON.stringify({ status, steps: steps?.map(byRole), waitingFor: waitingFor?.map(byRole) }),
    ) as Partial<CaseRecord>;
  }),
  fc.constant(ended),
);

interface Told {
  caseId: string;
  process: string;
  startedAt: Date;
  states: Partial<CaseRecord>[];
}

const told: fc.Arbitrary<Told[]> = fc.uniqueArray(
  fc.record({
    caseId: fc.nat({ max: 20 }).map((number) => `case-${number}`),
    process: fc.constantFrom('order', 'salary'),
    startedAt,
    states: fc.array(state, { minLength: 1, maxLength: 4 }),
  }),
  { selector: ({ caseId }) => caseId, maxLength: 12 },
);

const search: fc.Arbitrary<CaseSearch> = fc.record(
  {
    process: fc.constantFrom('order', 'salary', 'none', '\0'),
    status: fc.constantFrom('open' as const, 'completed' as const, 'waiting' as const),
    startedBefore: startedAt.map((date) => date.toISOString().replace('Z', '+02:00')),
  },
  { requiredKeys: [] },
);

const readable: fc.Arbitrary<Readable> = fc.oneof(
  fc.constant('all' as const),
  fc.record({
    keys: fc.subarray(['owner:case-1', 'owner:case-2']),
    processes: fc.subarray(['order', 'salary']),
    person: fc.constantFrom('E-1', 'E-3'),
    roles: fc.uniqueArray(role),
  }),
);

/** What workers report at once, and what cases answer, each time of all cases together. */
async function tell(cases: Told[]): Promise<void> {
  const longest = Math.max(0, ...cases.map(({ states }) => states.length));
  for (let turn = 0; turn < longest; turn += 1) {
    const records = cases.flatMap(({ caseId, process, startedAt: start, states }) => {
      const keys = [`owner:${caseId}`];
      const now = states[turn];
      return now
        ? [record(caseId, { process, keys, startedAt: start.toISOString(), historyLength: 9 + turn, ...now })]
        : [];
    });
    await Promise.all([
      applyReports(view.db, records.map(reportOf)),
      confirmCases(
        view.db,
        records.map((one) => answerOf(one)),
      ),
      ...(turn === 1 ? [foldCounts(view.db), foldCounts(view.db)] : []),
    ]);
  }
}

test('given cases that change, also at once, then they are as many by day as they are one by one', async () => {
  await fc.assert(
    fc.asyncProperty(told, fc.array(fc.tuple(search, readable), { maxLength: 8 }), async (cases, asked) => {
      await view.db.deleteFrom('cases').execute();
      await tell(cases);
      const all = await count(casesThatFit(view.db, {}, 'all'));
      expect(await countAll(view.db)).toEqual(all);
      expect(all.reduce((sum, facet) => sum + facet.count, 0)).toBe(cases.length);
      for (const [one, right] of asked) {
        const expected = await count(casesThatFit(view.db, one, right));
        expect((await countByDay(view.db, one, right)) ?? []).toEqual(expected);
      }
      await foldCounts(view.db);
      expect(await countAll(view.db)).toEqual(all);
    }),
    { numRuns: 30 },
  );
});

test('of what is folded one row is left for each day, process, status and roles asked', async () => {
  await view.db.deleteFrom('cases').execute();
  const waits = approvalBy(['E-1'], new Date(4 * day).toISOString());
  for (const one of [record('one'), record('two'), record('one', { ...waits, historyLength: 12 })]) {
    await confirmCases(view.db, [answerOf(one)]);
  }
  await foldCounts(view.db);

  const rows = await view.db.selectFrom('case_counts').select(['status', 'cases']).orderBy('status').execute();
  expect(rows).toEqual([
    { status: 'running', cases: 1 },
    { status: 'waiting', cases: 1 },
  ]);
});
