import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { UserError } from './user-error';

/** As whom Postgres runs. An ordinary user runs it as it is; root, whom Postgres refuses, needs another user. */
export interface PostgresUser {
  /** Whose its files must be; absent when nothing is to change. */
  owner?: { uid: number; gid: number };
  /** Words before a command that make it run as that user; absent when the user can be set on the process. */
  prefix?: [string, ...string[]];
}

/**
 * Choose the user for Postgres. Root becomes `postgres`, or `nobody` where there is no such user. Where that user may not
 * enter one of the folders (a clone under root's home), Linux can give Postgres the capability to pass through; where it
 * cannot, a {@link UserError} says what to do.
 */
export function choosePostgresUser(folders: string[]): PostgresUser {
  if (process.getuid?.() !== 0) return {};
  const user = ['postgres', 'nobody'].find((name) => idOf(name, '-u') !== undefined);
  if (user === undefined) {
    throw new UserError(
      'Postgres refuses to run as root, and there is no user postgres or nobody to run it as.',
      'Run as an ordinary user, or create one of these users.',
    );
  }
  const owner = { uid: idOf(user, '-u') ?? 0, gid: idOf(user, '-g') ?? 0 };
  const closed = folders.flatMap(ancestors).find((folder) => !mayEnter(folder, owner));
  if (closed === undefined) return { owner };
  const prefix = passThroughPrefix(owner);
  if (prefix !== undefined) return { owner, prefix };
  throw new UserError(
    `Postgres refuses to run as root, and the user ${user} that it runs as instead may not enter ${closed}.`,
    `Move the clone to a folder that every user may enter, or allow it (chmod o+x ${closed}), or run as an ordinary user.`,
  );
}

/** A command with its arguments as that user would run it, for `spawn`. */
export function commandAs(
  { owner, prefix }: PostgresUser,
  command: string,
  args: string[],
): { command: string; args: string[]; identity: { uid?: number; gid?: number } } {
  if (prefix === undefined) return { command, args, identity: owner ?? {} };
  const [first, ...rest] = prefix;
  return { command: first, args: [...rest, command, ...args], identity: {} };
}

function idOf(user: string, flag: '-u' | '-g'): number | undefined {
  try {
    return Number(execFileSync('id', [flag, user], { stdio: ['ignore', 'pipe', 'ignore'] }).toString());
  } catch {
    return undefined;
  }
}

function ancestors(folder: string): string[] {
  const parent = dirname(folder);
  return parent === folder ? [folder] : [...ancestors(parent), folder];
}

function mayEnter(folder: string, { uid, gid }: { uid: number; gid: number }): boolean {
  const { mode, uid: owner, gid: group } = statSync(folder);
  const bit = owner === uid ? 0o100 : group === gid ? 0o010 : 0o001;
  return (mode & bit) !== 0;
}

function passThroughPrefix({ uid, gid }: { uid: number; gid: number }): [string, ...string[]] | undefined {
  for (const capability of ['dac_read_search', 'dac_override']) {
    const options = [
      `--reuid=${uid}`,
      `--regid=${gid}`,
      '--clear-groups',
      // Without it the kernel hides the capability from access(2), by which Postgres looks for its own programs.
      '--securebits=+no_setuid_fixup',
      `--inh-caps=-all,+${capability}`,
      `--ambient-caps=-all,+${capability}`,
    ];
    try {
      execFileSync('setpriv', [...options, 'true'], { stdio: 'ignore' });
      return ['setpriv', ...options];
    } catch {
      continue;
    }
  }
  return undefined;
}
