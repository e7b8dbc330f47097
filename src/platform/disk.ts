import { UserError } from './user-error';

/** Whether an error, or what a program printed, says that a disk is full. */
export function isDiskFull(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  if (code === 'ENOSPC' || code === 'EDQUOT' || code === '53100') return true;
  const text = error instanceof Error ? error.message : typeof error === 'string' ? error : '';
  return /no space left on device|disk quota exceeded|database or disk is full|ENOSPC|not enough space/i.test(text);
}

/** What to say when the disk that holds `path` is full. */
export function diskFull(path: string): UserError {
  return new UserError(
    `The disk that holds ${path} is full.`,
    'Make room and start again: what was written before is kept. Or use another disk with --data-dir <folder>.',
  );
}
