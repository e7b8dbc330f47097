import { readFile } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import { commandLine, isAlive } from './child-processes';
import { packageRoot } from './package';

/** Files of a data folder: who holds it, and what runs on it. */
export const lockFile = 'lock.json';
export const runningFile = 'running.json';

/** Where the parts of a running Whereabouts are, as `running.json` in its data folder tells other commands. */
export interface Running {
  /** Process id of the one that runs it all. */
  pid: number;
  /** ISO 8601, UTC. */
  startedAt: string;
  version: string;
  /** host:port */
  temporalAddress: string;
  namespace: string;
  /** URL of the web UI; absent for a server that others run. */
  temporalUi?: string;
  api: { url: string };
  systems: Record<string, { url: string }>;
  /** Connection URL of each database, by its name. */
  postgres: Record<string, string>;
}

/** Where `whereabouts up` keeps its state unless told: in the clone; where it was installed, in the folder it is run in. */
export const defaultDataDir = resolve(
  packageRoot.split(sep).includes('node_modules') ? '' : packageRoot,
  '.whereabouts',
);

/** What runs on a data folder; undefined when nothing does. */
export async function readRunning(path: string): Promise<Running | undefined> {
  const holder = await readJson<Holder>(join(path, lockFile));
  if (holder === undefined || !(await holds(holder))) return undefined;
  return readJson<Running>(join(path, runningFile));
}

/** Who holds a data folder, as its lock tells. */
export interface Holder {
  pid: number;
  /** Tells the process from a later one of the same id. */
  command: string | undefined;
  startedAt: string;
}

/** Whether that process still runs. */
export async function holds({ pid, command }: Holder): Promise<boolean> {
  return isAlive(pid) && (await commandLine(pid)) === command;
}

/** What a file holds; undefined when there is none, or no JSON in it. */
export async function readJson<T>(path: string): Promise<T | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as T;
  } catch {
    return undefined;
  }
}
