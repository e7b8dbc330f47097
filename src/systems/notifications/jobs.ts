import { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Logger as JobLogger, run, runMigrations, type TaskList, type WorkerEvents } from 'graphile-worker';
import { sql, type QueryExecutorProvider } from 'kysely';
import { Client, Pool } from 'pg';
import type { Logger } from 'pino';

/** Jobs run at once by one process. */
const concurrency = 4;

/** How long a job that was asked for a later time may wait beyond it. */
const pollIntervalMs = 1_000;

const restartDelayMs = 1_000;

/**
 * Ask for a job in the caller's transaction: it runs after the commit, and not before `runAt` (ISO 8601). A job of the same
 * key that waits is replaced; one that runs is left alone, and this one runs beside it.
 */
export async function enqueue(
  db: QueryExecutorProvider,
  job: { task: string; payload: object; key: string; runAt?: string },
): Promise<void> {
  await sql`
    SELECT graphile_worker.add_job(
      ${job.task}::text, ${JSON.stringify(job.payload)}::json,
      run_at => ${job.runAt ?? null}::timestamptz, job_key => ${job.key}::text
    )`.execute(db);
}

export interface JobsOptions {
  databaseUrl: string;
  /** By task name. Safe to run twice, and beside itself: a job whose process died is run again. */
  tasks: TaskList;
  /** The task that is run every minute. */
  everyMinute: string;
  log: Logger;
}

/**
 * Runs jobs until the function it resolves to is called, which waits for those that run. A runner that the loss of the
 * database ended is started again.
 */
export async function runJobs(options: JobsOptions): Promise<() => Promise<void>> {
  const stopping = new AbortController();
  let runner = await startRunner(options);
  const keptRunning = keepRunning();

  async function keepRunning(): Promise<void> {
    for (;;) {
      await runner.ended;
      await runner.stop();
      if (stopping.signal.aborted) return;
      options.log.warn('jobs: the runner ended and is started again');
      const next = await startAgain();
      if (next === undefined) return;
      runner = next;
      if (stopping.signal.aborted) runner.end();
    }
  }

  async function startAgain(): Promise<JobRunner | undefined> {
    while (!stopping.signal.aborted) {
      await sleep(restartDelayMs, undefined, { signal: stopping.signal }).catch(() => undefined);
      try {
        return await startRunner(options);
      } catch (error) {
        options.log.warn({ err: error }, 'jobs: the runner could not be started; trying again');
      }
    }
    return undefined;
  }

  return async () => {
    stopping.abort();
    runner.end();
    await keptRunning;
  };
}

interface JobRunner {
  /** Settles when the runner cannot go on, or `end` was called. */
  ended: Promise<void>;
  end(): void;
  /** Waits for the jobs that run. */
  stop(): Promise<void>;
}

async function startRunner({ databaseUrl, tasks, everyMinute, log }: JobsOptions): Promise<JobRunner> {
  const logger = new JobLogger(() => (level: string, message: string) => {
    if (level === 'error') log.error(`jobs: ${message}`);
    else if (level === 'warning') log.warn(`jobs: ${message}`);
  });
  await runMigrations({ connectionString: databaseUrl, logger });
  await unlockJobs(databaseUrl);

  let end = () => {};
  const ended = new Promise<void>((resolve) => (end = resolve));
  const events: WorkerEvents = new EventEmitter();
  events.on('worker:fatalError', end);
  // Not a pool of graphile-worker's own, which nobody could wait for when it ends, nor hear the errors of until then.
  const pgPool = new Pool({ connectionString: databaseUrl, max: concurrency + 2 });
  pgPool.on('error', (error) => {
    log.warn({ err: error }, 'jobs: an idle database connection was lost');
  });
  const runner = await run({
    pgPool,
    taskList: tasks,
    parsedCronItems: [],
    concurrency,
    pollInterval: pollIntervalMs,
    noHandleSignals: true,
    events,
    logger,
  }).catch(async (error: unknown) => {
    await pgPool.end();
    throw error;
  });
  const settled = runner.promise.then(end, end);
  // Not graphile-worker's own crontab: with the database away, its failure is a rejection that ends the process.
  const everyMinuteTimer = setInterval(() => {
    runner.addJob(everyMinute, {}, { jobKey: everyMinute }).catch((error: unknown) => {
      log.warn({ err: error }, `jobs: ${everyMinute} could not be asked for; trying again in a minute`);
    });
  }, 60_000);
  return {
    ended,
    end,
    async stop() {
      clearInterval(everyMinuteTimer);
      await runner.stop().catch(() => undefined);
      await settled;
      await pgPool.end();
    },
  };
}

/**
 * Frees the jobs of processes that died, which would be locked for hours. It cannot tell them from the jobs of processes that
 * live; tasks that bear to run beside themselves make it harmless.
 */
async function unlockJobs(databaseUrl: string): Promise<void> {
  const client = new Client({ connectionString: databaseUrl });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query(`
      SELECT graphile_worker.force_unlock_workers(array_agg(DISTINCT locked_by))
      FROM graphile_worker.jobs WHERE locked_by IS NOT NULL`);
  } finally {
    await client.end();
  }
}
