import { randomInt } from 'node:crypto';
import { startInstallation } from './installation';
import { run } from './runs';

/**
 * `npm run test:crash`: so many runs as `RUNS` says (200) with seeds of their own, or the one of `SEED`. It stops at the
 * first that fails.
 */
const { SEED: seed, RUNS: runs = '200' } = process.env;

/** A run mostly waits, so several installations are at work at once; each plays one run after the other. */
const installations = 3;

test('whatever is killed, nothing is lost and nothing is done twice', async () => {
  const first = randomInt(1_000_000);
  const seeds = seed === undefined ? Array.from({ length: Number(runs) }, (_, index) => first + index) : [Number(seed)];
  const waiting = seeds.entries();
  let failed = false;

  async function playAll(): Promise<void> {
    const installation = await startInstallation();
    let well = false;
    try {
      for (const [index, next] of waiting) {
        process.stdout.write(`run ${index + 1} of ${seeds.length}, seed ${next}\n`);
        await run(installation, next);
        if (failed) break;
      }
      well = true;
    } catch (error) {
      failed = true;
      throw error;
    } finally {
      await installation.stop({ keepFolder: !well });
    }
  }
  const played = await Promise.allSettled(Array.from({ length: Math.min(installations, seeds.length) }, playAll));
  for (const each of played) if (each.status === 'rejected') throw each.reason;
}, 2_147_483_647);
