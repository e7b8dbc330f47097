import type { CaseReport } from '../../src/kit/client';

/** A way on which reports get lost, come twice, or late, as a seed says. */
export interface Disorder {
  tell(report: CaseReport): Promise<void>;
  /** Hands on what is late, in any order. */
  tellRest(): Promise<void>;
}

/** Shares between 0 and 1. */
export interface Odds {
  lost: number;
  doubled: number;
  late: number;
}

export function disorder(
  seed: number,
  { lost, doubled, late }: Odds,
  take: (reports: CaseReport[]) => Promise<void>,
): Disorder {
  const random = numbers(seed);
  const later: CaseReport[] = [];
  return {
    async tell(report) {
      if (random() < lost) return;
      for (const one of random() < doubled ? [report, report] : [report]) {
        if (random() < late) later.push(one);
        else await take([one]);
      }
    },
    async tellRest() {
      const places = later.map((report) => ({ report, place: random() }));
      for (const { report } of places.sort((a, b) => a.place - b.place)) await take([report]);
    },
  };
}

/** Numbers between 0 and 1, the same for the same seed (mulberry32). */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
