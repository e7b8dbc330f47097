/**
 * Resolves when the process is asked to end, by SIGINT (Ctrl-C) or SIGTERM, or when the npm script it runs in was ended:
 * npm does not hand signals on. From then on it ends when its work is done: asking again does not cut short what stops it
 * in order.
 */
export function untilAsked(): Promise<void> {
  return new Promise((resolve) => {
    const asked = () => {
      resolve();
    };
    process.on('SIGINT', asked).on('SIGTERM', asked);
    if (process.env['npm_lifecycle_event'] !== undefined) whenOrphaned(asked);
  });
}

function whenOrphaned(then: () => void): void {
  const parent = process.ppid;
  const look = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(look);
    then();
  }, 500);
  look.unref();
}
