import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
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

test('a server that ends because of a full disk is told as such', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'whereabouts-disk-'));
  const program = join(folder, 'server');
  await writeFile(program, `#!${process.execPath}\nconsole.error('disk I/O error: database or disk is full');`);
  await chmod(program, 0o755);

  const dataDir = join(folder, 'data');
  await expect(startTemporal({ program, dataDir })).rejects.toMatchObject({
    name: 'UserError',
    message: `The disk that holds ${dataDir} is full.`,
  });
  await rm(folder, { recursive: true });
});

/** Only root on Linux may make a small disk. */
const testOnSmallDisk = mayMount() ? test : test.skip;

describe('on a disk that is full', () => {
  const parts: [string, (dataDir: string) => Promise<unknown>][] = [
    ['Postgres', (dataDir) => startPostgres({ dataDir })],
    ['Temporal', (dataDir) => startTemporal({ program: process.env['TEST_TEMPORAL_CLI'] ?? '', dataDir })],
  ];
  testOnSmallDisk.each(parts)('%s says so, and what to do', async (_, start) => {
    const disk = smallDisk();
    try {
      const dataDir = join(disk.path, 'data');

      await expect(start(dataDir)).rejects.toMatchObject({
        name: 'UserError',
        message: expect.stringMatching(new RegExp(`^The disk that holds ${dataDir}.* is full\\.$`)) as string,
        advice: diskFull('').advice,
      });
    } finally {
      disk.remove();
    }
  });
});

function mayMount(): boolean {
  try {
    smallDisk().remove();
    return true;
  } catch {
    return false;
  }
}

/** A disk of 200 kB. */
function smallDisk(): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'whereabouts-disk-'));
  try {
    chmodSync(path, 0o755);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=200k,mode=755', 'tmpfs', path], { stdio: 'ignore' });
  } catch (error) {
    rmSync(path, { recursive: true });
    throw error;
  }
  return {
    path,
    remove() {
      execFileSync('umount', ['-l', path]);
      rmSync(path, { recursive: true });
    },
  };
}
