/** Task queues whose workers did not answer, so that not each of their cases is waited for. */
export interface SilentQueues {
  /** Whether a case of this queue may be asked now; of a silent queue that is one now and then. */
  mayAsk(queue: string): boolean;
  answered(queue: string): void;
  gaveNoAnswer(queue: string): void;
  /** Whether one that was silent has answered since this was asked before. */
  heardAgain(): boolean;
}

/** Pauses between two questions to a silent queue, in milliseconds; each is twice the one before. */
const firstPause = 2_000;
const longestPause = 60_000;

export function silentQueues(): SilentQueues {
  const silent = new Map<string, { pause: number; until: number }>();
  const rest = (queue: string, pause: number) => silent.set(queue, { pause, until: Date.now() + pause });
  let heard = false;

  return {
    mayAsk(queue) {
      const known = silent.get(queue);
      if (!known) return true;
      if (Date.now() < known.until) return false;
      rest(queue, known.pause);
      return true;
    },
    answered(queue) {
      if (silent.delete(queue)) heard = true;
    },
    gaveNoAnswer(queue) {
      const known = silent.get(queue);
      rest(queue, known ? Math.min(known.pause * 2, longestPause) : firstPause);
    },
    heardAgain() {
      const answer = heard;
      heard = false;
      return answer;
    },
  };
}
