import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import pino from 'pino';
import { startCase } from '../../src/kit/client';
import { startTemporal } from '../../src/platform/temporal-server';
import { openView } from '../../src/view/database';
import { askSoon } from '../../src/view/due';
import { readCases } from '../../src/view/read';
import { runView } from '../../src/view/run';
import { until } from '../kit/fixtures/until';
import { fromSetup } from '../support/from-setup';
import { testDatabase } from '../support/postgres';

const undo: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

/** As {@link until}, for what takes up to a minute. */
const inTheEnd = <T>(ask: () => T | Promise<T>, wanted: (answer: T) => boolean) =>
  until(() => sleep(125).then(ask), wanted);

const newCase = { process: 'any', keys: [], input: {}, taskQueue: 'nobody works here' };

test('given the server falls silent and comes back, then the view waits, says so once, and goes on', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'whereabouts-lost-'));
  undo.push(() => rm(dataDir, { recursive: true }));
  const server = await startTemporal({ program: fromSetup('TEST_TEMPORAL_CLI'), dataDir });
  undo.push(server.stop);
  const client = new Client({ connection: await Connection.connect({ address: server.address }) });
  undo.push(() => client.connection.close());
  const database = await testDatabase();
  undo.push(database.drop);
  const said: string[] = [];
  const log = pino({}, { write: (line: string) => void said.push((JSON.parse(line) as { msg: string }).msg) });
  const { db, close } = await openView(database.url, log);
  undo.push(close);
  const { stop } = runView({ db, client, log, sweepEvery: 200 });
  undo.push(stop);
  const terminate = async (caseId: string) => {
    const { runId } = await startCase(client, { ...newCase, caseId });
    await client.workflow.getHandle(caseId, runId).terminate('enough of it');
  };
  const known = (caseId: string) =>
    inTheEnd(
      () => readCases(db, caseId),
      ([one]) => one?.record.endedAt !== undefined && !one.partial,
    );
  await terminate('before');
  await known('before');

  process.kill(server.pid, 'SIGSTOP');
  undo.push(async () => process.kill(server.pid, 'SIGCONT'));
  await askSoon(db, ['before']);
  await inTheEnd(
    () => said.length,
    (lines) => lines === 2,
  );
  process.kill(server.pid, 'SIGCONT');
  await terminate('after');

  await known('after');
  await inTheEnd(
    () => said.length,
    (lines) => lines === 4,
  );
  expect(said.sort()).toEqual([
    'Cases are not asked: that is over',
    'Cases are not asked; it is tried again',
    'What runs is not looked through: that is over',
    'What runs is not looked through; it is tried again',
  ]);
});
