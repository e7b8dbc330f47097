import fc from 'fast-check';
import type { Step } from '../../src/kit/client';
import {
  newest,
  withAnswer,
  withoutServer,
  withReport,
  type Confirmed,
  type Knowledge,
} from '../../src/view/knowledge';
import { lifeOf, tellings, type Moment, type Told } from './lives';

const told = lifeOf('salary-E-1001-2026-11').chain((moments) =>
  fc.record({ moments: fc.constant(moments), tellings: tellings(moments) }),
);

/** Later than whatever a case answered. */
const heard = '2020-11-22T09:00:00.000Z';

function learn(known: Knowledge, { moment, how }: Told): Knowledge {
  return how === 'answered' ? withAnswer(known, moment.answer).known : withReport(known, moment.report, heard);
}

/** Where in its life the case is as far as is known. */
function place(moments: Moment[], known: Knowledge): number {
  const { runId, historyLength } = newest(known).record;
  return moments.findIndex(({ report }) => report.runId === runId && report.historyLength === historyLength);
}

test('whatever was told before, then the answer to the last question is what is known', () => {
  fc.assert(
    fc.property(told, ({ moments, tellings }) => {
      const last = moments.at(-1) as Moment;

      const known = [...tellings, { moment: last, how: 'answered' as const }].reduce(learn, {});

      expect(known).toEqual({ confirmed: last.answer });
    }),
  );
});

test('whatever is told, then what is known never goes back', () => {
  fc.assert(
    fc.property(told, ({ moments, tellings }) => {
      let known: Knowledge = {};
      let before = -1;
      for (const telling of tellings) {
        known = learn(known, telling);
        expect(place(moments, known)).toBeGreaterThanOrEqual(before);
        before = place(moments, known);
      }
    }),
  );
});

test('whatever was lost, doubled or reordered, then what has no gaps is as it was', () => {
  fc.assert(
    fc.property(told, ({ moments, tellings }) => {
      fc.pre(tellings.length > 0);
      const known = tellings.reduce(learn, {});

      const { reported } = known;
      if (reported && !reported.gaps) expect(reported.record).toEqual(moments[place(moments, known)]?.answer.record);
    }),
  );
});

test('given every report in order, then what is known is the case, without gaps', () => {
  fc.assert(
    fc.property(lifeOf('salary-E-1001-2026-11'), (moments) => {
      const { reported } = moments.map((moment) => ({ moment, how: 'reported' as const })).reduce(learn, {});

      expect(reported?.record).toEqual(moments.at(-1)?.answer.record);
      expect(reported?.gaps).toBeUndefined();
    }),
  );
});

test('given the case has answered, then a report of the same moment or one before it is no news', () => {
  fc.assert(
    fc.property(told, fc.nat(), ({ moments }, number) => {
      const now = number % moments.length;
      const known = learn({}, { moment: moments[now] as Moment, how: 'answered' });

      for (const moment of moments.slice(0, now + 1)) expect(learn(known, { moment, how: 'reported' })).toBe(known);
    }),
  );
});

test('given a run has ended that nobody heard of, then what was reported of it is over', () => {
  fc.assert(
    fc.property(lifeOf('salary-E-1001-2026-11'), (moments) => {
      const [{ answer, report }] = moments as [Moment];
      const known = withReport({}, { ...report, historyLength: report.historyLength + 3 }, answer.confirmedAt);
      const terminated = {
        ...answer,
        record: { ...answer.record, status: 'terminated' as const, endedAt: answer.confirmedAt },
      };

      expect(withAnswer(known, terminated).known).toEqual({ confirmed: terminated });
    }),
  );
});

test('given a report of what the server did not accept, when the case is asked after it, then its answer counts', () => {
  const [{ report, answer }] = fc.sample(lifeOf('salary-E-1001-2026-11'), 1)[0] as [Moment];
  const known = withReport({ confirmed: answer }, { ...report, historyLength: 99, status: 'completed' }, heard);
  const later = { ...answer, confirmedAt: '2020-11-22T09:00:01.000Z' };

  expect(withAnswer(known, answer).known.reported).toBe(known.reported);
  expect(withAnswer(known, later)).toEqual({ known: { confirmed: later }, corrects: true });
});

test('given an earlier moment is answered in the millisecond of a report, then the report counts', () => {
  const [life] = fc.sample(
    lifeOf('salary').filter((moments) => moments.length > 1 && moments.every(({ report }) => report.runId === 'run 0')),
    { seed: 7, numRuns: 1 },
  ) as [Moment[]];
  const [first, second] = life as [Moment, Moment];
  const known = withReport({}, { ...second.report, changed: second.answer.record.steps }, heard);

  const { known: then } = withAnswer(known, { ...first.answer, confirmedAt: heard });

  expect(newest(then).record.historyLength).toBe(second.report.historyLength);
});

test('given the server knows an open case no more, then what is known stays, and nothing in it is open', () => {
  const [{ report, answer }] = fc.sample(lifeOf('salary-E-1001-2026-11'), 1)[0] as [Moment];
  const step = { ...answer.record.steps[0], status: 'open' } as Step;
  const open = withReport({ confirmed: answer }, { ...report, historyLength: 99, changed: [step] }, heard);

  const { confirmed, reported } = withoutServer(open, '2020-11-22T10:00:00.000Z');

  expect(confirmed).toMatchObject({ partial: true, record: { status: 'terminated', historyLength: 99 } });
  expect(confirmed?.record.steps[0]).toEqual({ ...step, status: 'cancelled', endedAt: '2020-11-22T10:00:00.000Z' });
  expect(reported).toBeUndefined();
});

test('given the server knows a case no more that has ended, then it stays as it was confirmed', () => {
  const [{ answer }] = fc.sample(lifeOf('salary-E-1001-2026-11'), 1)[0] as [Moment];
  const ended: Confirmed = { ...answer, record: { ...answer.record, status: 'completed', endedAt: heard } };

  const { confirmed } = withoutServer({ confirmed: ended }, '2020-11-22T10:00:00.000Z');

  expect(confirmed?.record).toEqual(ended.record);
  expect(confirmed?.partial).toBeUndefined();
});
