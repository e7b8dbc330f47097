import picocolors from 'picocolors';
import type { ListedCase } from '../../../src/cli/cases';
import { renderCases, renderIncidents } from '../../../src/cli/render/lists';
import type { Style } from '../../../src/cli/render/style';
import type { CaseRecord, Step, StepStatus } from '../../../src/kit/contract';

const style: Style = { now: new Date('2026-11-21T12:00:00Z'), colors: picocolors.createColors(false), timeZone: 'UTC' };

const step = (name: string, status: StepStatus): Step => ({
  id: `${name}/1`,
  name,
  kind: 'call',
  title: name,
  status,
  startedAt: '2026-11-21T10:00:00.000Z',
  ...(status !== 'open' && { endedAt: '2026-11-21T10:00:01.000Z' }),
});

test('a step that failed or was given up is not told as done', () => {
  const record: CaseRecord = {
    process: 'order',
    caseId: 'order-1',
    runId: 'r',
    restart: 0,
    keys: [],
    status: 'failed',
    steps: [
      step('charge', 'done'),
      step('reserve', 'skipped'),
      step('price', 'replaced'),
      step('ship', 'failed'),
      step('pack', 'cancelled'),
    ],
    waitingFor: [],
    incidents: [],
    startedAt: '2026-11-21T09:59:00.000Z',
    historyLength: 30,
  };

  expect(renderCases([{ answered: true, ...record }], style)).toMatch(/order-1 +failed +3 of 5/);
});

test('the central view tells of a list what each case is at now, and how many steps are done and to come', () => {
  const pack = step('pack', 'open');
  const one: ListedCase = {
    process: 'order',
    caseId: 'order-2',
    runId: 'r',
    restart: 0,
    keys: [],
    status: 'running',
    currentSteps: [pack],
    stepsDone: 3,
    stepsRecorded: 4,
    waitingFor: [],
    incidents: [],
    startedAt: '2026-11-21T09:59:00.000Z',
    historyLength: 30,
    asOf: '2026-11-21T12:00:00.000Z',
    confirmed: true,
    partial: false,
    left: {
      certain: [{ ids: ['ship'], label: 'Ship it', type: 'call' }],
      possible: [{ ids: ['refund'], label: 'Refund', type: 'call' }],
    },
  };

  expect(renderCases([one], style)).toMatch(
    /^case +status +done +to come +now +started\norder-2 +running +3 of 4 +1 \+ 1 +pack, since 2 h +2 h 1 min ago/,
  );
});

test('what the watch found is listed with what went wrong and which cases have it', () => {
  const found = {
    cause: 'salary: payroll.book keeps failing (Unavailable)',
    kind: 'retrying' as const,
    error: { type: 'Unavailable', message: '503' },
    attempts: 12,
    since: '2026-11-21T11:00:00.000Z',
    cases: 3,
    caseIds: ['salary-1', 'salary-2'],
  };

  expect(renderIncidents([], [found], style)).toBe(
    [
      'salary: payroll.book keeps failing (Unavailable), since 1 h (2026-11-21 11:00:00), attempt 12',
      '    Unavailable: 503',
      '    cases: salary-1, salary-2 and 1 more',
    ].join('\n'),
  );
  expect(renderIncidents([], [], style)).toBe('No incidents.');
});
