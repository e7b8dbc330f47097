import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { defaultTaskQueue } from '../../src/kit/client';
import { freePort } from '../../src/platform/ports';
import { systemNames } from '../../src/platform/systems';
import { startCommand, type RunningCommand } from '../support/command';
import { testDatabase } from '../support/postgres';
import { devServer } from '../support/temporal';
import { composeFile } from './compose-file';

const { services } = composeFile({ POSTGRES_PASSWORD: 'changed' });
const run = promisify(execFile);

// Six processes start, each of which loads everything.
jest.setTimeout(300_000);

let temporal: TestWorkflowEnvironment;
const databases: Awaited<ReturnType<typeof testDatabase>>[] = [];
const running: RunningCommand[] = [];
/** Addresses in the file, and what is there instead when it runs here. */
const places = new Map<string, string>();

beforeAll(async () => {
  temporal = await devServer();
  places.set('temporal:7233', temporal.address);
  for (const name of systemNames) {
    const database = await testDatabase();
    databases.push(database);
    places.set(`postgres://whereabouts:changed@postgres:5432/${name}`, database.url);
    places.set(`http://${name}:8080`, `http://127.0.0.1:${await freePort()}`);
  }
});
afterAll(async () => {
  await Promise.all(running.map((command) => command.stop('SIGKILL')));
  await temporal.teardown();
  await Promise.all(databases.map((database) => database.drop()));
});

/** Runs a service's own command, or `args`, with its own environment, each address in it replaced by where that is here. */
function startService(name: string, args?: string[]): RunningCommand {
  const { command = [], environment = {} } = services[name] ?? {};
  const port = new URL(places.get(`http://${name}:8080`) ?? 'http://none:0').port;
  const here = Object.entries(environment).map(([variable, value]) => [
    variable,
    variable === 'PORT' ? port : (places.get(String(value)) ?? String(value)),
  ]);
  const started = startCommand(args ?? command, Object.fromEntries(here) as Record<string, string>);
  running.push(started);
  return started;
}

/** Runs a service's own health check, as Docker would, against where the service is here. */
async function isHealthy(name: string): Promise<boolean> {
  const [kind, program = '', ...args] = services[name]?.healthcheck?.test ?? [];
  expect(kind).toBe('CMD');
  const there = places.get(`http://${name}:8080`) ?? '';
  return run(
    program,
    args.map((arg) => arg.replace('http://127.0.0.1:8080', there)),
  ).then(
    () => true,
    () => false,
  );
}

async function until(happened: () => Promise<boolean>, command: RunningCommand): Promise<void> {
  const ended = command.ended.then((code) => {
    throw new Error(`ended with ${code}: ${command.output()}`);
  });
  ended.catch(() => undefined);
  while (!(await Promise.race([happened(), ended]))) await sleep(200);
}

test('every service of ours starts by its own command and environment, is healthy by its own check, and stops when asked', async () => {
  const systems = systemNames.map((name) => ({ name, command: startService(name) }));
  for (const { name, command } of systems) await until(() => isHealthy(name), command);

  const setup = startService('setup');
  expect([await setup.ended, setup.output()]).toEqual([0, expect.any(String)]);

  const example = startService('worker', ['setup', '--example', '--yes']);
  expect([await example.ended, example.output()]).toEqual([
    0,
    expect.stringMatching(
      /: enter the example company; nothing goes wrong in bonus, which runs without FAULTS=on; nothing goes wrong in payroll, which runs without FAULTS=on\nChanged\.\n$/,
    ),
  ]);

  const worker = startService('worker');
  await until(workerPolls, worker);

  for (const command of [worker, ...systems.map((system) => system.command)]) {
    expect([await command.stop('SIGTERM'), command.output()]).toEqual([0, expect.any(String)]);
  }
});

test('a system is not healthy while nothing listens', async () => {
  expect(await isHealthy('accounting')).toBe(false);
});

async function workerPolls(): Promise<boolean> {
  const { pollers } = await temporal.connection.workflowService.describeTaskQueue({
    namespace: temporal.namespace ?? 'default',
    taskQueue: { name: defaultTaskQueue },
    taskQueueType: 1,
  });
  return pollers.length > 0;
}
