import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import { getCase } from '../../src/kit/client';
import { check } from './check';
import type { Installation } from './installation';
import { play } from './play';
import { scenarioOf } from './scenario';

/** A run that has not ended by then never will. */
const longestRunMs = 240_000;

let runs = 0;

/** Plays the scenario of a seed and checks everything; throws with all that is known when something is wrong. */
export async function run(installation: Installation, seed: number): Promise<void> {
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
    process.stdout.write(`seed ${seed}: ${scenario.cases.length} cases, ${seconds} s; killed ${kills.join('; ')}\n`);
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
