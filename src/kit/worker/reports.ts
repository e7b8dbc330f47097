import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@temporalio/worker';
import type { CaseReport } from '../contract';

/** Takes what workers tell of cases. Rejects when it could not be taken; it is then tried again. */
export type TakeReports = (reports: CaseReport[]) => Promise<void>;

/** What a worker has told and nobody has taken yet. */
export interface PendingReports {
  /** Never waits and never throws. */
  add(report: CaseReport): void;
  /** Hands on what is left, as far as it is taken in time. */
  flush(): Promise<void>;
}

/** Times in milliseconds. */
export interface Limits {
  /** After how long at most a report is handed on. */
  hold: number;
  /** How many are handed on at once. */
  batch: number;
  /** How many cases are kept while none is taken; the oldest is dropped for one more. */
  pending: number;
  /** A call that takes longer has failed. */
  call: number;
  /** The longest pause after one that failed. */
  pause: number;
  /** How long a worker that ends waits for what is left. */
  flush: number;
}

const usually: Limits = { hold: 50, batch: 500, pending: 10_000, call: 5_000, pause: 5_000, flush: 2_000 };

/** Hands reports on in batches, one call at a time. Those of one run of a case become one. */
export function reportTo(
  take: TakeReports,
  log: () => Pick<Logger, 'warn' | 'info'>,
  limits: Limits = usually,
): PendingReports {
  const pending = new Map<string, CaseReport>();
  let dropped = 0;
  let failures = 0;
  let sending: Promise<void> | undefined;
  let wake = new AbortController();

  function keep(key: string, report: CaseReport): void {
    pending.delete(key);
    pending.set(key, report);
    for (const [oldest] of pending) {
      if (pending.size <= limits.pending) return;
      pending.delete(oldest);
      dropped += 1;
    }
  }

  /** Does not keep the process alive. */
  function pause(milliseconds: number): Promise<void> {
    return sleep(milliseconds, undefined, { ref: false, signal: wake.signal }).catch(() => undefined);
  }

  async function send(): Promise<void> {
    await pause(limits.hold);
    while (pending.size > 0) {
      const batch = [...pending].slice(0, limits.batch);
      for (const [key] of batch) pending.delete(key);
      try {
        await within(limits.call, take(batch.map(([, report]) => report)));
        told();
      } catch (error) {
        for (const [key, report] of batch) {
          const newer = pending.get(key);
          keep(key, newer ? merged(report, newer) : report);
        }
        failed(error);
        await pause(Math.min(limits.hold * 2 ** failures, limits.pause));
      }
    }
  }

  function told(): void {
    if (failures > 0) log().info('Reports of cases are taken again', { dropped });
    [failures, dropped] = [0, 0];
  }

  function failed(error: unknown): void {
    failures += 1;
    if (failures === 1) log().warn('Reports of cases were not taken; they are kept and tried again', { error });
  }

  function start(): void {
    sending ??= send().finally(() => {
      sending = undefined;
    });
  }

  return {
    add(report) {
      const key = JSON.stringify([report.caseId, report.runId]);
      const before = pending.get(key);
      if (before) pending.set(key, merged(before, report));
      else keep(key, report);
      start();
    },
    async flush() {
      wake.abort();
      wake = new AbortController();
      await Promise.race([sending, sleep(limits.flush, undefined, { ref: false })]);
      if (sending) log().warn('Reports of cases were not taken before the worker ended');
    },
  };
}

/** Both of one run: the later one, with the steps of the earlier that it says nothing of. */
function merged(earlier: CaseReport, later: CaseReport): CaseReport {
  const { since: _, ...rest } = later;
  if (later.since === undefined) return later;
  const changed = new Map([...earlier.changed, ...later.changed].map((step) => [step.id, step]));
  return {
    ...rest,
    ...(earlier.since !== undefined && { since: earlier.since }),
    changed: [...changed.values()],
  };
}

async function within(milliseconds: number, call: Promise<void>): Promise<void> {
  const clock = new AbortController();
  const late = sleep(milliseconds, undefined, { ref: false, signal: clock.signal }).then(() => {
    throw new Error(`no answer in ${milliseconds} ms`);
  });
  try {
    await Promise.race([call, late]);
  } finally {
    clock.abort();
  }
}
