/**
 * Resolves when the process is asked to end, by SIGINT (Ctrl-C) or SIGTERM. From then on it ends when its work is done:
 * asking again does not cut short what stops it in order.
 */
export function untilAsked(): Promise<void> {
  return new Promise((resolve) => {
    const asked = () => {
      resolve();
    };
    process.on('SIGINT', asked).on('SIGTERM', asked);
  });
}
