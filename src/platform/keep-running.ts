/** A server that can end by itself. */
interface Server {
  ended: Promise<void>;
  stop(): Promise<void>;
}

/** A server that is started again when it ends by itself. */
export interface KeptServer {
  stop(): Promise<void>;
  /** Rejects when the server cannot be kept running; never resolves. */
  failed: Promise<never>;
}

const restartsAtMost = 5;
const withinMs = 60_000;

/**
 * Keep a running server running: when it ends unasked, `start` starts it again and `onEnd` is told. It is given up when it
 * cannot be started, or ends again and again.
 */
export function keepRunning(
  running: Server,
  { name, start, onEnd }: { name: string; start: () => Promise<Server>; onEnd: () => void },
): KeptServer {
  let current = Promise.resolve(running);
  let stopping = false;
  const ends: number[] = [];
  const failed = (async (): Promise<never> => {
    for (;;) {
      await (
        await current
      ).ended;
      if (stopping) return new Promise<never>(() => undefined);
      const now = Date.now();
      ends.push(now);
      if (ends.filter((at) => now - at < withinMs).length > restartsAtMost)
        throw new Error(`${name} ends again and again`);
      onEnd();
      current = start();
    }
  })();
  failed.catch(() => undefined);
  return {
    failed,
    async stop() {
      stopping = true;
      const server = await current.catch(() => undefined);
      await server?.stop();
    },
  };
}
