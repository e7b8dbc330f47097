import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection, ServiceError } from '@temporalio/client';
import { Pool } from 'pg';
import { defaultTaskQueue, NoAnswer, NoServer, type FoundCase } from '../../src/kit/client';
import { exampleFolder } from '../../src/platform/example';
import { startRows } from '../../src/platform/start-rows';
import { readTour } from '../../src/platform/tour';
import { check } from '../../src/platform/tour-check';
import { play } from '../../src/platform/tour-play';
import { startCluster, type Cluster } from './cluster';

const begun = Date.now();
const say = (line: string) => {
  process.stdout.write(`${((Date.now() - begun) / 1000).toFixed(1).padStart(6)} s  ${line}\n`);
};

let cluster: Cluster;
let client: Client;
let payroll: Pool;

jest.setTimeout(300_000);

// The first time builds the Temporal server.
beforeAll(async () => {
  cluster = await startCluster(say);
}, 1_800_000);

afterAll(async () => {
  await payroll?.end();
  await client?.connection.close();
  await cluster?.stop();
});

test('the tour ends as expected on a cluster whose worker and server are killed meanwhile', async () => {
  await cluster.start('worker');
  await cluster.startAnother('worker');
  await cluster.start('api');
  await cluster.exec('worker', ['setup', '--example', '--yes']);
  client = new Client({ connection: Connection.lazy({ address: cluster.temporalAddress }) });
  while ((await pollers()) < 2) await sleep(100);
  say('two workers poll, the example company is entered');
  payroll = new Pool({ connectionString: cluster.postgres['payroll'] });
  const { script, expected } = await readTour();

  const killing = killInTheMiddle(expected.salaries.length);
  killing.catch(() => undefined);
  const { systemUrl, postgres } = cluster;
  const rows = await startRows({ client, systemUrl }, join(exampleFolder, 'employees.csv'));
  const caseIds = rows.flatMap((row) => ('caseId' in row ? [row.caseId] : []));
  const { signal } = new AbortController();
  const playing = playToTheEnd(() => play(client, caseIds, script, { say, signal }));
  const [cases] = await Promise.race([Promise.all([playing, killing]), cluster.failed]);
  const checks = await check(expected, { rows, cases, postgres });

  expect(checks.filter(({ expected: wanted, found }) => wanted !== found)).toEqual([]);
  expect(await keysOfPayroll()).toEqual(caseIds.map((caseId) => `${caseId}~0/payroll.bookSalary/1`).sort());
  say(`all ${checks.length} figures are as expected`);
});

/** Kills a worker with the first salary booked, and the server when half of them are. */
async function killInTheMiddle(salaries: number): Promise<void> {
  await untilBooked(1);
  await cluster.kill('worker');
  say(`a worker is killed, ${await booked()} of ${salaries} salaries are booked`);
  await untilBooked(salaries / 2);
  await cluster.kill('temporal');
  const bookedThen = await booked();
  say(`the Temporal server is killed, ${bookedThen} of ${salaries} salaries are booked`);
  expect(bookedThen).toBeLessThan(salaries);
  await cluster.startAnother('temporal');
  say('the Temporal server is started again');
}

/** Workers that ask the server for work. */
async function pollers(): Promise<number> {
  const { pollers: found } = await client.workflowService.describeTaskQueue({
    namespace: 'default',
    taskQueue: { name: defaultTaskQueue },
    taskQueueType: 1,
  });
  return new Set(found.map(({ identity }) => identity)).size;
}

async function untilBooked(count: number): Promise<void> {
  while ((await booked()) < count) await sleep(20);
}

async function booked(): Promise<number> {
  const { rows } = await payroll.query<{ count: number }>('select count(*)::int from bookings');
  return rows[0]?.count ?? 0;
}

/** Goes on playing after what the server's absence broke off, until every case has ended. */
async function playToTheEnd(playOn: () => Promise<FoundCase[]>): Promise<FoundCase[]> {
  for (;;) {
    try {
      const cases = await playOn();
      if (cases.every(({ record }) => record.endedAt !== undefined)) return cases;
    } catch (error) {
      if (!(error instanceof NoAnswer || error instanceof NoServer || error instanceof ServiceError)) throw error;
      say(error.message);
    }
  }
}

/** Keys under which payroll did something. */
async function keysOfPayroll(): Promise<string[]> {
  const { rows } = await payroll.query<{ key: string }>('select key from idempotent_requests order by key');
  return rows.map(({ key }) => key);
}
