import { beginWithOtherCode } from '../support/other-code';
import { caseWhen, given, month, start, untilWaiting } from '../support/salary';
import { startStack, type Stack } from '../support/stack';
import { environmentOf, jsonOf, whereabouts } from './cli';

jest.setTimeout(180_000);

let stack: Stack;
beforeAll(async () => {
  stack = await startStack('dev');
});
afterAll(() => stack.tearDown());

/** Types a command where no API is known, so that Temporal itself is asked. */
function type(...words: string[]) {
  return whereabouts(words, { ...environmentOf(stack), WHEREABOUTS_USER: 'E-9' });
}

async function json<Answer>(...words: string[]): Promise<Answer> {
  return jsonOf(await type(...words, '--json'));
}

/** A salary that waits for its manager's approval. */
async function waitingSalary() {
  const person = await given(stack, { bonus: 500 });
  await start(stack, person);
  await untilWaiting(stack, person, 'approveBonus');
  return person;
}

test('a case is found by its key, decided, and says what was done', async () => {
  const { caseId, employee, manager } = await waitingSalary();

  const where = await type('where', `employee:${employee.id}`);
  expect(where.stdout).toContain(`next: npx whereabouts decide ${caseId} approveBonus approve --by ${manager.id}`);
  const decided = await type('decide', caseId, 'approveBonus', 'approve', '--by', manager.id, '--comment', 'well done');
  expect(decided).toMatchObject({ code: 0 });
  expect(decided.stdout).toContain(`Recorded: approve by ${manager.id}`);

  await caseWhen(stack, caseId, ({ status }) => status === 'completed');
  expect((await type('history', caseId)).stdout).toMatch(/approveBonus\/1 +done .*approve by .* "well done"/);
});

test('a mistake is answered with what was probably meant', async () => {
  const { caseId, employee, manager } = await waitingSalary();
  const misspelt = caseId.replace('salary', 'salry');
  const mistakes: [words: string[], hint: string][] = [
    [['where', misspelt], `no case ${misspelt}; did you mean ${caseId}?`],
    [['history', employee.id], `no case ${employee.id}; it is a key of ${caseId}`],
    [['decide', caseId, 'aproveBonus', 'approve', '--by', manager.id], 'did you mean approveBonus?'],
    [['decide', caseId, 'approveBonus', 'aprove', '--by', manager.id], 'did you mean approve?'],
    [['resolve', caseId, 'bonus.calculateBonus/1', 'retry', '--reason', 'x'], 'no step is parked now'],
  ];

  for (const [words, hint] of mistakes) {
    expect(await type(...words)).toMatchObject({ code: 1, stderr: expect.stringContaining(hint) as string });
  }
});

test('a case that another client started without search attributes is found and decided as any other', async () => {
  const { caseId, employee, manager, settings } = await given(stack, { bonus: 500 });
  const input = { employee: employee.id, month, settings };
  await stack.client.workflow.start('salary', { workflowId: caseId, taskQueue: 'whereabouts', args: [input] });
  await caseWhen(stack, caseId, ({ status }) => status === 'waiting');

  for (const words of [[], ['--process', 'salary'], ['--process', 'salary', '--status', 'waiting']]) {
    expect((await type('list', ...words)).stdout).toContain(caseId);
  }
  expect((await type('tasks')).stdout).toContain(`decide ${caseId} approveBonus approve --by ${manager.id}`);
  expect((await type('where', caseId.toLowerCase())).stderr).toContain(`did you mean ${caseId}?`);
  await json('cancel', caseId, '--reason', 'has left');
  await caseWhen(stack, caseId, ({ status }) => status === 'cancelled');
  expect(await type('restart', caseId)).toMatchObject({
    code: 1,
    stdout: `Refused: case ${caseId} has no business keys, so it is not known what to start it with; start it again with the client that started it\n`,
  });
});

test('a namespace that there is not is named, with what to do', async () => {
  const { code, stderr } = await whereabouts(['list'], { ...environmentOf(stack), TEMPORAL_NAMESPACE: 'nowhere' });
  expect(code).toBe(1);
  expect(stderr).toBe(
    'The Temporal server has no namespace nowhere.\nMake it with: npx whereabouts setup. Or name another with TEMPORAL_NAMESPACE.\n',
  );
});

test('a case that cannot go on with the workflow code of now is said to be so, and the others are shown', async () => {
  const other = await waitingSalary();
  const { caseId, employee, settings } = await given(stack);
  await stack.stopWorker();
  await beginWithOtherCode(stack.environment, 'salary', caseId, { employee: employee.id, month, settings });
  await stack.startWorker();

  const where = await type('where', caseId);
  expect(where).toMatchObject({ code: 0, stderr: '' });
  expect(where.stdout).toContain('its workflow code fails; the Temporal UI shows the error');
  expect((await type('list')).stdout).toMatch(new RegExp(`^${caseId} +running +\\? +its workflow code fails`, 'm'));
  const tasks = await type('tasks');
  expect(tasks.stderr).toBe('Not known of one open case: its workflow code fails; the Temporal UI shows the error.\n');
  expect(tasks.stdout).toContain(other.caseId);
  const history = await type('history', caseId);
  expect(history).toMatchObject({ code: 1, stdout: '' });
  expect(history.stderr).toMatch(/^the workflow code of case .* fails: .*Nondeterminism.*\n$/);
  await stack.client.workflow.getHandle(caseId).terminate();
});

test('what the central view alone can look for is refused', async () => {
  expect(await type('list', '--role', 'manager')).toEqual({
    code: 2,
    stdout: '',
    stderr:
      'Temporal itself does not find cases by --role: it takes the API.\nLeave --direct out, or set WHEREABOUTS_URL.\n',
  });
});

test('without a worker the server says what it knows', async () => {
  const [{ caseId }] = await Promise.all([waitingSalary(), waitingSalary()]);
  await stack.stopWorker();
  try {
    const [where, tasks, incidents, list, decided] = await Promise.all([
      type('where', caseId),
      type('tasks', '--json'),
      json('incidents'),
      json<{ cases: object[] }>('list', '--status', 'waiting'),
      type('decide', caseId, 'approveBonus', 'approve', '--by', 'E-1'),
    ]);

    expect(where.code).toBe(0);
    expect(where.stdout).toContain(`${caseId}  running`);
    expect(where.stdout).toContain('The case does not answer');
    expect(tasks.stderr).toMatch(/^Not known of \d+ open cases: no worker answers on the task queue whereabouts\.$/m);
    expect(JSON.parse(tasks.stdout)).toMatchObject({ tasks: [], silent: expect.arrayContaining([caseId]) as string[] });
    expect(incidents).toMatchObject({ incidents: [], silent: expect.arrayContaining([caseId]) as string[] });
    expect(list.cases).toContainEqual(expect.objectContaining({ caseId, answered: false, why: 'no answer' }));
    expect(decided.stderr).toContain('no worker answered');
  } finally {
    await stack.startWorker();
  }
});
