import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const program = join(__dirname, '..', '..', 'bin', 'whereabouts.js');

/** A whereabouts command that runs as a process of its own. */
export interface RunningCommand {
  /** What it printed so far, on both its outputs. */
  output(): string;
  /** Its exit code, or the signal that ended it. */
  ended: Promise<number | NodeJS.Signals>;
  /** Sends a signal and waits for the end. */
  stop(signal: NodeJS.Signals): Promise<number | NodeJS.Signals>;
}

/** Start `whereabouts <args>` with this environment and no other, outside the clone. */
export function startCommand(args: string[], environment: Record<string, string>): RunningCommand {
  const child = spawn(process.execPath, [program, ...args], {
    cwd: tmpdir(),
    env: { PATH: process.env['PATH'], ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
  const ended = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals);
  return {
    output: () => output,
    ended,
    stop(signal) {
      child.kill(signal);
      return ended;
    },
  };
}
