import { randomInt } from 'node:crypto';
import { runAll } from './runs';

/**
 * `npm run test:crash`: as many runs as `RUNS` says (200) with seeds of their own, or the one of `SEED`. It stops at the
 * first that fails.
 */
const { SEED: seed, RUNS: runs = '200' } = process.env;

const longestTimerMs = 2_147_483_647;

test(
  'whatever is killed, nothing is lost and nothing is done twice',
  async () => {
    const first = seed === undefined ? randomInt(1_000_000) : Number(seed);
    const seeds = Array.from({ length: seed === undefined ? Number(runs) : 1 }, (_, index) => first + index);
    await runAll(seeds, 3);
  },
  longestTimerMs,
);
