import { play } from '../../src/platform/tour-play';
import { beginWithOtherCode } from '../support/other-code';
import { given, month, start } from '../support/salary';
import { startStack, type Stack } from '../support/stack';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack('dev');
});
afterAll(() => stack.tearDown());

test('given a case that cannot go on, when cases are played, then the others end and the play ends, too', async () => {
  const [broken, well] = [await given(stack), await given(stack, { bonus: 500 })];
  await stack.stopWorker();
  const { caseId, employee, settings } = broken;
  await beginWithOtherCode(stack.environment, 'salary', caseId, { employee: employee.id, month, settings });
  await stack.startWorker();
  await start(stack, well);
  const said: string[] = [];

  const script = { decisions: [], resolutions: [] };
  const signal = new AbortController().signal;
  const cases = await play(stack.client, [caseId, well.caseId], script, { say: (line) => said.push(line), signal });

  expect(cases).toMatchObject([
    { answered: false, why: 'code fails', record: { caseId } },
    { answered: true, record: { caseId: well.caseId, outcome: 'paid' } },
  ]);
  expect(said.at(-1)).toBe('1 of 2 cases have ended');
});
