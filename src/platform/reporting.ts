import type { Logger } from 'pino';
import type { TakeReports } from '../kit/worker';
import { openView, type View } from '../view/database';
import { applyReports } from '../view/keep';

/** A worker's way to the central view. */
export interface Reporting {
  /** Rejects while the view cannot be reached. */
  report: TakeReports;
  close(): Promise<void>;
}

/** Keeps what a worker reports in the central view at this URL, which is opened at the first report: no worker waits for it. */
export function reportTo(url: string, log: Logger): Reporting {
  let view: Promise<View> | undefined;
  function open(): Promise<View> {
    view ??= openView(url, log).catch((error: unknown) => {
      view = undefined;
      throw error;
    });
    return view;
  }
  return {
    async report(reports) {
      const { db } = await open();
      await applyReports(db, reports);
    },
    async close() {
      await (await view?.catch(() => undefined))?.close();
    },
  };
}
