import { LRUCache } from 'lru-cache';
import type { Logger } from 'pino';
import type { CaseReport } from '../kit/client';
import type { TakeReports } from '../kit/worker';
import type { ProcessMap } from '../maps/process-map';
import { keepApart } from '../view/apart';
import { openView, type View } from '../view/database';
import { applyReports, writtenLately } from '../view/keep';
import { keepMaps } from '../view/maps';
import { loadMaps } from './process-maps';

/** A worker's way to the central view. */
export interface Reporting {
  /** Rejects while the view cannot be reached. */
  report: TakeReports;
  /** Keeps the maps of what a worker of this build runs: at once, or else with the next report. */
  begin(build: string): void;
  close(): Promise<void>;
}

/**
 * Keeps what a worker reports in the central view at this URL, and the maps of what it runs. No worker waits for that.
 * Reports of a case that Postgres does not take are left out, which is said once, and hold up no others.
 */
export function reportTo(url: string, log: Logger): Reporting {
  let build: string | undefined;
  let view: Promise<View> | undefined;
  function open(): Promise<View> {
    view ??= openWithMaps().catch((error: unknown) => {
      view = undefined;
      throw error;
    });
    return view;
  }
  async function openWithMaps(): Promise<View> {
    const opened = await openView(url, log);
    try {
      if (build !== undefined) await keepMaps(opened.db, build, await mapsOrNone());
      return opened;
    } catch (error) {
      await opened.close();
      throw error;
    }
  }
  async function mapsOrNone(): Promise<ProcessMap[]> {
    try {
      return await loadMaps();
    } catch (error) {
      log.warn({ err: error }, 'The maps of the processes cannot be read; what is left of a case is not told');
      return [];
    }
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
    begin(ofBuild) {
      build = ofBuild;
      open().catch(() => undefined);
    },
    async close() {
      await (await view?.catch(() => undefined))?.close();
    },
  };
}
