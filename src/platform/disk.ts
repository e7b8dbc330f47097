import { statfs } from 'node:fs/promises';
import { UserError } from './user-error';

/** Whether an error, its causes included, or what a program printed says that a disk is full. */
export function isDiskFull(error: unknown): boolean {
  if (typeof error === 'string') {
    return /no space left on device|disk quota exceeded|database or disk is full|ENOSPC|not enough space/i.test(error);
  }
  if (!(error instanceof Error)) return false;
  const { code } = error as { code?: unknown };
  if (code === 'ENOSPC' || code === 'EDQUOT' || code === diskFullInPostgres) return true;
  return isDiskFull(error.message) || isDiskFull(error.cause);
}

const diskFullInPostgres = '53100';

/** Whether the disk that holds a folder has next to no room left: a program that fails there may not even say why. */
export async function hasNoRoom(folder: string): Promise<boolean> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize < 1_000_000;
}

/** What to say when the disk that holds `path` is full. */
export function diskFull(path: string): UserError {
  return new UserError(
    `The disk that holds ${path} is full.`,
    'Make room and start again: what was written before is kept. Or use another disk with --data-dir <folder>.',
  );
}
