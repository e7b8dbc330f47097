import { execFile } from 'node:child_process';
import { join } from 'node:path';
import type { Figures } from './fuzz';

let figures: Figures[];

beforeAll(async () => {
  figures = await fuzzed(3);
}, 120_000);

test('no run is refused by the map of its workflow', () => {
  expect(figures.flatMap(({ refusals }) => refusals)).toEqual([]);
  expect(sumOf(({ runs }) => runs)).toBeGreaterThan(250);
  expect(sumOf(({ stuck, unknown }) => stuck + unknown)).toBeLessThan(sumOf(({ runs }) => runs) / 20);
});

test('most runs that never were are refused', () => {
  expect(sumOf((one) => one.refusedMutants)).toBeGreaterThan(sumOf(({ mutants }) => mutants) * 0.7);
  for (const workflow of ['ifElse', 'saga', 'allOfThree', 'handlersWithCalls', 'asksPeople', 'salary']) {
    const { mutants = 0, refusedMutants = 0 } = figures.find((one) => one.workflow === workflow) ?? {};
    expect(refusedMutants).toBeGreaterThanOrEqual(mutants / 2);
    expect(mutants).toBeGreaterThan(0);
  }
});

test('workflows of which the source does not tell everything are flagged, and few others', () => {
  const flagged = figures.filter(({ flags }) => flags > 0).map(({ workflow }) => workflow);
  const all = figures.map(({ workflow }) => workflow);
  expect(all.filter((workflow) => workflow.startsWith('flagged')).every((one) => flagged.includes(one))).toBe(true);
  expect(flagged.length).toBeLessThan(all.length / 6);
});

function sumOf(of: (figures: Figures) => number): number {
  return figures.reduce((sum, one) => sum + of(one), 0);
}

/** Played by a process of its own: the sandbox of the SDK does not stand being run by jest. */
function fuzzed(runs: number): Promise<Figures[]> {
  const args = [join(__dirname, 'start.js'), '--json', '--runs', String(runs)];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { maxBuffer: 50_000_000 }, (error, stdout, stderr) => {
      if (stdout === '') reject(new Error(`The fuzz failed: ${stderr}`, { cause: error }));
      else resolve(JSON.parse(stdout) as Figures[]);
    });
  });
}
