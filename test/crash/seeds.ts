import { randomInt } from 'node:crypto';

const { SEED: seed, RUNS: runs = '200' } = process.env;

/** For `npm run test:crash`: as many seeds of its own as `RUNS` says (200), or the one of `SEED`. */
export function seedsAskedFor(): number[] {
  const first = seed === undefined ? randomInt(1_000_000) : Number(seed);
  return Array.from({ length: seed === undefined ? Number(runs) : 1 }, (_, index) => first + index);
}

/** In milliseconds; for tests that take as long as they take. */
export const longestTimer = 2_147_483_647;
