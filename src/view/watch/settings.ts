/** From when on the watch says that something is wrong. */
export interface WatchSettings {
  /** Between two looks. */
  pauseMs: number;
  /** A call that is tried again, or that no worker takes, for longer than this after it was first scheduled. */
  retryingForMs: number;
  /** A call that is tried more often than this. */
  attempts: number;
  /** A case whose next piece of work, e.g. since a time has passed, waits for a worker for longer than this. */
  overdueMs: number;
  /** A task queue on which the last worker asked for work longer ago than this; a worker asks at least once a minute. */
  noWorkerMs: number;
  /** What a worker reported of a case and the case has not confirmed for longer than this. */
  behindMs: number;
  /** What is over sooner than this is no news; what lasts is told then, with the number of cases. */
  holdMs: number;
  /** One SMS per cause and window. */
  windowInMinutes: number;
  /** How many cases are looked at in each look for each reason there is to look. */
  casesPerLook: number;
}

export const usualSettings: WatchSettings = {
  pauseMs: 10_000,
  retryingForMs: 600_000,
  attempts: 50,
  overdueMs: 300_000,
  noWorkerMs: 90_000,
  behindMs: 600_000,
  holdMs: 30_000,
  windowInMinutes: 15,
  casesPerLook: 100,
};
