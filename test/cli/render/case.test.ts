import picocolors from 'picocolors';
import type { Whereabouts } from '../../../src/cli/cases';
import { renderSteps, renderWhereabouts, waitsFor } from '../../../src/cli/render/case';
import type { Style } from '../../../src/cli/render/style';
import type { OpenTask, Step } from '../../../src/kit/contract';

const style: Style = { now: new Date('2026-11-21T12:00:00Z'), colors: picocolors.createColors(false), timeZone: 'UTC' };
const temporal = { connection: { address: '127.0.0.1:7233' }, namespace: 'default', ui: 'http://127.0.0.1:8233' };

const found: Step = {
  id: 'accounting.findEmployee/1',
  name: 'accounting.findEmployee',
  kind: 'call',
  title: 'Find employee',
  status: 'done',
  startedAt: '2026-11-21T10:00:00.000Z',
  endedAt: '2026-11-21T10:00:02.000Z',
  system: 'accounting',
  result: '{"status":"found"}',
};
const approval: OpenTask = {
  id: 'approveBonus/1',
  name: 'approveBonus',
  title: 'Approve bonus',
  role: 'manager',
  candidates: ['E-1002'],
  excluded: ['E-1003'],
  since: '2026-11-21T10:00:00.000Z',
  dueAt: '2026-11-24T10:00:00.000Z',
  escalated: false,
  decisions: ['approve', 'reject'],
  shows: { employee: 'E-1003', bonus: { amountInCents: 123_456, currency: 'EUR' } },
};

function waiting(changes: Partial<Whereabouts & { answered: true }> = {}): Whereabouts {
  return {
    answered: true,
    process: 'salary',
    caseId: 'salary-E-1003-2026-11',
    runId: 'r',
    restart: 0,
    keys: ['employee:E-1003', 'month:2026-11'],
    status: 'waiting',
    steps: [found],
    waitingFor: [approval],
    incidents: [],
    startedAt: '2026-11-21T09:59:00.000Z',
    historyLength: 12,
    retrying: [],
    ...changes,
  };
}

describe('a case that waits for a person', () => {
  const text = renderWhereabouts(waiting(), temporal, style);

  test('says who it waits for, since when, until when, and on what data', () => {
    expect(text).toContain(
      'waits for: Approve bonus, by manager E-1002, since 2 h (2026-11-21 10:00:00), due in 2 d 22 h (2026-11-24 10:00:00)',
    );
    expect(text).toContain('not by: E-1003');
    expect(text).toContain('bonus: 1,234.56 EUR');
  });

  test('says what to type next', () => {
    expect(text).toContain('next: npx whereabouts decide salary-E-1003-2026-11 approveBonus approve --by E-1002');
  });

  test('asked a second time, is told by the id of the task, which its name no longer says', () => {
    const again = renderWhereabouts(waiting({ waitingFor: [{ ...approval, id: 'approveBonus/2' }] }), temporal, style);
    expect(again).toContain('task: approveBonus/2; decisions: approve, reject');
    expect(again).toContain('decide salary-E-1003-2026-11 approveBonus/2 approve --by E-1002');
  });

  test('to enter data, says what the data may look like', () => {
    const entry = { ...approval, decisions: ['submit'], form: { examples: [{ hours: 160 }] } };
    expect(renderWhereabouts(waiting({ waitingFor: [entry] }), temporal, style)).toContain(
      'decisions: submit\n    data.json, for example: {"hours":160}\n',
    );
  });

  test('points to the Temporal UI', () => {
    expect(text).toContain('http://127.0.0.1:8233/namespaces/default/workflows/salary-E-1003-2026-11');
  });
});

test('an incident comes first, with its error and how to resolve it', () => {
  const text = renderWhereabouts(
    waiting({
      status: 'incident',
      incidents: [
        {
          step: 'bonus.calculateBonus/1',
          name: 'bonus.calculateBonus',
          title: 'Calculate bonus',
          error: { type: 'rule-broken', message: 'no rule for 2026-Q3' },
          since: '2026-11-21T11:59:30.000Z',
          retries: 1,
        },
      ],
    }),
    temporal,
    style,
  );
  expect(text).toContain(
    'failed: Calculate bonus (bonus.calculateBonus/1), since 30 s (2026-11-21 11:59:30), tried again once',
  );
  expect(text).toContain('rule-broken: no rule for 2026-Q3');
  expect(text).toContain(
    'next: npx whereabouts resolve salary-E-1003-2026-11 bonus.calculateBonus/1 retry --reason why --by you',
  );
});

test('calls that are being tried again are told with their last error', () => {
  const retrying = [{ activity: 'bonus.calculateBonus', attempt: 3, lastError: 'answered 503' }];
  expect(renderWhereabouts(waiting({ retrying }), temporal, style)).toContain(
    'tried again: bonus.calculateBonus, attempt 3, because answered 503',
  );
});

test('a case that has ended well says its outcome and asks for nothing', () => {
  const ended = waiting({ status: 'completed', outcome: 'paid', waitingFor: [], endedAt: '2026-11-21T11:00:00.000Z' });
  const text = renderWhereabouts(ended, temporal, style);
  expect(text).toContain('completed: paid');
  expect(text).not.toContain('next:');
});

test.each([
  ['no answer', 'no worker answers on the task queue whereabouts'],
  ['code fails', 'its workflow code fails; the Temporal UI shows the error'],
  ['not recorded', 'its worker runs without the plugin'],
] as const)('a case that does not answer (%s) is shown with what the server knows', (why, words) => {
  const known = {
    ...{ process: 'salary', caseId: 'salary-E-1003-2026-11', runId: 'r', keys: [], restart: 0, retrying: [] },
    ...{
      status: 'running' as const,
      taskQueue: 'whereabouts',
      startedAt: '2026-11-21T09:59:00.000Z',
      historyLength: 2,
    },
  };
  const text = renderWhereabouts({ answered: false, why, ...known }, temporal, style);
  expect(text).toContain('salary-E-1003-2026-11  running');
  expect(text).not.toContain('keys');
  expect(text).toContain(
    `The case does not answer, so its steps are not known and the status is the server's: ${words}.`,
  );
});

test('steps stand in aligned columns', () => {
  const second: Step = { ...found, id: 'payroll.bookSalary/1', status: 'parked', error: { type: 'T', message: 'm' } };
  const [first, next] = renderSteps([found, second], style).split('\n');
  expect(first).toBe('✓ 2026-11-21 10:00:00  accounting.findEmployee/1  done    2 s  status: found');
  expect(next).toBe('! 2026-11-21 10:00:00  payroll.bookSalary/1       parked  2 s  T: m');
});

test('an overdue, escalated task says so', () => {
  expect(waitsFor({ ...approval, dueAt: '2026-11-21T11:55:00.000Z', escalated: true }, style)).toMatch(
    /overdue by 5 min \(2026-11-21 11:55:00\), escalated$/,
  );
});

test('text from outside cannot steer the terminal', () => {
  const text = renderWhereabouts(
    waiting({ waitingFor: [{ ...approval, title: 'Approve\u001b[2J bonus\u202e\u0007' }] }),
    temporal,
    style,
  );
  for (const control of ['\u001b', '\u0007', '\u202e']) expect(text).not.toContain(control);
  expect(text).toContain('Approve bonus');
});

describe('a case as the central view knows it', () => {
  const { answered: _, retrying: __, ...said } = waiting() as Whereabouts & { answered: true };
  const record = { ...said, watch: [] };
  const asOf = '2026-11-21T11:59:58.000Z';

  test('is told with how old that is when only its worker said so', () => {
    const text = renderWhereabouts({ ...record, asOf, confirmed: false, partial: false }, undefined, style);
    expect(text).toMatch(/^as of +2026-11-21 11:59:58, as its worker told$/m);
    expect(text).not.toContain('Temporal UI');
  });

  test('is told with how old that is when steps may be missing', () => {
    const text = renderWhereabouts({ ...record, asOf, confirmed: true, partial: true }, undefined, style);
    expect(text).toMatch(/^as of +2026-11-21 11:59:58; there may be steps that are not known$/m);
  });

  test('is told with what the watch found, when it was set back, and when it will probably end', () => {
    const known = {
      ...said,
      ...{ asOf: '2026-11-21T12:00:00.000Z', confirmed: true, partial: false, resetAt: '2026-11-21T11:00:00.000Z' },
      watch: [{ kind: 'failing code' as const, error: { type: 'TypeError', message: 'x' }, attempts: 4, since: asOf }],
      forecast: {
        end: { runs: 214, p50: '2026-11-21T14:00:00.000Z', p90: '2026-11-24T12:00:00.000Z' },
        steps: { 'approveBonus/1': { runs: 200, p50: '2026-11-21T13:00:00.000Z', p90: '2026-11-23T12:00:00.000Z' } },
        usual: { runs: 214, people: 7_200_000, systems: 3_000, retries: 0, queue: 60_000 },
      },
    };
    const text = renderWhereabouts(known, undefined, style);
    expect(text).toMatch(/^failing code, since 2 s \(2026-11-21 11:59:58\), attempt 4\n {4}TypeError: x$/m);
    expect(text).toMatch(/^reset +1 h ago \(2026-11-21 11:00:00\)$/m);
    expect(text).toMatch(
      /^left +2 h, as half of 214 earlier runs; nine in ten 3 d\n +approveBonus\/1: 1 h, as half of 200 earlier runs; nine in ten 2 d$/m,
    );
    expect(text).toMatch(/^usually +people 2 h, systems 3 s, worker and events 1 min$/m);
  });

  test('is told with how old that is once it is older than some seconds', () => {
    const known = { ...record, confirmed: true, partial: false };
    expect(renderWhereabouts({ ...known, asOf }, undefined, style)).not.toContain('as of');
    const older = { ...known, asOf: '2026-11-21T11:59:00.000Z' };
    expect(renderWhereabouts(older, undefined, style)).toMatch(/^as of +2026-11-21 11:59:00$/m);
    const ended = { ...older, status: 'completed' as const, waitingFor: [], endedAt: older.asOf };
    expect(renderWhereabouts(ended, undefined, style)).not.toContain('as of');
  });
});
