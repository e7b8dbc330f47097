import { randomBytes } from 'node:crypto';
import pino from 'pino';
import { openView } from '../../src/view/database';
import { readMap } from '../../src/view/maps';
import { readCases, type KnownCase } from '../../src/view/read';
import { loadMaps } from '../../src/platform/process-maps';
import { reportTo, type Reporting } from '../../src/platform/reporting';
import { ensureDatabases, givenPostgres } from '../../src/platform/postgres';
import { fromSetup } from '../support/from-setup';
import { testDatabase } from '../support/postgres';
import { reportOf } from '../kit/fixtures/reports';

const warned: string[] = [];
const log = pino({ level: 'warn' }, { write: (line: string) => void warned.push(line) });
let database: Awaited<ReturnType<typeof testDatabase>>;
let reporting: Reporting;

beforeAll(async () => {
  database = await testDatabase();
  await database.drop();
  reporting = reportTo(database.url, log);
});
afterAll(async () => {
  await reporting.close();
  await database.drop();
});

test('while there is no view, reports are not taken; once there is, they are', async () => {
  await expect(reporting.report([reportOf('early', 3)])).rejects.toThrow('does not exist');

  await ensureDatabases(givenPostgres(fromSetup('TEST_POSTGRES_URL')), [new URL(database.url).pathname.slice(1)]);
  await reporting.report([reportOf('early', 3)]);

  expect(await keptOf('early')).toMatchObject([{ record: { caseId: 'early', historyLength: 3 } }]);
});

test('given a case with a key that is too long for Postgres, then the others are kept, and that is said once', async () => {
  const tooLong = randomBytes(3_000).toString('hex');
  const odd = reportOf('odd', 3, { keys: [`order:${tooLong}`] });

  await reporting.report([odd, reportOf('beside', 3)]);
  await reporting.report([odd, reportOf('beside', 6)]);

  expect(await keptOf('beside')).toMatchObject([{ record: { historyLength: 6 } }]);
  expect(await keptOf('odd')).toEqual([]);
  expect(warned.map((line) => (JSON.parse(line) as { caseId: string }).caseId)).toEqual(['odd']);
});

test('given a worker of a build begins, then the maps of what it runs are kept, once a build', async () => {
  for (const build of ['b-1', 'b-2', 'b-2']) {
    const worker = reportTo(database.url, log);
    worker.begin(build);
    await worker.close();
  }

  const view = await openView(database.url, log);
  const kept = await view.db.selectFrom('process_maps').select(['process', 'build']).orderBy('build').execute();
  const found = await readMap(view.db, 'salary', 'b-1');
  await view.close();

  expect(kept.filter(({ process }) => process === 'salary').map(({ build }) => build)).toEqual(['b-1', 'b-2']);
  expect(found?.map).toEqual((await loadMaps()).find(({ process }) => process === 'salary'));
});

async function keptOf(caseId: string): Promise<KnownCase[]> {
  const view = await openView(database.url, log);
  try {
    return await readCases(view.db, caseId);
  } finally {
    await view.close();
  }
}
