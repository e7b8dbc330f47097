import pino, { type Logger } from 'pino';
import { openDataDir, type DataDir } from './data-dir';
import { diskFull, isDiskFull } from './disk';
import { planStack, type Stack } from './stack';
import { runStages, type Progress, type Stage } from './stages';

export interface RunOptions {
  dataDir: string;
  fresh: boolean;
  portBase?: number;
  /** Whether the systems have the fault switch. */
  faults: boolean;
  env: NodeJS.ProcessEnv;
  progress: Progress;
}

/** What work on a running stack is given. */
export interface Run {
  dataDir: DataDir;
  /** To be called from stages, when everything runs. */
  stack(): Stack;
  /** Aborted when the process is asked to end. */
  signal: AbortSignal;
}

/**
 * Start everything, do the further stages that `more` asks for, then `use` it; and stop everything, whatever happens.
 * When `asked` resolves before `use` is done, no further stage begins, and undefined is the answer.
 */
export async function runStack<Result>(
  options: RunOptions,
  asked: Promise<void>,
  more: (run: Run) => Stage[],
  use: (run: Run) => Promise<Result>,
): Promise<Result | undefined> {
  const { env, faults, portBase, progress } = options;
  const dataDir = await openDataDir(options.dataDir, { fresh: options.fresh });
  const abort = new AbortController();
  void asked.then(() => {
    abort.abort();
  });
  const { signal } = abort;
  const plan = planStack({
    ...{ dataDir, env, faults, signal, log: openLog(dataDir) },
    ...(portBase !== undefined && { portBase }),
  });
  const run = { dataDir, stack: plan.stack, signal };
  try {
    await runStages([...plan.stages, ...more(run)], { progress, signal });
    const asksToEnd = asked.then(() => undefined);
    return await Promise.race([use(run), plan.stack().failed, asksToEnd]);
  } catch (error) {
    if (signal.aborted) return undefined;
    throw isDiskFull(error) ? diskFull(dataDir.path) : error;
  } finally {
    await plan.stop();
    await dataDir.release();
  }
}

/** A log that cannot be written, e.g. on a full disk, ends nothing. */
function openLog(dataDir: DataDir): Logger {
  const destination = pino.destination({ dest: dataDir.entry('whereabouts.log'), sync: true });
  destination.on('error', () => undefined);
  return pino({ level: 'warn', serializers: { error: pino.stdSerializers.err } }, destination);
}
