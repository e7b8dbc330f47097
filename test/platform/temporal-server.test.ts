import { setMaxListeners } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { startCase } from '../../src/kit/client';
import { isAlive } from '../../src/platform/child-processes';
import { startTemporal, type TemporalServer } from '../../src/platform/temporal-server';

const program = process.env['TEST_TEMPORAL_CLI'] ?? '';

let dataDir: string;
let server: TemporalServer | undefined;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'whereabouts-temporal-'));
});

afterEach(async () => {
  await server?.stop();
  server = undefined;
  await rm(dataDir, { recursive: true, force: true });
});

async function start(): Promise<TemporalServer> {
  server = await startTemporal({ program, dataDir });
  return server;
}

async function withClient<T>(work: (client: Client) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address: server?.address ?? '' });
  try {
    return await work(new Client({ connection }));
  } finally {
    await connection.close();
  }
}

const startSalary = () =>
  withClient((client) =>
    startCase(client, { process: 'salary', caseId: 'salary-E-1-2026-11', keys: ['employee:E-1'], input: {} }),
  );

test('knows our search attributes, keeps finished cases for 30 days and shows its UI', async () => {
  const { ui } = await start();

  expect((await startSalary()).existed).toBe(false);
  const { config } = await withClient((client) => client.workflowService.describeNamespace({ namespace: 'default' }));
  expect(Number(config?.workflowExecutionRetentionTtl?.seconds)).toBe(30 * 24 * 60 * 60);
  expect((await fetch(ui)).status).toBe(200);
});

test('a case is there again after stop and start, and after a kill', async () => {
  await start();
  await startSalary();
  await server?.stop();

  await start();
  expect((await startSalary()).existed).toBe(true);
  process.kill((server as TemporalServer).pid, 'SIGKILL');
  await server?.ended;

  await start();
  expect((await startSalary()).existed).toBe(true);
});

test('whatever the server said is kept is there after it was killed while it wrote', async () => {
  const kept = { started: new Set<string>(), signalled: new Set<string>() };
  for (const round of [1, 2, 3]) {
    const { pid } = await start();
    await withClient(async (client) => {
      const write = async (writer: number) => {
        for (let number = 0; ; number++) {
          const workflowId = `case-${round}-${writer}-${number}`;
          const handle = await client.workflow.start('kept', { workflowId, taskQueue: 'nobody' });
          kept.started.add(workflowId);
          await handle.signal('said', workflowId);
          kept.signalled.add(workflowId);
        }
      };
      const gone = new AbortController();
      setMaxListeners(0, gone.signal);
      const writers = Array.from({ length: 16 }, (_, writer) =>
        client.withAbortSignal(gone.signal, () => write(writer)),
      );
      while (kept.signalled.size < round * 100) await sleep(1);
      process.kill(pid, 'SIGKILL');
      gone.abort();
      await Promise.allSettled(writers);
    });
    await server?.ended;
  }

  await start();

  const found = { started: new Set<string>(), signalled: new Set<string>() };
  await withClient(async (client) => {
    for (const workflowId of kept.started) {
      const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
      found.started.add(workflowId);
      if (events?.some((event) => event.workflowExecutionSignaledEventAttributes)) found.signalled.add(workflowId);
    }
  });
  expect([...kept.signalled].filter((workflowId) => !found.signalled.has(workflowId))).toEqual([]);
  expect(found.started).toEqual(kept.started);
});

test('a server left behind by a killed run is stopped, and its state is used', async () => {
  const { pid } = await start();
  await startSalary();

  await start();

  expect(isAlive(pid)).toBe(false);
  expect((await startSalary()).existed).toBe(true);
});

test('the pid of a stranger in a stale pid file is left alone', async () => {
  await writeFile(join(dataDir, 'temporal.pid'), String(process.ppid));

  await start();

  expect(isAlive(process.ppid)).toBe(true);
});

test('a program that is no Temporal server is an error that shows what it said, and leaves nothing running', async () => {
  await expect(startTemporal({ program: process.execPath, dataDir })).rejects.toMatchObject({
    name: 'UserError',
    message: expect.stringContaining('Cannot find module') as string,
    advice: expect.stringContaining('temporal.log') as string,
  });
  expect(await readdir(dataDir)).not.toContain('temporal.pid');
});
