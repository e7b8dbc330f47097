import type { CaseReport, Step } from '../../../src/kit/contract';
import { reportTo, type Limits } from '../../../src/kit/worker/reports';
import { until } from '../fixtures/until';
import { putTogether, reportOf } from '../fixtures/reports';

const limits: Limits = { hold: 5, batch: 3, pending: 5, call: 50, pause: 10, flush: 500 };

function step(id: string, status: Step['status']): Step {
  return { id, name: id, kind: 'call', title: id, status, startedAt: '2026-11-22T08:00:00.000Z' };
}

/** Takes as told, call by call, then always. */
function taker(...behaviours: ((reports: CaseReport[]) => Promise<void>)[]) {
  const calls: CaseReport[][] = [];
  const said: string[] = [];
  const say = (message: string) => void said.push(message);
  const pending = reportTo(
    async (reports) => {
      calls.push(reports);
      await behaviours.shift()?.(reports);
    },
    () => ({ warn: say, info: say }),
    limits,
  );
  return { pending, calls, said, taken: () => calls.flat() };
}

const fails = () => Promise.reject(new Error('no database'));
const hangs = () => new Promise<void>(() => undefined);
const caseIds = (reports: CaseReport[]) => reports.map(({ caseId }) => caseId);

test('given many cases, then they are handed on in batches, in order', async () => {
  const { pending, calls } = taker();
  for (const caseId of ['a', 'b', 'c', 'd']) pending.add(reportOf(caseId, 3));

  await pending.flush();

  expect(calls.map(caseIds)).toEqual([['a', 'b', 'c'], ['d']]);
});

test('given several reports of one run, then they become one that says the same', async () => {
  const reports = [
    reportOf('a', 3, { changed: [step('find', 'open')] }),
    reportOf('a', 7, {
      since: 3,
      changed: [step('find', 'done'), step('book', 'open')],
    }),
    reportOf('a', 9, { since: 7, changed: [step('book', 'done')] }),
  ];
  const { pending, taken } = taker();
  for (const one of reports) pending.add(one);

  await pending.flush();

  expect(taken()).toHaveLength(1);
  expect(putTogether(taken())).toEqual(putTogether(reports));
});

test('given a report that tells all steps, then what was told before it is not kept', async () => {
  const { pending, taken } = taker();
  pending.add(reportOf('a', 9, { since: 7, changed: [step('book', 'done')] }));
  const all = reportOf('a', 12, { changed: [step('find', 'done')] });
  pending.add(all);

  await pending.flush();

  expect(taken()).toEqual([all]);
});

test.each([
  ['fail', fails],
  ['hang', hangs],
])(
  'given calls that %s, then what they had is handed on again with what came since, and it is said once',
  async (_, behaviour) => {
    const { pending, calls, said } = taker(behaviour, behaviour);
    pending.add(reportOf('a', 3));
    pending.add(reportOf('b', 3));
    await until(
      () => calls.length,
      (count) => count > 0,
    );
    pending.add(reportOf('a', 7, { since: 3 }));

    await until(
      () => calls.length,
      (count) => count === 3,
    );
    await pending.flush();

    expect(calls[2]?.map(({ caseId, historyLength }) => [caseId, historyLength]).sort()).toEqual([
      ['a', 7],
      ['b', 3],
    ]);
    expect(said).toEqual([
      'Reports of cases were not taken; they are kept and tried again',
      'Reports of cases are taken again',
    ]);
  },
);

test('given nothing is taken, then the newest are kept, and adding neither waits nor throws', async () => {
  let database: 'down' | 'up' = 'down';
  const taken: CaseReport[] = [];
  const pending = reportTo(
    async (reports) => {
      if (database === 'down') return fails();
      taken.push(...reports);
    },
    () => ({ warn: () => undefined, info: () => undefined }),
    limits,
  );
  for (let number = 1; number <= 9; number += 1) pending.add(reportOf(`case ${number}`, 3));
  await pending.flush();
  database = 'up';

  await until(
    () => taken.length,
    (count) => count === 5,
  );

  expect(caseIds(taken).sort()).toEqual(['case 5', 'case 6', 'case 7', 'case 8', 'case 9']);
});

test('given a call that hangs while the worker ends, then its end does not wait for it', async () => {
  const { pending, said } = taker(...Array.from({ length: 100 }, () => hangs));
  pending.add(reportOf('a', 3));

  await pending.flush();

  expect(said).toContain('Reports of cases were not taken before the worker ended');
});
