import fc from 'fast-check';
import type { Step } from '../../src/kit/client';
import type { View } from '../../src/view/database';
import { keepApart } from '../../src/view/apart';
import { askWhereMoreHappened, casesToConfirm } from '../../src/view/due';
import { applyReports, confirmCase, keepListed, writtenLately, type WrittenLately } from '../../src/view/keep';
import { withAnswer, withReport, newest, type Knowledge } from '../../src/view/knowledge';
import { readCases } from '../../src/view/read';
import { sql } from 'kysely';
import { until } from '../kit/fixtures/until';
import { answerOf, at, call, ended, record, reportOf } from './records';
import { testView } from './test-view';
import { lifeOf, tellings, type Moment, type Told } from './lives';

let view: View;

beforeAll(async () => {
  view = await testView();
});
afterAll(() => view.close());

const lives = fc
  .tuple(...['one', 'two', 'three'].map(lifeOf))
  .chain((moments) => fc.record({ moments: fc.constant(moments), told: tellings(moments.flat()) }));

/** Whether these are told in one go, as far as they are reports. */
async function tell(told: Told[], lately?: WrittenLately): Promise<void> {
  let batch: Told[] = [];
  const report = async () => {
    await applyReports(
      view.db,
      batch.map(({ moment }) => moment.report),
      lately,
    );
    batch = [];
  };
  for (const one of told) {
    if (one.how === 'reported') batch.push(one);
    else {
      await report();
      await confirmCase(view.db, one.moment.answer);
    }
  }
  await report();
}

function learn(known: Knowledge, { moment, how }: Told): Knowledge {
  return how === 'answered'
    ? withAnswer(known, moment.answer).known
    : withReport(known, moment.report, new Date().toISOString());
}

test.each([
  { writer: 'reads cases before it writes them', lately: undefined },
  { writer: 'remembers what it wrote, though that is gone or changed', lately: writtenLately() },
])(
  'given reports and answers of several cases, and who writes $writer, then each is kept as if it were told alone',
  async ({ lately }) => {
    await fc.assert(
      fc.asyncProperty(lives, async ({ told }) => {
        await view.db.deleteFrom('cases').execute();
        await tell(told, lately);

        for (const caseId of new Set(told.map(({ moment }) => moment.report.caseId))) {
          const own = told.filter(({ moment }) => moment.report.caseId === caseId);
          const expected = newest(own.reduce(learn, {}));
          const [kept] = await readCases(view.db, caseId);
          expect(kept?.record).toEqual(expected.record);
          expect(kept?.confirmed).toBe('confirmedAt' in expected);
          expect(await searchedBy(caseId)).toEqual({
            keys: expected.record.keys,
            steps: expected.record.steps
              .filter(({ status }) => ['open', 'parked'].includes(status))
              .map(({ id }) => id)
              .sort(),
          });
        }
      }),
      { numRuns: 60 },
    );
  },
);

test('of cases that have just begun, and of those that were written lately, nothing is read before', async () => {
  let queries = 0;
  const db = view.db.withPlugin({
    transformQuery({ node }) {
      queries += 1;
      return node;
    },
    transformResult: ({ result }) => Promise.resolve(result),
  });
  const lately = writtenLately();
  const begun = record('begun', { steps: [call('first')], historyLength: 3 });
  const goesOn = { ...begun, steps: [call('first', 'done'), call('second')], historyLength: 9 };

  await applyReports(db, [reportOf(begun)], lately);
  expect(queries).toBe(1);
  const { changed, ...rest } = reportOf(goesOn);
  await applyReports(db, [{ ...rest, since: 3, changed }], lately);
  expect(queries).toBe(2);

  const [kept] = await readCases(view.db, 'begun');
  expect(kept).toMatchObject({ record: goesOn, partial: false });
  expect(Math.abs(Date.parse(kept?.asOf ?? '') - Date.now())).toBeLessThan(60_000);
});

async function searchedBy(caseId: string) {
  const keys = await view.db.selectFrom('keys').select('key').where('case_id', '=', caseId).execute();
  const steps = await view.db.selectFrom('open_steps').select('step_id').where('case_id', '=', caseId).execute();
  return { keys: keys.map(({ key }) => key), steps: steps.map((step) => step.step_id).sort() };
}

const [someLife] = fc.sample(lifeOf('some'), { seed: 7, numRuns: 1 }) as [Moment[]];
const [first] = someLife as [Moment];
const momentOf = (caseId: string, more: object = {}): Moment => ({
  report: { ...first.report, caseId, ...more },
  answer: { ...first.answer, record: { ...first.answer.record, caseId, ...more } },
});

test('given the server lists a case, then what its worker told stays, unless it is of an earlier run', async () => {
  const told = record('listed', { steps: [call('first')], historyLength: 5, startedAt: at(8) });
  await applyReports(view.db, [reportOf(told)]);
  const { steps: _, waitingFor: __, incidents: ___, historyLength: ____, ...server } = told;

  await keepListed(view.db, [{ ...server, taskQueue: 'any' }]);
  expect(await readCases(view.db, 'listed')).toMatchObject([{ record: told, confirmed: false }]);

  await keepListed(view.db, [{ ...server, runId: 'the next', startedAt: at(9), taskQueue: 'any' }]);
  expect(await readCases(view.db, 'listed')).toMatchObject([{ record: { runId: 'the next', steps: [] } }]);
});

test('what was written lately is not kept of cases that have ended, and of others for seconds', async () => {
  const lately = writtenLately();
  await applyReports(view.db, [reportOf(record('ends', ended)), reportOf(record('goes on'))], lately);
  expect([...lately.keys()]).toEqual(['goes on']);

  await until(
    () => lately.size,
    (size) => size === 0,
  );
});

test('given something happened of which nothing was told, then the case is asked as soon as the server says so', async () => {
  const due = async () => (await casesToConfirm(view.db, 1_000)).map(({ caseId }) => caseId);
  await view.db.deleteFrom('cases').execute();
  await confirmCase(view.db, answerOf(record('same', { historyLength: 9 })));
  await confirmCase(view.db, answerOf(record('more', { historyLength: 9 })));
  expect(await due()).toEqual([]);

  const seen = [
    { caseId: 'same', historyLength: 9 },
    { caseId: 'more', historyLength: 12 },
  ];
  await askWhereMoreHappened(view.db, seen);

  expect(await due()).toEqual(['more']);
});

test('given many of which one cannot be kept, then the others are kept in a few goes', async () => {
  const sizes: number[] = [];
  const left: number[] = [];
  await keepApart(
    Array.from({ length: 500 }, (_, n) => n),
    (some) => {
      sizes.push(some.length);
      return some.includes(77) ? Promise.reject(new Error('no')) : Promise.resolve();
    },
    (one) => void left.push(one),
  );

  expect(left).toEqual([77]);
  expect(sizes.length).toBeLessThan(25);
});

test('given several writers of the same new cases, then none waits for another for ever, and nothing is lost', async () => {
  const caseIds = Array.from({ length: 40 }, (_, number) => `at once ${number}`);
  const batches = Array.from({ length: 6 }, (_, writer) => (writer % 2 ? caseIds.toReversed() : caseIds));

  await Promise.all(
    batches.map((batch) =>
      applyReports(
        view.db,
        batch.map((caseId) => momentOf(caseId).report),
      ),
    ),
  );

  const kept = await Promise.all(caseIds.map((caseId) => readCases(view.db, caseId)));
  expect(kept.flat().map(({ record }) => record.caseId)).toEqual(caseIds);
});

test('given a report and an older answer of the same cases at once, then both are kept, and the rows are of the report', async () => {
  const caseIds = Array.from({ length: 40 }, (_, number) => `both ${number}`);
  const before = (caseId: string) => record(caseId, { keys: ['of:before'], steps: [call('first')] });
  const after = (caseId: string) =>
    record(caseId, { keys: ['of:after'], steps: [call('first', 'done'), call('second')], historyLength: 20 });
  for (const caseId of caseIds) await confirmCase(view.db, answerOf(before(caseId), at(10)));

  await Promise.all([
    applyReports(view.db, caseIds.map(after).map(reportOf)),
    ...caseIds.map((caseId) => confirmCase(view.db, answerOf(before(caseId), at(11)))),
    applyReports(view.db, caseIds.toReversed().map(after).map(reportOf)),
  ]);

  const { rows } = await sql<{ knowledge: Knowledge }>`
    SELECT knowledge FROM cases WHERE case_id = any(${caseIds}::text[])`.execute(view.db);
  expect(rows.map(({ knowledge }) => knowledge.confirmed?.confirmedAt)).toEqual(caseIds.map(() => at(11)));
  expect(rows.map(({ knowledge }) => knowledge.reported?.record.historyLength)).toEqual(caseIds.map(() => 20));
  for (const caseId of caseIds) expect(await searchedBy(caseId)).toEqual({ keys: ['of:after'], steps: ['second/1'] });
});

test('given characters that Postgres does not take, then the case is kept without them', async () => {
  const { report } = momentOf('odd', { outcome: 'a\0b \ud800 c \\u0000 d' });

  await applyReports(view.db, [report]);

  const [kept] = await readCases(view.db, 'odd');
  expect(kept?.record.outcome).toBe('a\ufffdb \ufffd c \\u0000 d');
  const [step] = first.answer.record.steps as [Step];
  const endedAt = '2026-11-22T10:00:00.000Z';
  const { answer } = momentOf('odd', { status: 'completed', endedAt, steps: [{ ...step, id: 'a\0b/1' }] });
  await confirmCase(view.db, answer);
  expect((await readCases(view.db, 'odd'))[0]?.record.steps[0]?.id).toBe('a\ufffdb/1');
});

test('given a case whose id Postgres does not take, then the others are kept', async () => {
  await applyReports(view.db, [momentOf('no\0id').report, momentOf('beside').report]);
  await confirmCase(view.db, momentOf('no\0id').answer);

  expect(await readCases(view.db, 'beside')).toHaveLength(1);
});

test('a case is to be asked at once when reports of it were missed, and given to nobody else then', async () => {
  await view.db.deleteFrom('cases').execute();
  await applyReports(view.db, [
    momentOf('whole').report,
    momentOf('with gaps', { since: 99, historyLength: 102 }).report,
  ]);

  expect(await casesToConfirm(view.db, 10)).toMatchObject([{ caseId: 'with gaps', anew: false }]);
  expect(await casesToConfirm(view.db, 10)).toEqual([]);
});

test('given an answer that differs from what was reported of the same moment, then that is counted', async () => {
  const { report, answer } = momentOf('wrongly reported');
  await applyReports(view.db, [{ ...report, outcome: 'paid' }]);
  await confirmCase(view.db, answer);
  await applyReports(view.db, [momentOf('rightly reported').report]);
  await confirmCase(view.db, momentOf('rightly reported').answer);

  const rows = await view.db
    .selectFrom('cases')
    .select(['case_id', 'corrections'])
    .where('case_id', 'like', '%reported')
    .orderBy('case_id')
    .execute();
  expect(rows).toEqual([
    { case_id: 'rightly reported', corrections: 0 },
    { case_id: 'wrongly reported', corrections: 1 },
  ]);
});
