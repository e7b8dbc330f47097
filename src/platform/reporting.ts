import { LRUCache } from 'lru-cache';
import type { Logger } from 'pino';
import type { CaseReport } from '../kit/client';
import type { TakeReports } from '../kit/worker';
import { keepApart } from '../view/apart';
import { openView, type View } from '../view/database';
import { applyReports, writtenLately } from '../view/keep';

/** A worker's way to the central view. */
export interface Reporting {
  /** Rejects while the view cannot be reached. */
  report: TakeReports;
  close(): Promise<void>;
}

/**
 * Keeps what a worker reports in the central view at this URL, which is opened at the first report: no worker waits for it.
 * Reports of a case that Postgres does not take are left out, which is said once, and hold up no others.
 */
export function reportTo(url: string, log: Logger): Reporting {
  let view: Promise<View> | undefined;
  function open(): Promise<View> {
    view ??= openView(url, log).catch((error: unknown) => {
      view = undefined;
      throw error;
    });
    return view;
  }
  const lately = writtenLately();
  const said = new LRUCache<string, true>({ max: 1_000 });
  function leaveOut({ caseId }: CaseReport, error: unknown): void {
    if (!said.has(caseId))
      log.warn({ caseId, err: error }, 'What is reported of a case cannot be kept; it is left out');
    said.set(caseId, true);
  }
  return {
    async report(reports) {
      const { db } = await open();
      await keepApart(reports, (some) => applyReports(db, some, lately), leaveOut);
    },
    async close() {
      await (await view?.catch(() => undefined))?.close();
    },
  };
}
