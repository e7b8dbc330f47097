import { AsyncLocalStorage } from 'node:async_hooks';
import { startCase, getCase } from '../../src/kit/client';
import { timeSkipping } from '../support/temporal';
import { bundleFixtures, runWorker } from './fixtures/server';
import { until } from './fixtures/until';
import { createSystems } from './fixtures/systems';

test('given a case waits, then another one adds no storage that marks every promise of the worker', async () => {
  const run = jest.spyOn(AsyncLocalStorage.prototype, 'run');
  const environment = await timeSkipping();
  const { activities } = createSystems();
  // Workflows run in this thread, where it can be seen what they use.
  const stop = await runWorker(environment, { workflowBundle: await bundleFixtures(), activities, debugMode: true });
  const wait = async (caseId: string) => {
    const input = { role: 'manager', bookFirst: true };
    await startCase(environment.client, { process: 'approval', caseId, keys: [], input });
    await until(
      () => getCase(environment.client, caseId),
      ({ status }) => status === 'waiting',
    );
    const holdingSomething = run.mock.contexts.filter((_, call) => run.mock.calls[call]?.[0] !== undefined);
    return new Set(holdingSomething).size;
  };
  try {
    const [one, two] = [await wait('first'), await wait('second')];

    expect(one).toBeGreaterThan(0);
    expect(two).toBe(one);
  } finally {
    await stop();
    await environment.teardown();
  }
});
