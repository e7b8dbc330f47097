import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDataDir } from '../../src/platform/data-dir';
import { readRunning, type Running } from '../../src/platform/running';
import { version } from '../../src/platform/package';

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'whereabouts-data-'));
  path = join(folder, 'data');
});

afterEach(() => rm(folder, { recursive: true, force: true }));

const running: Running = {
  pid: process.pid,
  startedAt: '2026-11-21T10:00:00.000Z',
  version,
  temporalAddress: '127.0.0.1:7233',
  namespace: 'default',
  temporalUi: 'http://127.0.0.1:8233',
  api: { url: 'http://127.0.0.1:4200' },
  systems: { bonus: { url: 'http://127.0.0.1:4102' } },
  postgres: { bonus: 'postgres://127.0.0.1:5432/bonus' },
};

describe('a data folder', () => {
  test('tells other commands what runs on it, until it is let go', async () => {
    const dataDir = await openDataDir(path);
    expect(await readRunning(path)).toBeUndefined();

    await dataDir.announce(running);
    expect(await readRunning(path)).toEqual(running);

    await dataDir.release();
    expect(await readRunning(path)).toBeUndefined();
  });

  test('that is held is refused with process, addresses and what to do', async () => {
    const dataDir = await openDataDir(path);
    await dataDir.announce(running);

    await expect(openDataDir(path)).rejects.toMatchObject({
      name: 'UserError',
      message: expect.stringMatching(
        new RegExp(
          `already runs on ${path} \\(process ${process.pid}, since 20.*\\)\\.\n.*127.0.0.1:7233\n.*8233\n.*4102`,
        ),
      ) as string,
      advice: expect.stringContaining('--data-dir') as string,
    });
    await expect(openDataDir(path, { fresh: true })).rejects.toMatchObject({ name: 'UserError' });
    expect(await readRunning(path)).toEqual(running);
    await dataDir.release();
  });

  test('is taken by one of several that want it at once', async () => {
    const tries = await Promise.allSettled(Array.from({ length: 8 }, () => openDataDir(path)));

    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  test('whose holder was killed is free again, and what it announced is not believed', async () => {
    const holder = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    const { pid } = holder;
    await writeLock(pid);
    await writeFile(join(path, 'running.json'), JSON.stringify({ ...running, pid }));
    expect(await readRunning(path)).toMatchObject({ pid });
    holder.kill('SIGKILL');
    await once(holder, 'exit');

    expect(await readRunning(path)).toBeUndefined();
    const dataDir = await openDataDir(path);

    expect(await readdir(path)).not.toContain('running.json');
    await dataDir.release();
  });

  test('whose lock names the pid of what is another process now is free', async () => {
    await writeLock(process.ppid, 'a process that has gone');

    const dataDir = await openDataDir(path);

    await dataDir.release();
  });

  test.each([
    [1, 'an earlier build'],
    [99, 'another build'],
  ])('with state %i is refused as that of %s, and not touched', async (layout, build) => {
    await mkdir(path);
    const kept = JSON.stringify({ layout, version: '0.0.9' });
    await writeFile(join(path, 'whereabouts.json'), kept);

    await expect(openDataDir(path)).rejects.toMatchObject({
      name: 'UserError',
      message: `The state in ${path} is of ${build} (0.0.9, state ${layout}); this is ${version}, state 4.`,
      advice: `Begin anew with npm start -- --fresh --data-dir ${path}, which removes what is kept, or go back to the version that wrote it.`,
    });
    expect(await readFile(join(path, 'whereabouts.json'), 'utf8')).toBe(kept);

    const dataDir = await openDataDir(path, { fresh: true });
    await dataDir.release();
  });

  test('that holds the files of somebody else is refused, also to begin anew', async () => {
    await mkdir(path);
    await writeFile(join(path, 'thesis.txt'), 'years of work');

    for (const fresh of [false, true]) {
      await expect(openDataDir(path, { fresh })).rejects.toMatchObject({
        name: 'UserError',
        message: expect.stringContaining('thesis.txt') as string,
      });
    }
    expect(await readdir(path)).toEqual(['thesis.txt']);
  });

  test('begun anew has lost what we kept, and nothing else', async () => {
    const before = await openDataDir(path);
    await mkdir(before.entry('temporal'));
    await writeFile(join(before.entry('temporal'), 'temporal.db'), 'state');
    await writeFile(before.entry('state.json'), '{}');
    await writeFile(join(path, 'notes.txt'), 'put there later');
    await before.release();

    const after = await openDataDir(path, { fresh: true });

    expect((await readdir(path)).sort()).toEqual(['lock.json', 'notes.txt', 'whereabouts.json']);
    await after.release();
  });

  test('that cannot be made is an error that names it', async () => {
    await writeFile(join(folder, 'file'), '');

    await expect(openDataDir(join(folder, 'file', 'data'))).rejects.toMatchObject({
      name: 'UserError',
      message: expect.stringContaining(join(folder, 'file', 'data')) as string,
      advice: expect.stringContaining('--data-dir') as string,
    });
  });
});

async function writeLock(pid: number | undefined, command = `${process.execPath} -e setInterval(() => {}, 1000)`) {
  await mkdir(path);
  const startedAt = '2026-11-21T10:00:00.000Z';
  await writeFile(join(path, 'lock.json'), JSON.stringify({ pid, command, startedAt }));
}
