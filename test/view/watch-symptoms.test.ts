import { symptomsOf, type Described, type OpenStep } from '../../src/view/watch/symptoms';
import { usualSettings } from '../../src/view/watch/settings';

const now = Date.UTC(2026, 10, 22, 12);
const minutesAgo = (minutes: number) => now - minutes * 60_000;
const error = { type: 'unavailable', message: 'come back later' };

const call = (more: Partial<Described['calls'][number]> = {}) => ({
  operation: 'ledger.book',
  attempt: 2,
  running: false,
  scheduledAt: minutesAgo(0),
  lastFailure: error,
  ...more,
});
const open = (name: string, minutes: number, dueMinutes?: number): OpenStep => ({
  name,
  startedAt: new Date(minutesAgo(minutes)).toISOString(),
  dueAt: dueMinutes === undefined ? null : new Date(minutesAgo(dueMinutes)).toISOString(),
});

function found(described: Partial<Described>, steps: OpenStep[] = []): string[] {
  const one = { caseId: 'one', historyLength: 9, process: 'salary', calls: [], ...described };
  return symptomsOf(one, steps, usualSettings, now).map(
    ({ kind, about, error: why }) => `${kind} ${about ?? '-'} ${why?.type ?? '-'}`,
  );
}

const first = { attempt: 1, running: true, scheduledAt: minutesAgo(30) };

test.each<[string, Partial<Described>, OpenStep[], string[]]>([
  ['a call tried again for long', { calls: [call()] }, [open('ledger.book', 11)], ['retrying ledger.book unavailable']],
  ['a call tried again not for long', { calls: [call()] }, [open('ledger.book', 9)], []],
  ['a call tried very often', { calls: [call({ attempt: 51 })] }, [], ['retrying ledger.book unavailable']],
  ['a call that takes long', { calls: [call(first)] }, [open('ledger.book', 30)], []],
  [
    'a call that no worker takes',
    { calls: [call({ ...first, running: false })] },
    [open('ledger.book', 30)],
    ['retrying ledger.book not taken'],
  ],
  [
    'a young call tried again beside an old one that takes long',
    { calls: [call(first), call()] },
    [open('ledger.book', 1), open('ledger.book', 30)],
    [],
  ],
  [
    'an old call tried again beside a young one',
    { calls: [call(), call(first)] },
    [open('ledger.book', 1), open('ledger.book', 30)],
    ['retrying ledger.book unavailable'],
  ],
  [
    'code that failed twice',
    { workflowTask: { attempt: 2, scheduledAt: now, lastFailure: { ...error, timedOut: false } } },
    [],
    ['failing code - unavailable'],
  ],
  [
    'a worker that ended at work',
    { workflowTask: { attempt: 2, scheduledAt: now, lastFailure: { ...error, timedOut: true } } },
    [],
    [],
  ],
  [
    'a worker that ended at work when a timer had fired, and none since',
    { workflowTask: { attempt: 2, scheduledAt: minutesAgo(6), lastFailure: { ...error, timedOut: true } } },
    [open('timer', 60, 6)],
    ['overdue timer -'],
  ],
  [
    'code that never ends',
    { workflowTask: { attempt: 4, scheduledAt: now, lastFailure: { ...error, timedOut: true } } },
    [],
    ['failing code - unavailable'],
  ],
  [
    'a task that is due while nobody goes on',
    { workflowTask: { attempt: 1, scheduledAt: minutesAgo(6) } },
    [open('enterHours', 60, 2), open('approveBonus', 50, 6), open('approveSalary', 60, -1)],
    ['overdue approveBonus -'],
  ],
  [
    'a case that nobody goes on with',
    { workflowTask: { attempt: 1, scheduledAt: minutesAgo(6) } },
    [open('approveBonus', 60, -10)],
    ['overdue - -'],
  ],
  ['a case about to go on', { workflowTask: { attempt: 1, scheduledAt: minutesAgo(4) } }, [], []],
  ['a task that is due, of which the case knows', {}, [open('approveBonus', 60, 30)], []],
])('%s', (_, described, steps, expected) => {
  expect(found(described, steps)).toEqual(expected);
});
