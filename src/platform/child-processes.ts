import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Whether a process of this id exists (also one of another user). */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** The command line of a process, its arguments separated by blanks; undefined when it does not run. */
export async function commandLine(pid: number): Promise<string | undefined> {
  try {
    if (process.platform === 'linux') {
      const words = await readFile(`/proc/${pid}/cmdline`, 'utf8');
      return words === '' ? undefined : words.split('\0').join(' ').trim();
    }
    const { stdout } =
      process.platform === 'win32'
        ? await run('powershell', [
            '-NoProfile',
            '-Command',
            `(Get-CimInstance Win32_Process -Filter 'ProcessId=${pid}').CommandLine`,
          ])
        : await run('ps', ['-ww', '-o', 'command=', '-p', String(pid)]);
    return stdout.trim() === '' ? undefined : stdout.trim();
  } catch {
    return undefined;
  }
}

/** A program that was started. */
export interface Child {
  pid: number;
  /** Resolves when it has gone, whoever ended it. */
  ended: Promise<void>;
}

/**
 * Start a program in a process group of its own, so that Ctrl-C in the terminal reaches only us, with all its output
 * written to a file (begun anew). Resolves when it runs; rejects when it cannot be started at all.
 */
export async function startChild(
  command: string,
  args: string[],
  options: { logFile: string; env?: NodeJS.ProcessEnv; uid?: number; gid?: number },
): Promise<Child> {
  const { logFile, ...rest } = options;
  const log = await open(logFile, 'w');
  try {
    const child = spawn(command, args, { ...rest, detached: true, stdio: ['ignore', log.fd, log.fd] });
    const ended = new Promise<void>((resolve) => {
      child.once('exit', () => {
        resolve();
      });
    });
    await once(child, 'spawn');
    return { pid: child.pid as number, ended };
  } finally {
    await log.close();
  }
}

/** Signals to send one after the other until a process has gone, each with the milliseconds it is given. */
export type StopSignals = [NodeJS.Signals, number][];

/** Stop a process and wait until it has gone. Does nothing when it has gone already. */
export async function stopProcess(pid: number, signals: StopSignals): Promise<void> {
  for (const [signal, patience] of signals) {
    try {
      process.kill(pid, signal);
    } catch {
      return;
    }
    const until = Date.now() + patience;
    while (Date.now() < until) {
      if (!isAlive(pid)) return;
      await sleep(20);
    }
  }
}

/** The last lines of a log file that was given to {@link startChild}; empty when there is none. */
export async function lastLines(file: string, count: number): Promise<string> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text.trimEnd().split('\n').slice(-count).join('\n');
}
