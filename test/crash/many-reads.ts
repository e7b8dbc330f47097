import { readsPlanOf, startReads, type ReadsInstallation } from './reads';
import { longestTimer, seedsAskedFor } from './seeds';

let installation: ReadsInstallation;
beforeAll(async () => {
  installation = await startReads();
});
afterAll(() => installation.stop());

/** It stops at the first run that fails. */
test(
  'whenever the worker is killed, each effect has its cause in the history and is one',
  async () => {
    for (const seed of seedsAskedFor()) {
      const plan = readsPlanOf(seed);
      const outcome = await installation.run('readThenWrite', plan);
      expect({ seed, plan, wrong: outcome.wrong }).toEqual({ seed, plan, wrong: [] });
      process.stdout.write(`reads, seed ${seed}: ${plan.kills.length} kills, ${outcome.lost} answers lost\n`);
    }
  },
  longestTimer,
);
