import pino from 'pino';
import { openView } from '../../src/view/database';
import { readCases } from '../../src/view/read';
import { reportTo, type Reporting } from '../../src/platform/reporting';
import { ensureDatabases, givenPostgres } from '../../src/platform/postgres';
import { fromSetup } from '../support/from-setup';
import { testDatabase } from '../support/postgres';
import { reportOf } from '../kit/fixtures/reports';

const log = pino({ level: 'silent' });
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

  const view = await openView(database.url, log);
  try {
    const [kept] = await readCases(view.db, 'early');
    expect(kept?.record).toMatchObject({ caseId: 'early', historyLength: 3 });
  } finally {
    await view.close();
  }
});
