import { CodeFails, findCases, getCase, historyOf } from '../../../src/kit/client';
import { beginWithOtherCode } from '../../support/other-code';
import { runKit, type RunningKit } from '../fixtures/server';

let kit: RunningKit;
beforeAll(async () => {
  kit = await runKit('dev');
});
afterAll(() => kit.tearDown());

test('given a case that began with other workflow code, when it is asked, then it is said that the code fails', async () => {
  await kit.stopWorker();
  await beginWithOtherCode(kit.environment, 'approval', 'old', { role: 'manager' });
  await kit.startWorker();

  const asked = getCase(kit.client, 'old');
  await expect(asked).rejects.toThrow(CodeFails);
  await expect(asked).rejects.toThrow(/^the workflow code of case old fails: .*Nondeterminism/);
  await expect(historyOf(kit.client, 'old')).rejects.toThrow(CodeFails);
  expect(await findCases(kit.client)).toMatchObject([{ answered: false, why: 'code fails' }]);
});
