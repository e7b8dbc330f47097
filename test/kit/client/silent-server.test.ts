import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import {
  cancelCase,
  decide,
  describeCase,
  findCases,
  getCase,
  historyOf,
  NoAnswer,
  NoServer,
  resolve,
  restartCase,
  signalDecision,
  signalResolution,
  startCase,
  type Decision,
  type NewCase,
  type Resolution,
} from '../../../src/kit/client';
import { startTemporal, type TemporalServer } from '../../../src/platform/temporal-server';

const newCase = (caseId: string): NewCase => ({ process: 'approval', caseId, keys: [], input: {} });
const approves: Decision = { task: 'approveOrder', decision: 'approve', by: 'anna' };
const retries: Resolution = { step: 'ledger.book', action: 'retry', by: 'olga', reason: 'mended' };
const enough = { by: 'otto', reason: 'enough of it' };

let dataDir: string;
let server: TemporalServer;
let client: Client;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'whereabouts-silent-'));
  server = await startTemporal({ program: process.env['TEST_TEMPORAL_CLI'] ?? '', dataDir });
  client = new Client({ connection: await Connection.connect({ address: server.address }) });
});
afterEach(async () => {
  await client.connection.close();
  await server.stop();
  await rm(dataDir, { recursive: true });
});

/** Asks the server in every way, and answers with what came of it. */
const askServer = () =>
  Promise.allSettled([
    startCase(client, newCase('new')),
    restartCase(client, newCase('old')),
    describeCase(client, 'old'),
    findCases(client),
    signalDecision(client, 'old', approves),
    signalResolution(client, 'old', retries),
    cancelCase(client, 'old', enough),
  ]);

/** Asks the worker behind the server in every way, and answers with what came of it. */
const askWorker = () =>
  Promise.allSettled([
    decide(client, 'old', approves),
    resolve(client, 'old', retries),
    getCase(client, 'old'),
    historyOf(client, 'old'),
  ]);

test('given a server that takes calls and answers none, then every call ends and says so, and can be sent again', async () => {
  await startCase(client, newCase('old'));
  process.kill(server.pid, 'SIGSTOP');
  try {
    const [ofServer, ofWorker] = await Promise.all([askServer(), askWorker()]);

    for (const answer of ofServer) expect(answer).toEqual({ status: 'rejected', reason: new NoServer() });
    for (const answer of ofWorker) expect(answer).toEqual({ status: 'rejected', reason: new NoAnswer('old') });
  } finally {
    process.kill(server.pid, 'SIGCONT');
  }
  await startCase(client, newCase('new'));
  await signalDecision(client, 'old', approves);
  await cancelCase(client, 'old', enough);
  await expect(startCase(client, newCase('new'))).resolves.toMatchObject({ existed: true });
});

test('given a server that is gone, then every call ends and says so', async () => {
  await startCase(client, newCase('old'));
  await server.stop();

  const [ofServer, ofWorker] = await Promise.all([askServer(), askWorker()]);

  for (const answer of ofServer) expect(answer).toEqual({ status: 'rejected', reason: new NoServer() });
  for (const answer of ofWorker) expect(answer).toEqual({ status: 'rejected', reason: new NoAnswer('old') });
});
