import { chmod, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from '../../src/platform/postgres';
import { findTemporalProgram } from '../../src/platform/temporal-binaries';
import { removeAtEnd, stopAtEnd } from './global-teardown';

/**
 * What all tests share: a folder for the run (`TEST_FOLDER`), one Postgres cluster (`TEST_POSTGRES_URL`; one given there
 * is used), and the programs of the Temporal server and of the time-skipping test server (`TEST_TEMPORAL_CLI`,
 * `TEST_TEMPORAL_TEST_SERVER`).
 */
export default async function globalSetup(): Promise<void> {
  const say = (line: string) => {
    process.stderr.write(`${line}\n`);
  };
  const programs = Promise.all([
    findTemporalProgram('temporal', { say }),
    findTemporalProgram('temporal-test-server', { say }),
  ]);
  const folder = await mkdtemp(join(tmpdir(), 'whereabouts-test-'));
  await chmod(folder, 0o755);
  process.env['TEST_FOLDER'] = folder;
  removeAtEnd(folder);
  if (process.env['TEST_POSTGRES_URL'] === undefined) {
    const server = await startPostgres({ dataDir: join(folder, 'postgres') });
    stopAtEnd(server);
    process.env['TEST_POSTGRES_URL'] = server.url('postgres');
  }
  const [temporal, testServer] = await programs;
  process.env['TEST_TEMPORAL_CLI'] = temporal;
  process.env['TEST_TEMPORAL_TEST_SERVER'] = testServer;
}
