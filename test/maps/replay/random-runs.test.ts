import fc from 'fast-check';
import { fits, leftOf } from '../../../src/maps/replay';
import { blocksOf } from '../../../src/maps/replay/anatomy';
import type { Block, ProcessMap } from '../../../src/maps/process-map';
import { caseOf } from './cases';
import { Random } from './random';
import { randomMap } from './random-maps';
import { simulate, type Run } from './simulator';

const seed = fc.integer();
/** `RUNS=5000 npx jest test/maps/replay/random-runs` looks longer. */
const numRuns = Number(process.env.RUNS ?? 60);

async function runOf(seed: number, mayFail: boolean): Promise<{ map: ProcessMap; run: Run }> {
  const random = new Random(seed);
  const map = randomMap(random);
  return { map, run: await simulate(map, random, { mayFail }) };
}

/** Ids of waits that leave no step, and of what no map shows. */
function waitsOf(blocks: readonly Block[]): Set<string> {
  const waits = blocks.filter((block) => block.kind === 'step' && block.type === 'wait' && block.dueIn === undefined);
  return new Set(['nowhere', ...waits.map(({ id }) => id)]);
}

test('given any map and any run of it, then the case fits at any time', async () => {
  await fc.assert(
    fc.asyncProperty(seed, async (seed) => {
      const { map, run } = await runOf(seed, true);
      for (const { status, steps } of run.snapshots) {
        const fit = fits(map, caseOf(status, steps));
        expect(fit).not.toMatchObject({ fits: false });
      }
    }),
    { numRuns },
  );
});

// A wait that was passed without a step cannot be told from one to come.
test('given a run in which nothing fails, then the steps that are certain come', async () => {
  await fc.assert(
    fc.asyncProperty(seed, async (seed) => {
      const { map, run } = await runOf(seed, false);
      if (run.snapshots.at(-1)?.status !== 'completed') return;
      for (const { status, steps, begun } of run.snapshots.slice(0, -1)) {
        const later = run.begun.slice(begun);
        const certain = leftOf(map, caseOf(status, steps)).certain.filter(({ type }) => type !== 'wait');
        expect(certain.filter(({ ids }) => !ids.some((id) => later.includes(id)))).toEqual([]);
      }
    }),
    { numRuns },
  );
});

test('given any run, then whatever comes was certain or possible', async () => {
  await fc.assert(
    fc.asyncProperty(seed, async (seed) => {
      const { map, run } = await runOf(seed, true);
      const last = run.snapshots.at(-1);
      const waits = waitsOf(blocksOf(map));
      for (const { status, steps, begun } of run.snapshots) {
        const left = leftOf(map, caseOf(status, steps));
        if (status !== 'running' || left.unknown) continue;
        const told = new Set([...left.certain, ...left.possible].flatMap(({ ids }) => ids));
        const later = run.begun.slice(begun, last?.begun).filter((id) => !waits.has(id));
        expect(later.filter((id) => !told.has(id))).toEqual([]);
      }
    }),
    { numRuns },
  );
});
