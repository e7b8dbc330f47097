declare const gc: (() => void) | undefined;

/** Has the garbage of the worker's workflow thread collected; nothing else reaches that thread. Needs `--expose-gc`. */
export function collectGarbage(): Promise<void> {
  if (typeof gc === 'undefined') throw new TypeError('the worker runs without --expose-gc');
  gc();
  return Promise.resolve();
}
