import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import { getCase } from '../../src/kit/client';
import { check } from './check';
import { startInstallation, type Installation } from './installation';
import { play } from './play';
import { scenarioOf } from './scenario';

/** A run that has not ended by then never will. */
const longestRunMs = 240_000;

let runs = 0;

/**
 * Plays the scenarios of these seeds on so many installations at once, each one after the other: a run mostly waits.
 * Throws at the first that goes wrong, and leaves its installation's folder to be looked at.
 */
export async function runAll(seeds: number[], installations: number): Promise<void> {
  const waiting = seeds.values();
  let failed = false;
  const playSome = async () => {
    const installation = await startInstallation();
    let well = false;
    try {
      for (const seed of waiting) {
        await run(installation, seed);
        if (failed) break;
      }
      well = true;
    } finally {
      failed ||= !well;
      await installation.stop({ keepFolder: !well });
    }
  };
  const played = await Promise.allSettled(Array.from({ length: Math.min(installations, seeds.length) }, playSome));
  for (const each of played) if (each.status === 'rejected') throw each.reason;
}

/** Plays the scenario of a seed and checks everything; throws with all that is known when something is wrong. */
async function run(installation: Installation, seed: number): Promise<void> {
  const scenario = scenarioOf(seed);
  const started = Date.now();
  const kills: string[] = [];
  const number = (runs += 1);
  const deadline = new AbortController();
  try {
    const played = await Promise.race([
      play(installation, scenario, number, { say: (what) => kills.push(what), signal: deadline.signal }),
      sleep(longestRunMs, undefined, { signal: deadline.signal }).then(() => {
        throw new Error('not every case has ended');
      }),
    ]);
    const wrong = await check(installation, played);
    if (wrong.length > 0) throw new Error(wrong.join('\n'));
    const seconds = ((Date.now() - started) / 1000).toFixed(1);
    process.stdout.write(
      `run ${number}, seed ${seed}: ${scenario.cases.length} cases, ${seconds} s; killed ${kills.join('; ')}\n`,
    );
  } catch (error) {
    throw new Error(await report(installation, seed, number, kills, error), { cause: error });
  } finally {
    deadline.abort();
  }
}

async function report(
  { client, provider, folder }: Installation,
  seed: number,
  number: number,
  kills: string[],
  error: unknown,
): Promise<string> {
  const { cases } = scenarioOf(seed);
  const records = cases.map((_, index) =>
    getCase(client, `salary-E-${100_000 + number * 10 + index}-2026-11`).catch((failure: unknown) => String(failure)),
  );
  return [
    `seed ${seed}: ${error instanceof Error ? error.message : String(error)}`,
    `killed: ${kills.join('; ')}`,
    `scenario: ${inspect(scenarioOf(seed), { depth: 6 })}`,
    `cases: ${inspect(await Promise.all(records), { depth: 6, maxArrayLength: 50 })}`,
    `last SMS: ${inspect(provider.taken.slice(-10))}`,
    `logs and state: ${folder}`,
    `again: SEED=${seed} npm run test:crash`,
  ].join('\n');
}
