import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { getCase, resultOf, startCase } from '../../../src/kit/client';
import { openCase } from '../../../src/platform/door';
import { processNamed } from '../../../src/platform/process-named';
import { salaryProcess } from '../../../src/processes/salary/process';
import type { SalarySettings } from '../../../src/processes/salary/settings';
import type { AccountingActivities } from '../../../src/systems/accounting/activities';
import {
  accountant,
  approves,
  booking,
  brief,
  decides,
  endAll,
  euros,
  faults,
  financeDirector,
  given,
  month,
  monthly,
  smsTo,
  start,
  stepOf,
  untilWaiting,
  type Given,
} from '../../support/salary';
import { startStack, type Stack } from '../../support/stack';

let stack: Stack;
let settingsFolder: string;
beforeAll(async () => {
  stack = await startStack();
  settingsFolder = await mkdtemp(join(tmpdir(), 'whereabouts-salary-'));
});
afterEach(() => endAll(stack));
afterAll(async () => {
  await stack.tearDown();
  await rm(settingsFolder, { recursive: true });
});

/** From now on the door finds these settings in its file. */
const configure = (settings: SalarySettings) => writeFile(join(settingsFolder, 'salary.yaml'), stringify(settings));
/** Asks the door for the employee's salary. */
const ask = (named: string) => {
  const { client, systems } = stack;
  return openCase({ client, systems, settingsFolder }, processNamed('salary'), { employee: named, month });
};

describe('base and bonus', () => {
  test('given they may be calculated in parallel, then the second begins before the first has ended', async () => {
    const anna = await given(stack, { bonus: 500, settings: { calculation: 'parallel' } });
    await failOnce(anna);
    await start(stack, anna);
    await untilWaiting(stack, anna, 'approveBonus/1');

    const record = await getCase(stack.client, anna.caseId);

    const [base, bonus] = ['accounting.calculateBase/1', 'bonus.calculateBonus/1'].map((id) => stepOf(record, id));
    expect(String(bonus?.startedAt) < String(base?.endedAt)).toBe(true);
    expect(String(base?.startedAt) < String(bonus?.endedAt)).toBe(true);
    expect(await scheduledBeforeFirstWasDone(anna)).toEqual(['accounting.calculateBase', 'bonus.calculateBonus']);
  });

  test('given they are to be calculated one after the other, then the bonus begins when the base is there', async () => {
    const anna = await given(stack, { base: 'missing', bonus: 500, settings: { calculation: 'one after the other' } });
    await failOnce(anna);
    await start(stack, anna);
    await untilWaiting(stack, anna, 'enterBaseData/1');
    expect(brief(await getCase(stack.client, anna.caseId)).join()).not.toContain('bonus.calculateBonus');

    await decides(stack, anna, { task: 'enterBaseData', decision: 'submit', by: accountant, data: monthly(4_200) });

    await untilWaiting(stack, anna, 'approveBonus/1');
    expect(brief(await getCase(stack.client, anna.caseId)).slice(-3)).toEqual([
      'accounting.calculateBase/2 done',
      'bonus.calculateBonus/1 done',
      'approveBonus/1 open',
    ]);
    expect(await scheduledBeforeFirstWasDone(anna)).toEqual(['accounting.calculateBase']);
  });

  /** Has each calculation go on as an ordinary activity, which the history shows to begin and to end. */
  async function failOnce({ employee: { id: employeeId } }: Given) {
    const once = { match: { employeeId }, when: 'before', status: 503, times: 1 } as const;
    await faults(stack, 'accounting', { operation: 'calculateBase', ...once });
    await faults(stack, 'bonus', { operation: 'calculateBonus', ...once });
  }

  /** Calculations that the case had asked for when the first of them was answered. */
  async function scheduledBeforeFirstWasDone({ caseId }: Given) {
    const { events } = await stack.client.workflow.getHandle(caseId).fetchHistory();
    const asked: string[] = [];
    const ids = new Set<string>();
    for (const event of events ?? []) {
      const name = event.activityTaskScheduledEventAttributes?.activityType?.name;
      if (name?.includes('.calculate')) {
        asked.push(name);
        ids.add(String(event.eventId));
      }
      if (ids.has(String(event.activityTaskCompletedEventAttributes?.scheduledEventId))) break;
    }
    return asked;
  }
});

describe('starting at the door', () => {
  test('given the employee by id, by full name and in other words, then it is one case and one salary', async () => {
    const { employee, settings, caseId } = await given(stack);
    await configure(settings);

    expect(await ask(employee.id)).toMatchObject({ status: 'started', caseId });
    expect(await ask(employee.fullName)).toMatchObject({ status: 'already there', caseId });
    const inOtherWords = `  ${employee.fullName.toUpperCase().replace(' ', '   ')}\t`;
    expect(await ask(inOtherWords)).toMatchObject({ status: 'already there', caseId });
    expect(await ask(employee.id.toLowerCase())).toMatchObject({ status: 'already there', caseId });

    expect(await resultOf(stack.client, caseId)).toMatchObject({ outcome: 'paid without bonus' });
    expect(await ask(employee.id)).toMatchObject({ status: 'already there', caseId });
    expect((await getCase(stack.client, caseId)).keys).toEqual(
      expect.arrayContaining([`employee:${employee.id}`, `month:${month}`]),
    );
  });

  test('given ten who start it at once, then one has started it and the others have found it', async () => {
    const anna = await given(stack);
    const { id, fullName } = anna.employee;
    await configure(anna.settings);

    const opened = await Promise.all(Array.from({ length: 10 }, (_, index) => ask(index % 2 ? id : fullName)));

    expect(opened.filter(({ status }) => status === 'started')).toHaveLength(1);
    expect(opened.filter(({ status }) => status === 'already there')).toHaveLength(9);
    expect(new Set(opened.map((one) => ('runId' in one ? one.runId : undefined))).size).toBe(1);
    await resultOf(stack.client, anna.caseId);
    expect(await booking(stack, anna)).toMatchObject({ total: euros(4_200) });
  });

  test('given settings that are changed while a case runs, then the case keeps its own, and new ones have the new', async () => {
    const anna = await given(stack, { bonus: 3_000 });
    const jonas = await given(stack, { bonus: 3_000 });
    await configure(anna.settings);
    await ask(anna.employee.id);
    await untilWaiting(stack, anna, 'approveBonus/1');

    await configure({ ...anna.settings, bonusLimit: euros(5_000) });
    await ask(jonas.employee.id);

    await untilWaiting(stack, jonas, 'approveBonus/1');
    await approves(stack, jonas, jonas.manager.id);
    await approves(stack, anna, anna.manager.id);
    expect(await resultOf(stack.client, jonas.caseId)).toMatchObject({ outcome: 'paid' });
    expect(await untilWaiting(stack, anna, 'approveBonus/2')).toMatchObject({ role: 'finance director' });
    await approves(stack, anna, financeDirector);
    expect(await resultOf(stack.client, anna.caseId)).toMatchObject({ outcome: 'paid' });
  });
});

test('given a decision that is sent twice, then it counts once, also when the next approval is open', async () => {
  const anna = await given(stack, { bonus: 3_000 });
  await start(stack, anna);
  await untilWaiting(stack, anna, 'approveBonus/1');
  const decided = await approves(stack, anna, anna.manager.id);
  await untilWaiting(stack, anna, 'approveBonus/2');

  expect(await approves(stack, anna, anna.manager.id)).toEqual(decided);
  await expect(
    decides(stack, anna, { task: 'approveBonus/1', decision: 'reject', by: anna.manager.id }),
  ).rejects.toMatchObject({ refusal: { code: 'already-decided' } });

  await approves(stack, anna, financeDirector);
  await resultOf(stack.client, anna.caseId);
  expect((await booking(stack, anna))?.approvals.map(({ by }) => by)).toEqual([anna.manager.id, financeDirector]);
});

const employ = (id: string, fullName: string, costCentre: string) =>
  fetch(`${stack.url('accounting')}/employees/${id}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ fullName, costCentre }),
  });

describe('an employee whom accounting does not know, or not alone by that name', () => {
  test.each([
    ['an unknown id', 'E-9999', 'employee-unknown'],
    ['an unknown full name', 'Nobody At All', 'employee-unknown'],
    ['the name of two', 'Two Of A Name', 'employee-ambiguous'],
  ])(
    'given %s and started past the door, then the case fails and the administrator is told',
    async (_, named, type) => {
      const { settings, administrator } = await given(stack);
      await employ('E-7011', 'Two Of A Name', 'CC-100');
      await employ('E-7012', 'Two Of A Name', 'CC-400');
      const caseId = `salary-${type}-${named.length}`;

      await startCase(stack.client, {
        process: 'salary',
        caseId,
        keys: [],
        input: { employee: named, month, settings },
      });

      await expect(resultOf(stack.client, caseId)).rejects.toMatchObject({ cause: { type } });
      const record = await getCase(stack.client, caseId);
      expect(record).toMatchObject({ status: 'failed', failure: { type } });
      expect(brief(record)).toEqual(['accounting.findEmployee/1 done', 'notifications.raiseAlert/1 done']);
      expect(await smsTo(stack, administrator)).toEqual([expect.stringContaining(`salary: failed (${type})`)]);
    },
  );
});

describe('resolving a request', () => {
  const resolve = async (named: string, settings: SalarySettings) => {
    const systems = stack.systems as unknown as { accounting: AccountingActivities };
    return salaryProcess.resolve({ employee: named, month }, { systems, settings });
  };

  test('given an id or a full name in any case and spacing, then it is the same case', async () => {
    const { settings } = await given(stack);
    await employ('E-7001', 'Zoë  van  Dijk', 'CC-300');

    const expected = {
      status: 'ok',
      caseId: 'salary-E-7001-2026-11',
      keys: ['employee:E-7001', 'month:2026-11'],
      input: { employee: 'E-7001', month, settings },
    };
    for (const named of ['E-7001', ' e-7001 ', 'Zoë van Dijk', ' zoë VAN\u00a0dijk\t', 'Zoe\u0308 van Dijk']) {
      expect(await resolve(named, settings)).toEqual(expected);
    }
  });

  test('given nobody has the name or id, then it is refused by that', async () => {
    const { settings } = await given(stack);

    expect(await resolve('Zoe van Dijk', settings)).toEqual({
      status: 'refused',
      field: 'employee',
      value: 'Zoe van Dijk',
      reason: 'no employee has this id or full name',
    });
    expect(await resolve('E-9999', settings)).toMatchObject({ status: 'refused', value: 'E-9999' });
  });

  test('given two have the name, then it is refused with both, and each can be named by id', async () => {
    const { settings } = await given(stack);
    await employ('E-7002', 'Maria Klein', 'CC-100');
    await employ('E-7003', 'Maria Klein', 'CC-400');

    expect(await resolve('maria klein', settings)).toEqual({
      status: 'refused',
      field: 'employee',
      value: 'maria klein',
      reason: 'several employees have this name: E-7002 (cost centre CC-100), E-7003 (cost centre CC-400); give the id',
    });
    expect(await resolve('E-7003', settings)).toMatchObject({ caseId: 'salary-E-7003-2026-11' });
  });
});
