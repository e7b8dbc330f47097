import { Client } from '@temporalio/client';
import {
  cancelCase,
  findCases,
  getCase,
  NoAnswer,
  restartCase,
  startCase,
  type NewCase,
} from '../../../src/kit/client';
import { ended, runKit, type RunningKit } from '../fixtures/server';
import { until } from '../fixtures/until';

let kit: RunningKit;
beforeAll(async () => {
  kit = await runKit('dev');
});
afterAll(() => kit.tearDown());

const newCase = (caseId: string): NewCase => ({
  process: 'approval',
  caseId,
  keys: [],
  input: { role: 'manager', candidates: ['anna'] },
});
const waits = (caseId: string) =>
  until(
    () => getCase(kit.client, caseId),
    ({ status }) => status === 'waiting',
  );

test('given the worker of many cases has just gone, then the first of them are waited for, and the rest are not', async () => {
  const howMany = 45;
  const caseIds = Array.from({ length: howMany }, (_, index) => `case-${index}`);
  await Promise.all(caseIds.map((caseId) => startCase(kit.client, newCase(caseId))));
  await Promise.all(caseIds.map(waits));
  await cancelCase(kit.client, 'case-0', { by: 'otto', reason: 'enough of it' });
  await ended(kit.client, 'case-0');
  const { runId } = await restartCase(kit.client, newCase('case-0'));
  await waits('case-0');
  await until(
    () => kit.client.workflow.count(`CaseProcess = 'approval' AND ExecutionStatus = 'Running'`),
    ({ count }) => count === howMany,
  );
  const asked: string[] = [];
  const counting = new Client({
    connection: kit.environment.connection,
    interceptors: {
      workflow: [
        {
          query: (input, next) => {
            asked.push(input.workflowExecution.workflowId ?? '');
            return next(input);
          },
        },
      ],
    },
  });
  await kit.stopWorker();

  const [all, waiting, cancelled] = await Promise.all([
    findCases(counting),
    findCases(kit.client, { status: 'waiting' }),
    findCases(kit.client, { status: 'cancelled' }),
  ]);

  const silent = { answered: false, why: 'no answer', record: { process: 'approval', status: 'running' } };
  expect(all).toHaveLength(howMany);
  for (const one of [...all, ...waiting]) expect(one).toMatchObject(silent);
  expect(waiting.map(({ record }) => record.caseId).sort()).toEqual([...caseIds].sort());
  expect(all.find(({ record }) => record.caseId === 'case-0')).toMatchObject({ record: { runId, restart: 1 } });
  expect(cancelled).toEqual([]);
  expect(asked.length).toBeLessThan(howMany);
});

test('given a task queue that nobody polls, then its cases are not waited for as long as others', async () => {
  await kit.startWorker();
  await startCase(kit.client, { ...newCase('unattended'), process: 'unattended', taskQueue: 'nobody works here' });
  await until(
    () => kit.client.workflow.count(`CaseProcess = 'unattended'`),
    ({ count }) => count === 1,
  );

  const asked = getCase(kit.client, 'unattended').catch((error: unknown) => error);
  const found = findCases(kit.client, { process: 'unattended' });

  expect(await Promise.race([found, asked])).toMatchObject([{ answered: false, why: 'no answer' }]);
  expect(await asked).toEqual(new NoAnswer('unattended'));
});
