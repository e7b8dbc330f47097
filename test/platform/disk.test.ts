import { execFileSync } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { diskFull, isDiskFull } from '../../src/platform/disk';
import { startPostgres } from '../../src/platform/postgres';
import { startTemporal } from '../../src/platform/temporal-server';

test.each([
  ['an error of the file system', Object.assign(new Error('write'), { code: 'ENOSPC' })],
  ['an error of Postgres', Object.assign(new Error('could not extend file'), { code: '53100' })],
  ['a cause', new Error('migration failed', { cause: Object.assign(new Error('x'), { code: '53100' }) })],
  ['what SQLite says', 'database or disk is full (13)'],
])('a full disk is recognised in %s', (_, error) => {
  expect(isDiskFull(error)).toBe(true);
});

test('another error is no full disk', () => {
  expect(isDiskFull(new Error('permission denied'))).toBe(false);
});

describe('on a disk that is full', () => {
  const parts: [string, (dataDir: string) => Promise<unknown>][] = [
    ['Postgres', (dataDir) => startPostgres({ dataDir })],
    ['Temporal', (dataDir) => startTemporal({ program: process.env['TEST_TEMPORAL_CLI'] ?? '', dataDir })],
  ];
  test.each(parts)('%s says so, and what to do', async (_, start) => {
    const disk = await smallDisk();
    if (disk === undefined) {
      console.log('not run: only root on Linux may make a small disk');
      return;
    }
    try {
      const dataDir = join(disk.path, 'data');

      await expect(start(dataDir)).rejects.toMatchObject({
        name: 'UserError',
        message: expect.stringMatching(new RegExp(`^The disk that holds ${dataDir}.* is full\\.$`)) as string,
        advice: diskFull('').advice,
      });
    } finally {
      await disk.remove();
    }
  });
});

/** A disk of 200 kB. */
async function smallDisk(): Promise<{ path: string; remove(): Promise<void> } | undefined> {
  const path = await mkdtemp(join(tmpdir(), 'whereabouts-disk-'));
  await chmod(path, 0o755);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=200k,mode=755', 'tmpfs', path], { stdio: 'ignore' });
  } catch {
    await rm(path, { recursive: true });
    return undefined;
  }
  return {
    path,
    async remove() {
      execFileSync('umount', ['-l', path]);
      await rm(path, { recursive: true });
    },
  };
}
