import { spawn } from 'node:child_process';
import { join } from 'node:path';

/** Cleans up when this process ends in whatever way, which jest does not let it do itself. */
export interface Keeper {
  /** This process is killed then. */
  keep(pid: number): void;
  /** It is not killed: it has gone. */
  forget(pid: number): void;
  /** This folder is removed then. */
  remove(folder: string): void;
  /** Nothing is left to clean up. */
  dismiss(): void;
}

export function startKeeper(): Keeper {
  const keeper = spawn(process.execPath, [join(__dirname, 'cleaner.js')], {
    detached: true,
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  keeper.unref();
  const tell = (line: string) => keeper.stdin.write(`${line}\n`);
  return {
    keep: (pid) => tell(`keep ${pid}`),
    forget: (pid) => tell(`forget ${pid}`),
    remove: (folder) => tell(`remove ${folder}`),
    dismiss: () => keeper.kill(),
  };
}
