import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import type { CaseRecord } from '../../src/kit/contract';
import { openView } from '../../src/view/database';
import { confirmCases } from '../../src/view/keep';
import {
  accountant,
  booking,
  caseWhen,
  faults,
  given,
  monthly,
  start,
  month,
  untilParked,
  untilWaiting,
} from '../support/salary';
import { startStack, type Stack } from '../support/stack';
import { testDatabase } from '../support/postgres';
import { answerOf, ended, record } from '../view/records';
import { startCliApi, type CliApi } from './api/running';
import { environmentOf, jsonOf, whereabouts } from './cli';

jest.setTimeout(180_000);

let stack: Stack;
let viewDatabase: Awaited<ReturnType<typeof testDatabase>>;
let api: CliApi;
let folder: string;
beforeAll(async () => {
  viewDatabase = await testDatabase();
  stack = await startStack('dev', { viewUrl: viewDatabase.url });
  api = await startCliApi(stack, viewDatabase);
  folder = await mkdtemp(join(tmpdir(), 'whereabouts-cli-'));
});
afterAll(async () => {
  await api.stop();
  await stack.tearDown();
  await api.drop();
  await rm(folder, { recursive: true });
});

/** Types a command that asks the API, signed in as the local command line is, as the operator E-9. */
function type(...words: string[]) {
  return whereabouts(words, { ...environmentOf(stack), ...api.environment, WHEREABOUTS_USER: 'E-9' });
}

async function json<Answer>(...words: string[]): Promise<Answer> {
  return jsonOf(await type(...words, '--json'));
}

/** A salary that waits for its manager's approval. */
async function waitingSalary() {
  const person = await given(stack, { bonus: 500 });
  await start(stack, person);
  await untilWaiting(stack, person, 'approveBonus');
  await api.untilKnown(person.caseId, 'waiting');
  return person;
}

describe('a case from its start to its end', () => {
  test('is started once, by full name or id', async () => {
    const { caseId, employee } = await given(stack);

    const byName = await type('start', 'salary', '--employee', employee.fullName, '--month', month);
    expect(byName).toMatchObject({ code: 0, stderr: '' });
    expect(byName.stdout).toContain(`Started ${caseId}.`);

    const byId = await type('start', 'salary', `--employee=${employee.id}`, '--month', month);
    expect(byId).toMatchObject({ code: 0 });
    expect(byId.stdout).toContain(`${caseId} is already there.`);
  });

  test('is decided, and says what comes of it', async () => {
    const person = await waitingSalary();
    const { caseId, manager } = person;

    const where = await type('where', `employee:${person.employee.id}`);
    expect(where.stdout).toContain(`waits for: Approve bonus, by manager ${manager.id}, since`);
    expect(where.stdout).toContain(`next: npx whereabouts decide ${caseId} approveBonus approve --by ${manager.id}`);
    expect(where.stdout).toMatch(/to come +Book the salary \(payroll\)\n/);
    expect(where.stdout).toMatch(
      /may come +Approve bonus, Enter achievement \(office manager\), Calculate the bonus again/,
    );
    expect((await type('list', '--key', `employee:${person.employee.id}`)).stdout).toMatch(/waiting +3 of 4 +1 \+ 3 /);
    expect((await type('tasks', '--role', 'manager')).stdout).toContain(caseId);

    const drawn = await type('where', caseId, '--map', 'json', '--direct');
    const ofApi = await type('where', caseId, '--map');
    expect(jsonOf<{ states: object }>(drawn).states).toMatchObject({
      'findEmployee/accounting.findEmployee': 'done',
      'payroll.bookSalary': 'left',
    });
    expect(ofApi.stdout).toMatch(/^flowchart[^]*waitingState/);

    const decided = await type(
      'decide',
      caseId,
      'approveBonus',
      'approve',
      '--by',
      manager.id,
      '--comment',
      'well done',
    );
    expect(decided).toMatchObject({ code: 0 });
    expect(decided.stdout).toContain(`Recorded: approve by ${manager.id}`);
    expect(decided.stdout).toMatch(new RegExp(`^${caseId}  (running|completed)`, 'm'));

    await caseWhen(stack, caseId, ({ status }) => status === 'completed');
    await api.untilKnown(caseId, 'completed');
    expect((await type('where', caseId)).stdout).toContain('completed: paid');
    expect((await type('history', caseId)).stdout).toMatch(/approveBonus\/1 +done .*approve by .* "well done"/);
    expect(await booking(stack, person)).toMatchObject({ bonus: { amountInCents: 50_000 } });
  });

  test('takes the data that an accountant enters from a file', async () => {
    const person = await given(stack, { base: 'missing' });
    await json('start', 'salary', '--employee', person.employee.id, '--month', month);
    await untilWaiting(stack, person, 'enterBaseData');
    await api.untilKnown(person.caseId, 'waiting');
    const file = join(folder, 'base.json');
    await writeFile(file, JSON.stringify(monthly(3_000)));

    const entered = await type(
      'decide',
      person.caseId,
      'enterBaseData',
      'submit',
      '--data',
      `@${file}`,
      '--by',
      accountant,
    );

    expect(entered).toMatchObject({ code: 0 });
    await caseWhen(stack, person.caseId, ({ status }) => status === 'completed');
    expect(await booking(stack, person)).toMatchObject({ base: { amountInCents: 300_000 } });
  });

  test('is followed until it ends', async () => {
    const { caseId, manager } = await waitingSalary();
    const watching = type('watch', caseId, '--json');

    await json('decide', caseId, 'approveBonus', 'reject', '--by', manager.id);

    const { code, stdout } = await watching;
    expect(code).toBe(0);
    const changes = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { case?: CaseRecord });
    expect(changes.at(-1)?.case).toMatchObject({ status: 'completed', outcome: 'paid without bonus' });
  });

  test('an incident is shown and resolved', async () => {
    const person = await given(stack, { bonus: 0 });
    const { caseId } = person;
    const step = 'bonus.calculateBonus/1';
    const match = { employeeId: person.employee.id };
    await faults(stack, 'bonus', {
      operation: 'calculateBonus',
      match,
      status: 422,
      type: 'rule-broken',
      when: 'before',
    });
    await json('start', 'salary', '--employee', person.employee.id, '--month', month);
    await untilParked(stack, person, step);
    await api.untilKnown(caseId, 'incident');

    const incidents = await type('incidents');
    expect(incidents.stdout).toContain(`${caseId}  failed: Calculate bonus (${step})`);
    expect(incidents.stdout).toContain(`npx whereabouts resolve ${caseId} ${step} retry`);

    await faults(stack, 'bonus');
    const resolved = await type('resolve', caseId, step, 'retry', '--reason', 'rule mended');
    expect(resolved).toMatchObject({ code: 0 });
    expect(resolved.stdout).toContain('Recorded: retry by E-9');
    await caseWhen(stack, caseId, ({ status }) => status === 'completed');
    expect((await type('messages')).stdout).toContain('bonus.calculateBonus');
  });

  test('is found by what it is at, whom it waits for and what it mentions', async () => {
    const { caseId, employee, manager } = await waitingSalary();
    await api.untilKnown(caseId, 'waiting');
    const at = ['--status', 'open', '--step', 'approveBonus', '--role', 'manager', '--person', manager.id];

    const { cases } = await json<{ cases: CaseRecord[] }>('list', ...at, '--text', employee.id);
    expect(cases.map((found) => found.caseId)).toEqual([caseId]);
    expect(await json('list', '--system', 'payroll', '--text', employee.id)).toEqual({ cases: [] });
    expect(await json('list', '--team', 'finance', '--text', employee.id)).toEqual({ cases: [] });
    expect(await json('list', '--outcome', 'paid', '--text', employee.id)).toEqual({ cases: [] });
  });

  test('is cancelled, found by status, and restarted', async () => {
    const person = await waitingSalary();
    const { caseId } = person;
    expect(await type('restart', caseId)).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('cancel it first'),
    });

    expect(await type('cancel', caseId, '--reason', 'has left')).toMatchObject({ code: 0 });
    await api.untilKnown(caseId, 'cancelled');
    const { cases } = await json<{ cases: CaseRecord[] }>('list', '--status', 'cancelled');
    expect(cases.map((found) => found.caseId)).toContain(caseId);
    expect(await type('start', 'salary', '--employee', person.employee.id, '--month', month)).toMatchObject({
      code: 1,
      stdout: expect.stringContaining(`whereabouts restart ${caseId}`),
    });

    expect(await json('restart', caseId)).toMatchObject({ status: 'restarted', restart: 1 });
    await untilWaiting(stack, person, 'approveBonus');
  });
});

test('a file starts what can be started, and says why the rest is not', async () => {
  const [first, second] = [await given(stack), await given(stack)];
  const file = join(folder, 'employees.csv');
  const rows = [`${first.employee.id},${month}`, `Nobody Known,${month}`, `${second.employee.id},2026-13`];
  await writeFile(file, ['employee,month', ...rows].join('\n'));

  const { code, stdout } = await type('start', 'salary', '--file', file, '--json');

  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toEqual({
    rows: [
      { at: 'line 2', status: 'started', caseId: first.caseId, runId: expect.any(String) },
      {
        at: 'line 3',
        status: 'refused',
        reason: 'employee "Nobody Known": no employee has this id or full name',
        errors: [{ field: 'employee', value: 'Nobody Known', message: 'no employee has this id or full name' }],
      },
      {
        at: 'line 4',
        status: 'refused',
        reason: 'month "2026-13": must be a month such as "2026-11"',
        errors: [{ field: 'month', value: '2026-13', message: 'must be a month such as "2026-11"' }],
      },
    ],
  });
});

describe('a mistake is answered with what was probably meant', () => {
  test('in the id of a case', async () => {
    const { caseId } = await waitingSalary();
    const { code, stderr } = await type('where', caseId.replace('salary', 'salry'));
    expect(code).toBe(1);
    expect(stderr).toMatch(new RegExp(`no case "?${caseId.replace('salary', 'salry')}"?; did you mean ${caseId}\\?`));
  });

  test('by a key where the id of a case is needed', async () => {
    const { caseId, employee } = await waitingSalary();
    const { code, stderr } = await type('history', employee.id);
    expect(code).toBe(1);
    expect(stderr).toContain(`no case ${employee.id}; it is a key of ${caseId}`);
  });

  test('in a role', async () => {
    await waitingSalary();
    const { stdout, stderr } = await type('tasks', '--role', 'manger');
    expect(stdout).toBe('No task waits for the role manger.\n');
    expect(stderr).toContain('did you mean manager?');
  });

  test('in a process of which there is no case', async () => {
    const { code, stderr } = await type('list', '--process', 'salry');
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('did you mean salary?') as string });
  });

  test('in a task, a decision, a step', async () => {
    const { caseId, manager } = await waitingSalary();
    const task = await type('decide', caseId, 'aproveBonus', 'approve', '--by', manager.id);
    expect(task).toMatchObject({ code: 1, stderr: expect.stringContaining('did you mean approveBonus?') });
    const decision = await type('decide', caseId, 'approveBonus', 'aprove', '--by', manager.id);
    expect(decision).toMatchObject({ code: 1, stderr: expect.stringContaining('did you mean approve?') });
    const step = await type('resolve', caseId, 'bonus.calculateBonus/1', 'retry', '--reason', 'x');
    expect(step).toMatchObject({ code: 1, stderr: expect.stringContaining('no step is parked now') });
  });

  test('a decision that is not allowed is refused in words', async () => {
    const { caseId, employee } = await waitingSalary();
    const { code, stderr } = await type('decide', caseId, 'approveBonus', 'approve', '--by', employee.id);
    expect(code).toBe(1);
    expect(stderr).toContain(employee.id);
    expect(stderr).not.toContain('    at ');
  });
});

describe('the API', () => {
  test('lets a person who is entered do what they may, and says in words what they may not', async () => {
    const { caseId, manager } = await waitingSalary();
    await api.enter(manager.id, 'manager');

    const cancelled = await type('cancel', caseId, '--reason', 'x', '--by', manager.id);
    expect(cancelled).toMatchObject({ code: 1, stdout: '' });
    expect(cancelled.stderr).toBe(
      `${manager.id} (manager) may not cancel Case; that takes the role administrator or operator.\n`,
    );
    expect(await type('decide', caseId, 'approveBonus', 'approve', '--by', manager.id)).toMatchObject({ code: 0 });
  });

  test("takes a token of one's own, whose person acts and nobody else", async () => {
    const { caseId } = await waitingSalary();
    const WHEREABOUTS_TOKEN = await api.enter('E-8', 'operator');
    const typeOwn = (...words: string[]) =>
      whereabouts(words, { ...environmentOf(stack), ...api.environment, WHEREABOUTS_TOKEN });

    const other = await typeOwn('cancel', caseId, '--reason', 'has left', '--by', 'E-9');
    expect(other).toMatchObject({ code: 1, stdout: '' });
    expect(other.stderr).toContain('Leave --by and WHEREABOUTS_USER out');
    const own = await typeOwn('cancel', caseId, '--reason', 'has left', '--json');
    expect(jsonOf(own)).toEqual({ caseId, by: 'E-8', reason: 'has left' });
  });

  test('refuses a token that is wrong, with what to do', async () => {
    const wrong = { ...api.environment, WHEREABOUTS_TOKEN: `wab_${'0'.repeat(72)}` };
    const { code, stderr } = await whereabouts(['list'], wrong);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^The .*token.*\nSet WHEREABOUTS_TOKEN to a token that is valid/);
  });

  test('is not needed where Temporal itself is asked, and tells how old is what it says', async () => {
    const { caseId } = await waitingSalary();
    const [known, direct] = await Promise.all([json('where', caseId), json('where', caseId, '--direct')]);
    expect(known).toMatchObject({ cases: [{ caseId, status: 'waiting', asOf: expect.any(String) as string }] });
    expect(known).not.toHaveProperty('cases.0.answered');
    expect(direct).toMatchObject({ cases: [{ caseId, status: 'waiting', answered: true }] });
  });

  test.each([[['--help']], [['list']], [['tasks']], [['where']]])(
    'is asked by %j without the clients of Temporal and Postgres, which take long to load',
    async ([command = '', ...words]) => {
      const { caseId } = await waitingSalary();
      if (command === 'where') words.push(caseId);
      const NODE_OPTIONS = `--require ${require.resolve('./loaded-packages.js')}`;

      const { code, stderr } = await whereabouts([command, ...words], { ...api.environment, NODE_OPTIONS });

      expect(code).toBe(0);
      const loaded = stderr
        .replace(/^loaded: /, '')
        .trim()
        .split(' ');
      expect(loaded).toContain('commander');
      expect(loaded.filter((name) => name === 'pg' || name.startsWith('@temporalio/'))).toEqual([]);
    },
  );

  test('that does not run is named', async () => {
    const { code, stdout, stderr } = await whereabouts(['tasks'], {
      ...api.environment,
      WHEREABOUTS_URL: 'http://127.0.0.1:1111',
    });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(
      'The API at http://127.0.0.1:1111 cannot be reached (ECONNREFUSED).\nStart it with npm start',
    );
  });
});

test('a list that is cut says so', async () => {
  const view = await openView(viewDatabase.url, pino({ level: 'silent' }));
  const many = Array.from({ length: 1_001 }, (_, number) => record(`many-${number}`, { process: 'many', ...ended }));
  await confirmCases(
    view.db,
    many.map((one) => answerOf(one)),
  );
  await view.close();

  const list = await type('list', '--process', 'many', '--json');

  expect(jsonOf(list)).toHaveProperty('cases.length', 1_000);
  expect(list.stderr).toBe('Only the first 1000 cases are listed; narrow the list, e.g. with --older-than.\n');
});

test('errors are JSON, too, when JSON is asked for', async () => {
  const { code, stdout, stderr } = await type('where', 'salary-E-0000-2026-11', '--json');
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(JSON.parse(stderr)).toMatchObject({
    error: { type: 'UserError', message: expect.stringContaining('no case') },
  });
});
