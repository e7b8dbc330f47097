import { execFileSync } from 'node:child_process';
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tour } from '../../src/platform/tour';

// The tour starts everything.
jest.setTimeout(240_000);

const given = {
  PATH: process.env['PATH'],
  TEMPORAL_CLI: process.env['TEST_TEMPORAL_CLI'],
  // What must not reach the tour: it has servers of its own.
  TEMPORAL_ADDRESS: '127.0.0.1:1',
  WHEREABOUTS_POSTGRES_URL: 'postgres://127.0.0.1:1/none',
};

let env: NodeJS.ProcessEnv;
let temporaryFolder: string;

/** The tour's temporary folder is made in one of the test's own. */
beforeEach(async () => {
  temporaryFolder = await mkdtemp(join(tmpdir(), 'whereabouts-tour-test-'));
  await chmod(temporaryFolder, 0o755);
  env = { ...given, TMPDIR: temporaryFolder };
});

afterEach(() => rm(temporaryFolder, { recursive: true, force: true }));

async function leftBehind(): Promise<string[]> {
  const processes = execFileSync('ps', ['-e', '-o', 'args='], { encoding: 'utf8' }).split('\n');
  return [...(await readdir(temporaryFolder)), ...processes.filter((line) => line.includes(temporaryFolder))];
}

test('the tour ends every case as expected, and leaves nothing behind', async () => {
  const checks = (await tour({ progress: 'none' }, { env, asked: new Promise(() => undefined) })) ?? [];

  expect(checks.filter(({ expected, found }) => expected !== found)).toEqual([]);
  expect(checks.filter(({ what }) => what === 'total booked')).toHaveLength(16);
  expect(checks.filter(({ about }) => about.startsWith('SMS'))).toHaveLength(2);
  expect(await leftBehind()).toEqual([]);
});

test('the tour leaves nothing behind when it is ended while it runs', async () => {
  let inUse: string[] = [];
  const asked = (async () => {
    while (inUse.length < 2) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      inUse = await leftBehind();
    }
  })();

  expect(await tour({ progress: 'none' }, { env, asked })).toBeUndefined();

  expect(inUse.length).toBeGreaterThanOrEqual(2);
  expect(await leftBehind()).toEqual([]);
});
