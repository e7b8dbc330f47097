import { on } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { Client, Connection } from '@temporalio/client';
import pino from 'pino';
import { defaultTaskQueue } from '../../src/kit/client';
import { startTemporal } from '../../src/platform/temporal-server';
import { startWorker } from '../../src/platform/worker';

test('what fails in a workflow is said in the log', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'whereabouts-log-'));
  const server = await startTemporal({ program: process.env['TEST_TEMPORAL_CLI'] ?? '', dataDir });
  const temporal = { connection: { address: server.address }, namespace: 'default' };
  const log = new PassThrough();
  const lines = on(log, 'data');
  const worker = await startWorker({ temporal, systemUrl: () => 'http://127.0.0.1:1', log: pino(log) });
  const connection = await Connection.connect(temporal.connection);
  try {
    const { workflow } = new Client({ connection });
    await workflow.start('noSuchProcess', { workflowId: 'unknown', taskQueue: defaultTaskQueue });

    let said = '';
    for await (const [line] of lines) {
      said = String(line);
      if (said.includes('noSuchProcess')) break;
    }

    expect(said).toContain("Failed to initialize workflow of type 'noSuchProcess'");
  } finally {
    await connection.close();
    await worker.stop();
    await server.stop();
    await rm(dataDir, { recursive: true });
  }
});
