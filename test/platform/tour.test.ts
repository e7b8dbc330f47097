import { execFileSync } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { tour } from '../../src/platform/tour';

// The tour starts everything.
jest.setTimeout(240_000);

const env = {
  PATH: process.env['PATH'],
  TEMPORAL_CLI: process.env['TEST_TEMPORAL_CLI'],
  // What must not reach the tour: it has servers of its own.
  TEMPORAL_ADDRESS: '127.0.0.1:1',
  WHEREABOUTS_POSTGRES_URL: 'postgres://127.0.0.1:1/none',
};

const processesOfTours = () =>
  execFileSync('ps', ['-e', '-o', 'args='], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes('whereabouts-tour-'));
const foldersOfTours = async () => (await readdir(tmpdir())).filter((name) => name.startsWith('whereabouts-tour-'));

test('the tour ends every case as expected, and leaves nothing behind', async () => {
  const before = await foldersOfTours();

  const checks = (await tour({ progress: 'none' }, { env, asked: new Promise(() => undefined) })) ?? [];

  expect(checks.filter(({ expected, found }) => expected !== found)).toEqual([]);
  expect(checks.filter(({ what }) => what === 'total booked')).toHaveLength(16);
  expect(checks.filter(({ about }) => about.startsWith('SMS'))).toHaveLength(2);
  expect(await foldersOfTours()).toEqual(before);
  expect(processesOfTours()).toEqual([]);
});

test('the tour leaves nothing behind when it is ended early', async () => {
  const before = await foldersOfTours();

  const asked = new Promise<void>((resolve) => setTimeout(resolve, 3_000));
  expect(await tour({ progress: 'none' }, { env, asked })).toBeUndefined();

  expect(await foldersOfTours()).toEqual(before);
  expect(processesOfTours()).toEqual([]);
});
