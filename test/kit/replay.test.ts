import { Worker } from '@temporalio/worker';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { describeCase, getCase, NotRecorded, type CaseRecord } from '../../src/kit/client';
import { whereabouts } from '../../src/kit/worker';
import { devServer } from '../support/temporal';
import { elsewhere } from './fixtures/interleaved';
import { bundleFixtures, ended, eventTypes, runWorker } from './fixtures/server';
import { until } from './fixtures/until';
import { createSystems } from './fixtures/systems';

/** As Temporal numbers its events. */
const workflowTaskCompleted = '7';
const workflowTaskFailed = '9';
const activityScheduled = '10';
const activityCompleted = '12';
const timerFired = '18';
const childCompleted = '32';

type Mode = 'with the plugin' | 'without';
const modes: Mode[] = ['with the plugin', 'without'];

let environment: TestWorkflowEnvironment;
let bundles: Record<Mode, { codePath: string }>;
const systems = createSystems();

beforeAll(async () => {
  environment = await devServer();
  bundles = { 'with the plugin': await bundleFixtures(), without: await bundleFixtures([]) };
});
afterAll(() => environment.teardown());

const plugins = (mode: Mode) => (mode === 'without' ? [] : [whereabouts()]);
const handle = (caseId: string) => environment.client.workflow.getHandle(caseId);
const typesOf = (caseId: string) => eventTypes(environment.client, caseId);

function workFor(mode: Mode, taskQueue: string = mode) {
  const options = { workflowBundle: bundles[mode], activities: systems.activities, taskQueue };
  return runWorker(environment, options, plugins(mode));
}

async function start(mode: Mode, type: string, ...args: unknown[]): Promise<string> {
  const workflowId = `${type} ${mode}`;
  await environment.client.workflow.start(type, { workflowId, taskQueue: mode, args });
  return workflowId;
}

/** Fails when a history does not fit the code that runs in this mode. */
async function replay(mode: Mode, ...caseIds: string[]): Promise<void> {
  const histories = await Promise.all(
    caseIds.map(async (workflowId) => ({ workflowId, history: await handle(workflowId).fetchHistory() })),
  );
  const replayed = Worker.runReplayHistories({ workflowBundle: bundles[mode], plugins: plugins(mode) }, histories);
  for await (const { error } of replayed) if (error) throw error;
}

describe('histories of workflows that do not use the kit', () => {
  const sideBySide: [type: string, after: string | undefined][] = [
    ['childBesideCall', childCompleted],
    ['signalBesideCall', undefined],
    ['timerBesideCall', timerFired],
  ];

  /** While no worker is there for the workflow, the call ends after the other event, and both wait for it. */
  async function carryOutElsewhere(caseIds: string[]): Promise<void> {
    const stop = await workFor('without', elsewhere);
    for (const caseId of caseIds)
      await until(
        () => typesOf(caseId),
        (types) => types.includes(activityCompleted),
      );
    await stop();
  }

  test('given a branch that waits for a call and another for something else, when both go on at once, then their commands are the same with the plugin and without', async () => {
    const caseIds: string[] = [];
    const stops = await Promise.all(modes.map((mode) => workFor(mode)));
    for (const mode of modes) {
      for (const [type, after] of sideBySide) {
        const caseId = await start(mode, type);
        caseIds.push(caseId);
        systems.plan(caseId, 'count', async () => {
          if (after)
            await until(
              () => typesOf(caseId),
              (types) => types.includes(after),
            );
        });
        await until(
          () => typesOf(caseId),
          (types) => types.includes(activityScheduled),
        );
        await until(
          () => typesOf(caseId),
          (types) => types.includes(workflowTaskCompleted),
        );
      }
    }
    await Promise.all(stops.map((stop) => stop()));
    for (const caseId of caseIds.filter((id) => id.startsWith('signal'))) await handle(caseId).signal('go');

    await carryOutElsewhere(caseIds);
    const again = await Promise.all(modes.map((mode) => workFor(mode)));
    await Promise.all(caseIds.map((caseId) => handle(caseId).result()));
    await Promise.all(again.map((stop) => stop()));

    for (const mode of modes) await replay(mode, ...caseIds);
    for (const [type] of sideBySide) {
      const [withPlugin, without] = await Promise.all(modes.map((mode) => commandsOf(`${type} ${mode}`)));
      expect(withPlugin).toEqual(without);
    }
  });

  test.each(modes)(
    'given an update that lets the workflow go on, recorded %s, then it replays with the plugin and without',
    async (mode) => {
      const stop = await workFor(mode);
      const caseId = await start(mode, 'updateThenCall');
      await until(
        () => typesOf(caseId),
        (types) => types.includes(workflowTaskCompleted),
      );
      await handle(caseId).executeUpdate('approveIt');
      await handle(caseId).result();
      await stop();

      for (const replayed of modes) await replay(replayed, caseId);
    },
  );
});

test.each(modes)('given a workflow that goes on in spite of a cancellation, %s, then it does', async (mode) => {
  const stop = await workFor(mode);
  const caseId = await start(mode, 'stubborn', 1);
  await until(
    () => typesOf(caseId),
    (types) => types.includes(workflowTaskCompleted),
  );
  await handle(caseId).cancel();
  await until(
    () => typesOf(caseId),
    (types) => types.filter((type) => type === workflowTaskCompleted).length === 2,
  );
  await handle(caseId).signal('hurry');

  await expect(handle(caseId).result()).resolves.toBe('went on');
  await stop();
});

/** The inputs of the calls in the order in which the workflow made them. */
async function commandsOf(caseId: string): Promise<string[]> {
  const { events } = await handle(caseId).fetchHistory();
  return (events ?? []).flatMap(({ activityTaskScheduledEventAttributes: scheduled }) =>
    scheduled ? Buffer.from(scheduled.input?.payloads?.[0]?.data ?? '').toString() : [],
  );
}

describe('the plugin', () => {
  test('given a worker without it, then a case cannot be asked, and the server still says what it knows', async () => {
    const stop = await workFor('without');
    const caseId = await start('without', 'waitsForever');
    await until(
      () => typesOf(caseId),
      (types) => types.includes(workflowTaskCompleted),
    );

    await expect(getCase(environment.client, caseId)).rejects.toThrow(NotRecorded);
    await expect(describeCase(environment.client, caseId)).resolves.toMatchObject({ status: 'running' });
    expect(systems.callsOf('updateThenCall without').map(({ key }) => key)).toEqual([undefined]);
    await stop();
  });

  test('given a fresh worker, when running and ended cases are asked, then they say what they said before', async () => {
    const stop = await workFor('with the plugin');
    await environment.client.workflow.start('failing', { workflowId: 'asked-failed', taskQueue: 'with the plugin' });
    const options = {
      workflowId: 'asked-waiting',
      taskQueue: 'with the plugin',
      args: [{ role: 'manager', shows: 3 }],
    };
    await environment.client.workflow.start('approval', options);
    await handle('asked-waiting').signal('decide', { task: 'laterTask', decision: 'approve', by: 'anna' });
    const before = [
      await ended(environment.client, 'asked-failed'),
      await until(
        () => getCase(environment.client, 'asked-waiting'),
        ({ status }) => status === 'waiting',
      ),
    ];
    await stop();

    const stopFresh = await workFor('with the plugin');

    const after = [
      await getCase(environment.client, 'asked-failed'),
      await getCase(environment.client, 'asked-waiting'),
    ];
    await stopFresh();
    const said = (records: CaseRecord[]) => records.map((record) => ({ ...record, historyLength: 0 }));
    expect(said(after)).toEqual(said(before));
    expect(after.map(({ status }) => status)).toEqual(['failed', 'waiting']);
  });

  test('given a mistake in the workflow code, then the case is not failed, and goes on when it is mended', async () => {
    const stop = await workFor('with the plugin');
    const caseId = await start('with the plugin', 'buggy');
    await until(
      () => typesOf(caseId),
      (types) => types.includes(workflowTaskFailed),
    );
    const { status: whileBroken } = await handle(caseId).describe();

    await handle(caseId).signal('hurry');
    await handle(caseId).result();

    const { status, failure, steps } = await ended(environment.client, caseId);
    await stop();
    expect(whileBroken.name).toBe('RUNNING');
    expect({ status, failure }).toEqual({ status: 'completed', failure: undefined });
    expect(steps.map((step) => `${step.id} ${step.status}`)).toEqual(['count/1 done', 'hurry/1 done']);
  });
});
