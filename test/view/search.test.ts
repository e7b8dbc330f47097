import type { CaseRecord, Incident, OpenTask } from '../../src/kit/client';
import type { View } from '../../src/view/database';
import { confirmCase } from '../../src/view/keep';
import { openIncidents, openTasks } from '../../src/view/open';
import { readCases } from '../../src/view/read';
import type { Readable } from '../../src/view/readable';
import { InvalidCursor } from '../../src/view/cursor';
import type { CaseSearch } from '../../src/view/fitting';
import { searchAndCount, searchCases } from '../../src/view/search';
import { approvalBy, at, call, ended, parked, record } from './records';
import { testView } from './test-view';

let view: View;

beforeAll(async () => {
  view = await testView();
  for (const one of cases) await keep(one);
});
afterAll(() => view.close());

function keep(one: CaseRecord): Promise<void> {
  return confirmCase(view.db, { record: one, runStartedAt: one.startedAt, confirmedAt: at(12) });
}

const cases = [
  record('salary-E-1001', { keys: ['employee:E-1001', 'month:2026-11'], steps: [call('bonus.calculateBonus')] }),
  record('salary-E-1002', {
    keys: ['employee:E-1002', 'month:2026-11'],
    startedAt: at(7),
    ...approvalBy(['E-1005'], at(10)),
  }),
  record('salary-E-1003', {
    keys: ['employee:E-1003', 'month:2026-11'],
    startedAt: at(6),
    ...approvalBy(['E-1005', "O'Hara"], at(9)),
  }),
  record('salary-E-1004', {
    keys: ['employee:E-1004', 'month:2026-10'],
    startedAt: at(5),
    ...ended,
    steps: [call('payroll.bookSalary', 'done')],
  }),
  record('order-7', {
    process: 'order',
    keys: ['order:7', 'customer:C-1'],
    startedAt: at(4),
    ...ended,
    outcome: 'declined',
  }),
];

async function found(search: CaseSearch): Promise<string[]> {
  const { cases: page } = await searchCases(view.db, search);
  return page.map(({ record: { caseId } }) => caseId);
}

test.each<[CaseSearch, string[]]>([
  [{}, ['salary-E-1001', 'salary-E-1002', 'salary-E-1003', 'salary-E-1004', 'order-7']],
  [{ process: 'order' }, ['order-7']],
  [{ status: 'waiting' }, ['salary-E-1002', 'salary-E-1003']],
  [{ status: 'open' }, ['salary-E-1001', 'salary-E-1002', 'salary-E-1003']],
  [{ key: 'employee:E-1003' }, ['salary-E-1003']],
  [{ key: 'C-1' }, ['order-7']],
  [{ outcome: 'paid' }, ['salary-E-1004']],
  [{ startedBefore: at(6) }, ['salary-E-1004', 'order-7']],
  [{ system: 'bonus' }, ['salary-E-1001']],
  [{ system: 'payroll' }, []],
  [{ step: 'approveBonus' }, ['salary-E-1002', 'salary-E-1003']],
  [{ role: 'manager', person: "O'Hara" }, ['salary-E-1003']],
  [{ person: 'E-1005', status: 'waiting', key: '2026-11' }, ['salary-E-1002', 'salary-E-1003']],
  [{ text: '1004' }, ['salary-E-1004']],
  [{ text: 'e-10' }, ['salary-E-1001', 'salary-E-1002', 'salary-E-1003', 'salary-E-1004']],
  [{ text: 'CALCULATE' }, ['salary-E-1001']],
  [{ text: 'or' }, ['order-7']],
  [{ text: '%' }, []],
  [{ text: '50 % in_f' }, ['salary-E-1002', 'salary-E-1003']],
  [{ text: 'in.f' }, []],
])('cases searched by %j', async (search, expected) => {
  expect(await found(search)).toEqual(expected);
});

const odd = ["'", '"', "' OR 1=1 --", '%', '_', '\\', '\0', '\ud800', '$1', ')', 'x'.repeat(100_000), ''];
const fields: (keyof CaseSearch)[] = ['process', 'key', 'text', 'step', 'system', 'role', 'person', 'outcome'];

test.each(fields)('what stands in %s is only ever looked for', async (field) => {
  for (const value of odd.filter((text) => field !== 'text' || text !== '')) {
    expect(await found({ [field]: value })).toEqual([]);
  }
  expect(await readCases(view.db, '\0')).toEqual([]);
});

test('those who wait longest come first, and nobody who does not wait', async () => {
  const { cases: page } = await searchCases(view.db, {}, { order: 'waiting' });

  expect(page.map(({ record: { caseId } }) => caseId)).toEqual(['salary-E-1003', 'salary-E-1002']);
});

test('counted by process and status', async () => {
  const { facets } = await searchAndCount(view.db, { key: '2026-11' });
  expect(facets).toEqual([
    { process: 'salary', status: 'running', count: 1 },
    { process: 'salary', status: 'waiting', count: 2 },
  ]);
});

test('given cases that begin while pages are read, then each that was there is on one page', async () => {
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await searchCases(view.db, { process: 'salary' }, { limit: 2, ...(cursor && { cursor }) });
    seen.push(...page.cases.map(({ record: { caseId } }) => caseId));
    cursor = page.cursor;
    await keep(record(`later-${seen.length}`, { process: 'salary', startedAt: at(10) }));
  } while (cursor);

  expect(seen).toEqual(['salary-E-1001', 'salary-E-1002', 'salary-E-1003', 'salary-E-1004']);
});

test.each([
  '',
  'x',
  'bnVsbA',
  Buffer.from('["newest","soon","a"]').toString('base64url'),
  Buffer.from('["waiting","2026-11-22T08:00:00.000Z","a"]').toString('base64url'),
])('a cursor that no page gave is refused: %s', async (cursor) => {
  await expect(searchCases(view.db, {}, { cursor })).rejects.toThrow(InvalidCursor);
});

test('a case is read by its id, a key of it or the value of a key', async () => {
  const ids = async (named: string) => (await readCases(view.db, named)).map(({ record: { caseId } }) => caseId);

  expect(await ids('salary-E-1002')).toEqual(['salary-E-1002']);
  expect(await ids('employee:E-1002')).toEqual(['salary-E-1002']);
  expect(await ids('E-1002')).toEqual(['salary-E-1002']);
  expect(await ids('2026-10')).toEqual(['salary-E-1004']);
  expect(await ids('nobody')).toEqual([]);
});

test('given a task and an incident of steps that are not recorded any more, then they are found like others, by whoever may', async () => {
  const task = approvalBy(['E-1009'], at(10)).waitingFor?.[0] as OpenTask;
  const { candidates: _, ...ofRole } = { ...task, id: 'approveBonus/2', role: 'director' };
  const incident = parked('payroll.bookSalary').incidents?.[0] as Incident;
  await keep(
    record('order-8', {
      process: 'order',
      stepsNotRecorded: 2,
      waitingFor: [task, ofRole],
      incidents: [incident],
    }),
  );
  const readableBy = (person: string, ...roles: string[]) => ({ keys: [], processes: [], person, roles });
  const tasks = async (readable: Readable) =>
    (await openTasks(view.db, { process: 'order' }, {}, readable)).tasks.map(({ id }) => id);

  expect(await tasks('all')).toEqual(['approveBonus/1', 'approveBonus/2']);
  expect(await tasks(readableBy('E-1009'))).toEqual(['approveBonus/1', 'approveBonus/2']);
  expect(await tasks(readableBy('E-1001', 'director'))).toEqual(['approveBonus/1', 'approveBonus/2']);
  expect(await tasks(readableBy('E-1001', 'manager'))).toEqual([]);
  expect((await openIncidents(view.db, { system: 'payroll' }, {})).incidents).toMatchObject([incident]);
  const { cases: page } = await searchCases(view.db, { person: 'E-1009' });
  expect(page.map(({ record: { caseId }, currentSteps }) => [caseId, currentSteps.map(({ id }) => id)])).toEqual([
    ['order-8', ['approveBonus/1', 'approveBonus/2', 'payroll.bookSalary/1']],
  ]);
});
