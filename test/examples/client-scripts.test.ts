import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { WorkflowNotFoundError } from '@temporalio/client';
import { resultOf } from '../../src/kit/client';
import { booking, euros, given, month, untilWaiting, type Given } from '../support/salary';
import { startStack, type Stack } from '../support/stack';

const root = join(__dirname, '..', '..');
const scripts = readdirSync(join(root, 'examples')).filter((file) => file.endsWith('.mjs'));

let stack: Stack;
let anna: Given;
beforeAll(async () => {
  stack = await startStack('dev');
  anna = await given(stack, { bonus: 500 });
});
afterAll(() => stack.tearDown());

/** What a script of `examples` prints, run as a reader of it would. */
async function run(script: string, ...args: string[]): Promise<string[]> {
  const { address, namespace = 'default' } = stack.environment;
  const env = { ...process.env, TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace };
  const { stdout } = await promisify(execFile)(process.execPath, [join('examples', script), ...args], {
    cwd: root,
    env,
  });
  return stdout.trimEnd().split('\n');
}

test.each(scripts)('%s has less than 20 lines', (script) => {
  expect(
    readFileSync(join(root, 'examples', script), 'utf8')
      .trimEnd()
      .split('\n').length,
  ).toBeLessThan(20);
});

test('the script that approves names who may approve in the example company', () => {
  const [firstLine = ''] = readFileSync(join(root, 'examples', 'approve-by-signal.mjs'), 'utf8').split('\n');
  const [, employee, by] = /salary-(E-\d+)-\S+ (E-\d+)$/.exec(firstLine) ?? [];
  const { employees } = JSON.parse(readFileSync(join(root, 'examples', 'company', 'accounting.json'), 'utf8')) as {
    employees: { id: string; managerId?: string }[];
  };
  expect(by).toBe(employees.find(({ id }) => id === employee)?.managerId);
});

test.each([
  ['Employee 1', month, 'employee "Employee 1": must be an employee id such as "E-1007"'],
  ['E-1007 ', month, 'employee "E-1007 ": must be an employee id such as "E-1007"'],
  ['E-1007', '2026-13', 'month "2026-13": must be a month such as "2026-11"'],
  ['E-1007', '', 'month "": must be a month such as "2026-11"'],
])(
  'given a script is to start a salary of %j for %j, then it refuses in words, and nothing starts',
  async (...given) => {
    const [employee, of, reason] = given;

    await expect(run('start-salary.mjs', employee, of)).rejects.toMatchObject({
      code: 1,
      stdout: '',
      stderr: `${reason}\n`,
    });

    await expect(stack.client.workflow.getHandle(`salary-${employee}-${of}`).describe()).rejects.toThrow(
      WorkflowNotFoundError,
    );
  },
);

test('given a salary is started by a script, seen by a script and approved by a script, then it is paid', async () => {
  const { caseId, employee, manager } = anna;

  const [started] = await run('start-salary.mjs', employee.id, month);
  expect(JSON.parse(started ?? '')).toMatchObject({ caseId, existed: false });
  const [again] = await run('start-salary.mjs', employee.id, month);
  expect(JSON.parse(again ?? '')).toMatchObject({ caseId, existed: true });

  await untilWaiting(stack, anna, 'approveBonus');
  expect(await run('where-is-it.mjs', caseId)).toEqual([
    'now: Approve bonus open manager',
    expect.stringMatching(/^\d{4}-\d\d-\d\dT[0-9:.]+Z Find employee done$/),
    expect.stringMatching(/ Calculate base done$/),
    expect.stringMatching(/ Calculate bonus done$/),
    expect.stringMatching(/ Approve bonus open$/),
  ]);

  await expect(run('approve-by-signal.mjs', caseId, 'E-1')).rejects.toMatchObject({
    code: 1,
    stdout: `refused: by: "E-1" is not asked; manager ${manager.id} may decide\n`,
  });
  expect(await run('approve-by-signal.mjs', caseId, manager.id)).toEqual(['approved']);
  expect(await resultOf(stack.client, caseId)).toMatchObject({ outcome: 'paid', total: euros(4_700) });
  expect(await booking(stack, anna)).toMatchObject({ approvals: [{ decision: 'approve', by: manager.id }] });

  const steps = await run('where-is-it.mjs', caseId);
  expect(steps).toHaveLength(5);
  expect(steps.at(-1)).toMatch(/ Book salary done$/);
});
