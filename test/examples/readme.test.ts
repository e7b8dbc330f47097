import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import ts from 'typescript';
import { decide, getCase, startCase } from '../../src/kit/client';
import { devServer } from '../support/temporal';

const root = join(__dirname, '..', '..');

/** What a reader of the process in README.md has of their own. */
const declarations = `
interface TravelActivities {
  findOffer(request: { employee: string; city: string }): Promise<{ id: string; price: string }>;
  book(request: { offerId: string }): Promise<{ bookingId: string }>;
}
interface TripInput {
  employee: string;
  managerId: string;
  city: string;
}
`;

let folder: string;
let workflowsPath: string;

/** A project of a reader, in which this package and Temporal's are installed. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'whereabouts-readme-'));
  await mkdir(join(folder, 'node_modules'));
  await symlink(root, join(folder, 'node_modules', 'whereabouts'));
  await symlink(join(root, 'node_modules', '@temporalio'), join(folder, 'node_modules', '@temporalio'));
  workflowsPath = join(folder, 'trip.ts');
  await writeFile(workflowsPath, `${await processOfReadme()}${declarations}`);
});
afterAll(() => rm(folder, { recursive: true }));

async function processOfReadme(): Promise<string> {
  const readme = await readFile(join(root, 'README.md'), 'utf8');
  const blocks = [...readme.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code = '']) => code);
  const code = blocks.find((block) => block.includes(`from 'whereabouts/workflow'`));
  if (code === undefined) throw new Error('README.md has no process');
  return code;
}

test('the process in README.md compiles with the settings of the project', () => {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), (path) => ts.sys.readFile(path)) as {
    config: { compilerOptions: object };
  };
  const { options } = ts.convertCompilerOptionsFromJson(
    { ...config.compilerOptions, incremental: false, types: [] },
    root,
  );
  const program = ts.createProgram([workflowsPath], options);

  const messages = ts
    .getPreEmitDiagnostics(program)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));

  expect(messages).toEqual([]);
});

test('the process in README.md, when the trip is approved, books it', async () => {
  const { whereabouts } = jest.requireActual<typeof import('../../src/kit/worker')>('whereabouts/worker');
  const booked: unknown[] = [];
  const activities = {
    'travel.findOffer': () => Promise.resolve({ id: 'offer-1', price: '99.00 EUR' }),
    'travel.book': (request: unknown) => Promise.resolve(booked.push(request)),
  };
  Runtime.install({
    logger: new DefaultLogger('ERROR', () => undefined),
    telemetryOptions: { logging: { filter: 'ERROR', forward: {} } },
  });
  const environment = await devServer();
  const { client, nativeConnection: connection } = environment;
  try {
    const worker = await Worker.create({
      ...{ connection, workflowsPath, activities, taskQueue: 'travel', plugins: [whereabouts()] },
    });
    await worker.runUntil(async () => {
      const input = { employee: 'E-1', managerId: 'E-2', city: 'Porto' };
      await startCase(client, { process: 'trip', caseId: 'trip-1', keys: [], input, taskQueue: 'travel' });
      while ((await getCase(client, 'trip-1')).status !== 'waiting') continue;
      await decide(client, 'trip-1', { task: 'approveTrip', decision: 'approve', by: 'E-2' });
      await client.workflow.getHandle('trip-1').result();

      expect(await getCase(client, 'trip-1')).toMatchObject({ status: 'completed', outcome: 'booked' });
      expect(booked).toEqual([{ offerId: 'offer-1' }]);
    });
  } finally {
    await environment.teardown();
  }
});
