import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { fuzz, type Figures } from './fuzz';
import { salaryInput } from './salary';

const ownFiles = [resolve(__dirname, '../workflows/index.ts')];

/**
 * Plays workflows and prints what their maps refuse: `npm run fuzz:maps -- [--runs 300] [--workflow name] [--seed 7]
 * [--json] [files]`. Exit code 1 where there is a refusal.
 */
async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      runs: { type: 'string', default: '300' },
      seed: { type: 'string' },
      workflow: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  const files = positionals.length > 0 ? positionals.map((file) => resolve(file)) : ownFiles;
  const all: Figures[] = [];
  for (const file of files) {
    const played = fuzz(file, {
      runs: Number(values.runs),
      ...(values.seed !== undefined && { seed: Number(values.seed) }),
      ...(values.workflow !== undefined && { workflow: values.workflow }),
      mayHang: positionals.length > 0,
      inputs: { salary: salaryInput },
    });
    for await (const figures of played) {
      all.push(figures);
      if (!values.json) console.log(inWords(figures));
    }
  }
  if (values.json) console.log(JSON.stringify(all));
  else console.log(summary(all));
  process.exitCode = all.some(({ refusals }) => refusals.length > 0) ? 1 : 0;
}

function inWords(figures: Figures): string {
  const { workflow, flags, runs, steps, stuck, stuckOf, unknown, mutants, refusedMutants, refusals } = figures;
  if (flags > 0) return `${workflow}: not played, ${flags} flags`;
  const [first] = refusals;
  return [
    `${workflow}: ${runs} runs, ${steps} steps, ${refusals.length} refused, ${unknown} not told, ` +
      `${stuck} stuck${stuckOf === undefined ? '' : ` (${stuckOf})`}, ${refusedMutants} of ${mutants} mutants refused`,
    ...(first ? [`  seed ${first.seed}: ${first.message}`, first.trace.replace(/^/gm, '  ')] : []),
  ].join('\n');
}

function summary(all: readonly Figures[]): string {
  const played = all.filter(({ flags }) => flags === 0);
  const sum = (of: (figures: Figures) => number) => played.reduce((total, figures) => total + of(figures), 0);
  return (
    `${played.length} workflows played (${all.length - played.length} flagged), ${sum(({ runs }) => runs)} runs, ` +
    `${sum(({ refusals }) => refusals.length)} refused, ${sum(({ unknown }) => unknown)} not told, ` +
    `${sum(({ stuck }) => stuck)} stuck, ${sum((one) => one.refusedMutants)} of ${sum((one) => one.mutants)} mutants refused`
  );
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
