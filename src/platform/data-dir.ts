import { access, constants, link, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { commandLine } from './child-processes';
import { diskFull, isDiskFull } from './disk';
import { version } from './package';
import { stopLeftoverPostgres } from './postgres';
import { defaultDataDir, holds, lockFile, readJson, runningFile, type Holder, type Running } from './running';
import { stopLeftoverTemporal } from './temporal-server';
import { UserError } from './user-error';

/**
 * Number of what is kept: the files below and what is in them. State kept with another one is refused. Until the first
 * release it is raised with every change after which recorded histories no longer replay; from then on such a change
 * goes through `patched` or worker versioning.
 */
const layout = 4;

const marker = 'whereabouts.json';

/** A data folder that this process holds. */
export interface DataDir {
  path: string;
  /** Path of an entry: `postgres`, `temporal`, `whereabouts.log`, `ports.json`, `state.json`, `token.json`. */
  entry(name: Entry): string;
  /** Tell other commands where everything is. */
  announce(running: Running): Promise<void>;
  /** Let go; other commands no longer find anything running. */
  release(): Promise<void>;
}

const entries = ['postgres', 'temporal', 'whereabouts.log', 'ports.json', 'state.json', 'token.json'] as const;
type Entry = (typeof entries)[number];

/**
 * Take a data folder (made when missing) for this process. Servers that a killed run left behind on it are stopped. With
 * `fresh` everything kept in it is removed first. Throws a
 * {@link UserError} when another process holds it, when it is not ours, or when another version's state is in it.
 */
export async function openDataDir(path: string, { fresh = false }: { fresh?: boolean } = {}): Promise<DataDir> {
  const folder = resolve(path);
  await makeFolder(folder);
  await requireOurs(folder);
  await lock(folder);
  const release = async () => {
    await rm(join(folder, runningFile), { force: true });
    await rm(join(folder, lockFile), { force: true });
  };
  try {
    await rm(join(folder, runningFile), { force: true });
    await stopLeftoverPostgres(join(folder, 'postgres'));
    await stopLeftoverTemporal(join(folder, 'temporal'));
    if (fresh) await empty(folder);
    await requireLayout(folder);
  } catch (error) {
    await release();
    throw error;
  }
  return {
    path: folder,
    entry: (name) => join(folder, name),
    announce: (running) => writeWhole(join(folder, runningFile), running),
    release,
  };
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    if (isDiskFull(error)) throw diskFull(folder);
    throw new UserError(
      `The folder ${folder} cannot be used to keep state: ${error instanceof Error ? error.message : String(error)}`,
      'Choose a folder that you may write to with --data-dir <folder>.',
    );
  }
}

async function requireOurs(folder: string): Promise<void> {
  const names = await readdir(folder);
  if (names.length === 0 || names.some((name) => name === marker || name.startsWith(lockFile))) return;
  throw new UserError(
    `The folder ${folder} holds files that are not Whereabouts' own (${names.slice(0, 3).join(', ')}).`,
    'Choose an empty or new folder with --data-dir <folder>; nothing was changed in this one.',
  );
}

async function empty(folder: string): Promise<void> {
  for (const name of [...entries, marker]) await rm(join(folder, name), { recursive: true, force: true });
}

async function requireLayout(folder: string): Promise<void> {
  const kept = await readJson<{ layout: number; version: string }>(join(folder, marker));
  if (kept !== undefined && kept.layout !== layout) {
    const place = folder === defaultDataDir ? '' : ` --data-dir ${folder}`;
    const build = kept.layout < layout ? 'an earlier build' : 'another build';
    throw new UserError(
      `The state in ${folder} is of ${build} (${kept.version}, state ${kept.layout}); this is ${version}, state ${layout}.`,
      `Begin anew with npm start -- --fresh${place}, which removes what is kept, or go back to the version that wrote it.`,
    );
  }
  await writeWhole(join(folder, marker), { layout, version });
}

async function lock(folder: string): Promise<void> {
  const path = join(folder, lockFile);
  const own: Holder = {
    pid: process.pid,
    command: await commandLine(process.pid),
    startedAt: new Date().toISOString(),
  };
  const ownFile = `${path}.${process.pid}`;
  await writeFile(ownFile, JSON.stringify(own));
  try {
    for (;;) {
      try {
        await link(ownFile, path);
        return;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      const holder = await readJson<Holder>(path);
      if (holder === undefined) continue;
      if (await holds(holder)) throw await alreadyRunning(folder, holder);
      await removeStale(path, holder);
    }
  } finally {
    await rm(ownFile, { force: true });
  }
}

/** Two may find the same stale lock; whoever comes second must not remove the first one's new lock. */
async function removeStale(path: string, stale: Holder): Promise<void> {
  const aside = `${path}.stale.${process.pid}`;
  try {
    await rename(path, aside);
  } catch {
    return;
  }
  const taken = await readJson<Holder>(aside);
  if (taken?.pid !== stale.pid || taken.startedAt !== stale.startedAt) await link(aside, path).catch(() => undefined);
  await rm(aside, { force: true });
}

async function alreadyRunning(folder: string, { pid, startedAt }: Holder): Promise<UserError> {
  const running = await readJson<Running>(join(folder, runningFile));
  const systems = Object.entries(running?.systems ?? {}).map(([name, { url }]) => `  ${name}: ${url}`);
  const addresses =
    running === undefined
      ? ['It is still starting.']
      : [`  Temporal: ${running.temporalAddress}`, `  Temporal UI: ${running.temporalUi ?? '-'}`, ...systems];
  return new UserError(
    [`Whereabouts already runs on ${folder} (process ${pid}, since ${startedAt}).`, ...addresses].join('\n'),
    'Use it as it is, stop it there with Ctrl-C, or start a second one with --data-dir <other folder>.',
  );
}

async function writeWhole(path: string, content: object): Promise<void> {
  const unfinished = `${path}.${process.pid}`;
  await writeFile(unfinished, `${JSON.stringify(content, undefined, 2)}\n`, { mode: 0o600 });
  await rename(unfinished, path);
}
