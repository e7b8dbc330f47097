import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { ModuleResolutionKind, resolveModuleName, sys } from 'typescript';
import type { CaseRecord, Step } from '../../src/kit/contract';
import { devServer } from '../support/temporal';
import { plays } from './plays';
import { makeProject, type Project } from './project';

let project: Project;
let environment: TestWorkflowEnvironment;
let stopWorker: (() => Promise<void>) | undefined;

/** The one change of the project is `plugins: [whereabouts()]` of its worker; it is compiled, started, and all it does is played. */
beforeAll(async () => {
  [project, environment] = await Promise.all([makeProject(), devServer()]);
  await project.compile();
  stopWorker = await startWorker();
  await Promise.all(Object.keys(plays).map(playOne));
}, 300_000);
afterAll(async () => {
  await stopWorker?.();
  await environment.teardown();
  await project.remove();
});

/** Starts the project's own worker, and waits until it says that it is ready. */
async function startWorker(): Promise<() => Promise<void>> {
  const env = { ...process.env, TEMPORAL_ADDRESS: environment.address };
  const worker = spawn(process.execPath, ['lib/worker.js'], { cwd: project.folder, env });
  const ended = once(worker, 'close');
  let complaint = '';
  worker.stderr.on('data', (text) => (complaint += String(text)));
  const failed = ended.then(() => Promise.reject(new Error(complaint)));
  await Promise.race([once(worker.stdout, 'data'), failed]);
  return async () => {
    failed.catch(() => undefined);
    worker.kill();
    await ended;
  };
}

async function playOne(workflowId: string): Promise<void> {
  const { play, ...input } = plays[workflowId] ?? { args: [] };
  const { client } = environment;
  const workflow = await client.workflow.start(workflowId, { workflowId, taskQueue: 'parcels', ...input });
  await play?.(workflow, client);
  if (workflowId !== 'broken') await workflow.result().catch(() => undefined);
}

/** What the command line of the installed package says. */
async function whereabouts(...words: string[]): Promise<string> {
  const { stdout } = await project.run('node_modules/.bin/whereabouts', words, {
    TEMPORAL_ADDRESS: environment.address,
  });
  return stdout;
}

const brief = (steps: Step[]) => steps.map(({ id, kind, status }) => `${kind} ${id} ${status}`);

test('it has one copy of what a bundle or a worker must not have twice', async () => {
  const { packages } = JSON.parse(await readFile(join(project.folder, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, object>;
  };

  const copies = Object.keys(packages).filter((path) => /@temporalio\/(?:common|worker|workflow)$/.test(path));
  expect(copies).toHaveLength(3);
});

test('an ES module imports the worker and the client by name', async () => {
  const code = `import { whereabouts } from 'whereabouts/worker'; import { getCase } from 'whereabouts/client';
    console.log(whereabouts().name, getCase.name);`;

  expect(await project.run(process.execPath, ['--input-type=module', '--eval', code])).toMatchObject({
    stdout: 'whereabouts getCase\n',
  });
});

test.each(['worker', 'client', 'workflow'])('whereabouts/%s has types where modules are resolved as of old', (door) => {
  const options = { moduleResolution: ModuleResolutionKind.Node10 };
  const from = join(project.folder, 'src', 'worker.ts');

  const { resolvedModule } = resolveModuleName(`whereabouts/${door}`, from, options, sys);

  expect(resolvedModule?.resolvedFileName).toMatch(/\.d\.ts$/);
});

test('every workflow says what it did and how it ended', async () => {
  const { cases } = JSON.parse(await whereabouts('list', '--json')) as {
    cases: (CaseRecord & { answered: boolean })[];
  };

  const said = cases.map(({ caseId, answered, status, steps }) => [caseId, answered ? [status, ...brief(steps)] : []]);
  expect(Object.fromEntries(said)).toEqual({
    delivery: [
      'completed',
      'call weigh/1 done',
      'call findTariff/1 done',
      'timer timer/1 done',
      'child transport/1 done',
      'call depart/1 done',
      'event changeAddress/1 done',
      'event decide/1 done',
    ],
    'delivery-transport': ['completed', 'event depart/1 done', 'event arrive/1 done'],
    pickUp: ['cancelled', 'timer timer/1 done', 'timer timer/2 cancelled', 'call refund/1 done'],
    rounds: ['completed', 'call collect/1 done', 'call collect/2 done'],
    handOver: ['completed'],
    refused: ['failed'],
    broken: [],
    ownHistory: ['completed', 'call collect/1 done', 'event arrive/1 done'],
    leavesWorkBehind: [
      'completed',
      'event arrive/1 done',
      ...Array.from({ length: 12 }, (_, call) => `call collect/${call + 1} cancelled`),
    ],
  });
});

test('where: one that failed at once says why, and one whose code is broken that it is', async () => {
  expect(await whereabouts('where', 'refused')).toContain('a piano is too large');
  expect(await whereabouts('where', 'broken')).toContain('its workflow code fails');
});

test('history, by npx, and of a workflow that answers `history` itself', async () => {
  const env = { TEMPORAL_ADDRESS: environment.address };
  const { stdout } = await project.run('npx', ['--no-install', 'whereabouts', 'history', 'delivery'], env);
  const own = JSON.parse(await whereabouts('history', 'ownHistory', '--json')) as { steps: Step[] };

  expect(stdout).toMatch(/changeAddress\/1 +done/);
  expect(brief(own.steps)).toEqual(['call collect/1 done', 'event arrive/1 done']);
});
