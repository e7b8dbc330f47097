import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { isGrpcServiceError, type Client } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import pino from 'pino';
import { getCase, startCase } from '../../src/kit/client';
import { freePort } from '../../src/platform/ports';
import { readSettings } from '../../src/platform/settings';
import { givenVersion, startWorker } from '../../src/platform/worker';
import { salaryProcess } from '../../src/processes/salary/process';
import { devServer } from '../support/temporal';

const systemUrl = () => 'http://127.0.0.1:1';

test('a worker whose Temporal server is not there says so and goes on trying until it is told to end', async () => {
  const connection = { address: `127.0.0.1:${await freePort()}` };
  const lines = new PassThrough();
  const abort = new AbortController();

  const starting = startWorker(
    { temporal: { connection, namespace: 'default' }, systemUrl, log: pino(lines) },
    abort.signal,
  );
  const [first] = (await once(lines, 'data')) as [Buffer];
  const [second] = (await once(lines, 'data')) as [Buffer];
  abort.abort();

  await expect(starting).rejects.toMatchObject({ name: 'AbortError' });
  for (const line of [first, second]) {
    expect(line.toString()).toContain(`Temporal at ${connection.address} cannot be reached`);
  }
});

describe('on a server', () => {
  let environment: TestWorkflowEnvironment;
  beforeAll(async () => {
    environment = await devServer();
  });
  afterAll(() => environment.teardown());

  const options = (namespace = 'default') => ({
    temporal: { connection: { address: environment.address }, namespace },
    systemUrl,
    log: pino({ level: 'silent' }),
  });

  test('a worker for a namespace that there is not is refused, naming it and what to do', async () => {
    await expect(startWorker(options('nowhere'))).rejects.toMatchObject({
      name: 'UserError',
      message: `The Temporal server at ${environment.address} has no namespace nowhere.`,
      advice: expect.stringContaining('whereabouts setup') as string,
    });
  });

  test('a case stays with the build that it began with, and new ones come to the current build', async () => {
    const { client } = environment;
    const settings = await readSettings(salaryProcess);
    const begin = (caseId: string) =>
      startCase(client, {
        ...{ caseId, process: 'salary', workflow: 'salary', keys: [] },
        input: { employee: 'E-1', month: '2026-11', settings },
      });
    const buildOf = async (caseId: string) => (await getCase(client, caseId)).build;
    /** The builds that worked on a case, one after the other. */
    const workedOn = async (caseId: string) => {
      const { events } = await client.workflow.getHandle(caseId).fetchHistory();
      return (events ?? []).flatMap((event) => {
        const done = event.workflowTaskCompletedEventAttributes;
        return done ? [done.deploymentVersion?.buildId] : [];
      });
    };
    const workers = [await startWorker({ ...options(), version: versionOf('1') })];
    try {
      await makeCurrent(client, '1');
      await begin('before');
      expect(await buildOf('before')).toBe('1');

      workers.push(await startWorker({ ...options(), version: versionOf('2') }));
      await makeCurrent(client, '2');
      await begin('after');
      expect(await buildOf('after')).toBe('2');

      const tasks = (await workedOn('before')).length;
      await client.workflow.getHandle('before').signal('go on');
      while ((await workedOn('before')).length === tasks) await sleep(50);
      expect(new Set(await workedOn('before'))).toEqual(new Set(['1']));
    } finally {
      await Promise.all(workers.map((worker) => worker.stop()));
    }
  });

  function versionOf(buildId: string) {
    return givenVersion({ TEMPORAL_WORKER_BUILD_ID: buildId });
  }

  /** As `temporal worker deployment set-current-version` does; the server knows a build once its worker has polled. */
  async function makeCurrent({ workflowService }: Client, buildId: string): Promise<void> {
    const request = { namespace: 'default', deploymentName: 'whereabouts', buildId, identity: 'test' };
    for (;;) {
      try {
        await workflowService.setWorkerDeploymentCurrentVersion(request);
        return;
      } catch (error) {
        if (!isGrpcServiceError(error) || ![5, 9].includes(error.code)) throw error;
        await sleep(200);
      }
    }
  }
});

test('a worker is of no build unless told', () => {
  expect(givenVersion({})).toBeUndefined();
  expect(givenVersion({ TEMPORAL_WORKER_BUILD_ID: '', TEMPORAL_DEPLOYMENT_NAME: 'pay/worker' })).toBeUndefined();
  expect(givenVersion({ TEMPORAL_WORKER_BUILD_ID: 'abc', TEMPORAL_DEPLOYMENT_NAME: '' })).toEqual({
    deploymentName: 'whereabouts',
    buildId: 'abc',
  });
  expect(givenVersion({ TEMPORAL_WORKER_BUILD_ID: 'abc', TEMPORAL_DEPLOYMENT_NAME: 'pay/worker' })).toEqual({
    deploymentName: 'pay/worker',
    buildId: 'abc',
  });
});
