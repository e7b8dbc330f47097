import picocolors from 'picocolors';
import { command, nextCommandByStatus, taskCommand } from '../../../src/cli/render/next';
import { renderCases, renderTasks } from '../../../src/cli/render/lists';
import type { Style } from '../../../src/cli/render/style';
import { renderUp } from '../../../src/cli/render/up';
import { ago, due, dueWords, duration } from '../../../src/cli/render/time';
import { fields, inline, resultWords } from '../../../src/cli/render/values';
import type { OpenTask } from '../../../src/kit/contract';

const style: Style = { now: new Date('2026-11-21T12:00:00Z'), colors: picocolors.createColors(false), timeZone: 'UTC' };

test.each([
  [0, '0 s'],
  [999, '0 s'],
  [59_000, '59 s'],
  [60_000, '1 min'],
  [80_000, '1 min 20 s'],
  [150_000, '2 min 30 s'],
  [299_000, '4 min'],
  [3_600_000, '1 h'],
  [5_400_000, '1 h 30 min'],
  [86_400_000 + 3_600_000, '1 d 1 h'],
  [3 * 86_400_000, '3 d'],
  [-5_000, '0 s'],
])('%d milliseconds are %s', (milliseconds, words) => {
  expect(duration(milliseconds)).toBe(words);
});

test('times are told both ways', () => {
  expect(ago('2026-11-21T11:59:48Z', style)).toBe('12 s ago (2026-11-21 11:59:48)');
  expect(due('2026-11-21T12:05:00Z', style)).toBe('due in 5 min (2026-11-21 12:05:00)');
});

test.each([
  ['2026-11-23T11:59:57Z', 'due in 2 d'],
  ['2026-11-21T12:59:59.500Z', 'due in 1 h'],
  ['2026-11-21T14:29:30Z', 'due in 2 h 30 min'],
  ['2026-11-26T11:00:00Z', 'due in 5 d'],
  ['2026-11-21T12:00:00.001Z', 'due in 1 s'],
  ['2026-11-21T12:00:00Z', 'due in 0 s'],
  ['2026-11-21T11:58:30.500Z', 'overdue by 1 min 29 s'],
])('what is due at %s, at noon of the 21st, is %s: time left is rounded up', (at, words) => {
  expect(dueWords(at, style.now)).toBe(words);
});

test.each([
  [{ amountInCents: 0, currency: 'EUR' }, '0.00 EUR'],
  [{ amountInCents: 5, currency: 'EUR' }, '0.05 EUR'],
  [{ amountInCents: -123_456_789, currency: 'EUR' }, '-1,234,567.89 EUR'],
  [['a', 'b'], 'a, b'],
  [[], 'none'],
  [null, 'null'],
])('%j reads %s', (value, words) => {
  expect(inline(value)).toBe(words);
});

test('a command names the data folder when it is not the usual one', () => {
  expect(command(['tasks'], { dataDir: '/srv/my state' })).toBe(`npx whereabouts tasks --data-dir '/srv/my state'`);
});

test.each([
  [
    '{"status":"found","employee":{"id":"E-1"},"base":{"amountInCents":1050,"currency":"EUR"}}',
    'status: found, base: 10.50 EUR',
  ],
  ['7', '7'],
  ['"as it is"', 'as it is'],
])('the result %s reads %s', (json, words) => {
  expect(resultWords(json)).toBe(words);
});

test.each([
  ['{"status":"found","id":"E-1","fullNam…', 'status: found, id: E-1, …'],
  ['{"status":"found","id":"E-1","fullName":…', 'status: found, id: E-1, …'],
  ['{"status":"found","name":"Ada \\"the fi…', 'status: found, name: Ada "the fi…'],
  ['{"status":"found","employee":{"id":"E-1","fullNa…', 'status: found, …'],
  ['{"base":{"amountInCents":1050,"currency":"EUR"},"list":[{"a":1},{"b…', 'base: 10.50 EUR, list: {"a":1}, {}, …'],
  ['{"base":{"amountInCents":10…', '…'],
  ['{"hours":16,"pages":12…', 'hours: 16, …'],
  ['{"note":"one, two, thr…', 'note: one, two, thr…'],
  ['[1,2,3,4…', '1, 2, 3, …'],
  ['"a long te…', 'a long te…'],
  ['"ends in an escape \\…', 'ends in an escape …'],
  ['"ends in an escape \\u00…', 'ends in an escape …'],
  ['{…', '…'],
])('the result %s, which was cut, reads %s', (json, words) => {
  expect(resultWords(json)).toBe(words);
});

test('groups are indented', () => {
  expect(fields({ person: { name: 'Ana', manager: undefined }, month: '2026-11' })).toEqual([
    'person:',
    '  name: Ana',
    'month: 2026-11',
  ]);
});

test('a command is quoted for the shell where that is needed', () => {
  expect(command(['where', 'employee:E-1001'], {})).toBe('npx whereabouts where employee:E-1001');
  expect(command(['cancel', 'x', '--reason', "it's over"], {})).toBe(
    `npx whereabouts cancel x --reason 'it'\\''s over'`,
  );
});

const entry: OpenTask = {
  id: 'enterBaseData/1',
  name: 'enterBaseData',
  title: 'Enter base data',
  role: 'accountant',
  since: '2026-11-21T11:00:00Z',
  escalated: false,
  decisions: ['submit'],
  form: { type: 'object' },
};

describe('how a task is decided', () => {
  test('data entry takes data of a file; the example of the form is told apart from the command', () => {
    const next = 'npx whereabouts decide c enterBaseData submit --data @data.json --by you';
    const withExample = { ...entry, caseId: 'c', form: { examples: [{ hours: 160 }] } };
    expect(taskCommand('c', entry, {})).toBe(next);
    expect(taskCommand('c', withExample, {})).toBe(next);
    expect(renderTasks([withExample], undefined, style)).toContain(
      `    ${next}\n    data.json, for example: {"hours":160}`,
    );
  });

  test.each([
    ['no candidates', { candidates: [] }],
    ['candidates who are all excluded', { candidates: ['E-1'], excluded: ['E-1'] }],
  ])('with %s it says that nobody may decide, and how the case is cancelled', (_, who) => {
    const text = renderTasks([{ ...entry, ...who, caseId: 'c' }], undefined, style);
    expect(text).toContain('waits for: Enter base data, nobody is left who may decide, since 1 h');
    expect(text).toContain(`npx whereabouts cancel c --reason 'nobody is left who may decide' --by you`);
  });

  test('by its name the first time, and by its id when there was one of its name before', () => {
    expect(taskCommand('c', entry, {})).toContain('decide c enterBaseData submit');
    expect(taskCommand('c', { ...entry, id: 'enterBaseData/2' }, {})).toContain('decide c enterBaseData/2 submit');
  });

  test('by the first candidate who is not excluded', () => {
    expect(taskCommand('c', { ...entry, candidates: ['E-1', 'E-2'], excluded: ['E-1'] }, {})).toMatch(/--by E-2$/);
  });
});

test('a failed case is restarted, an ended one left alone, and one of a process that is not ours', () => {
  const salary = { process: 'salary', caseId: 'c' };
  expect(nextCommandByStatus({ ...salary, status: 'failed' }, {})).toBe('npx whereabouts restart c --by you');
  expect(nextCommandByStatus({ ...salary, status: 'completed' }, {})).toBeUndefined();
  expect(nextCommandByStatus({ process: 'order', caseId: 'c', status: 'failed' }, {})).toBeUndefined();
});

test('empty lists say so', () => {
  expect(renderCases([], style)).toBe('No cases.');
  expect(renderTasks([], undefined, style)).toBe('No tasks wait for anybody.');
  expect(renderTasks([], 'manager', style)).toBe('No task waits for the role manager.');
});

test('a case without a worker is listed as such', () => {
  const record = {
    caseId: 'salary-E-1001-2026-11',
    runId: 'r',
    process: 'salary',
    keys: [],
    status: 'running' as const,
    restart: 0,
    taskQueue: 'whereabouts',
    startedAt: '2026-11-21T11:00:00Z',
  };
  expect(renderCases([{ answered: false, why: 'no answer', ...record }], style)).toMatch(
    /salary-E-1001-2026-11 +running +\? +no worker answers on the task queue whereabouts/,
  );
  const foreign = { ...record, caseId: 'nightly', process: 'backUp' };
  expect(renderCases([{ answered: false, why: 'not recorded', ...foreign }], style)).toMatch(
    /nightly +running +\? +backUp: its worker runs without the plugin/,
  );
});

test('a case whose code fails is a row of what runs, with where to look', () => {
  const record = {
    ...{ caseId: 'salary-E-1001-2026-11', runId: 'r', process: 'salary', keys: [], status: 'running' as const },
    ...{ restart: 0, taskQueue: 'whereabouts', startedAt: '2026-11-21T11:00:00Z' },
  };
  const addresses = { api: 'http://127.0.0.1:4000', temporal: '127.0.0.1:7233', systems: {} };
  const text = renderUp({ rows: [], cases: [{ answered: false, why: 'code fails', record }], addresses }, style);
  expect(text).toContain(
    [
      'salary-E-1001-2026-11  running  its workflow code fails; the Temporal UI shows the error',
      '    next  npx whereabouts where salary-E-1001-2026-11',
    ].join('\n'),
  );
});
