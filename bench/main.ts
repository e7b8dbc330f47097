import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { untilAsked } from '../src/platform/signals';
import { findTemporalProgram } from '../src/platform/temporal-binaries';
import { UserError } from '../src/platform/user-error';
import { canLook } from './processes';
import { maps } from './parts/maps';
import type { Part } from './parts/part';
import { reports } from './parts/reports';
import { salary } from './parts/salary';
import { store } from './parts/store';
import { tried } from './parts/tried';
import { view } from './parts/view';
import { waiting } from './parts/waiting';
import { workers } from './parts/workers';
import { scoped } from './scope';
import { render } from './table';
import { bundleVariants } from './variants';

const parts: Record<string, Part> = { salary, waiting, store, workers, reports, view, maps };
/** Parts that run only when they are asked for. */
const further: Record<string, Part> = { tried };
const all = { ...parts, ...further };

interface Options {
  only?: string;
  rounds?: number;
  quick?: boolean;
  markdown?: boolean;
}

async function run({ only, rounds, quick = false, markdown = false }: Options): Promise<void> {
  const begun = Date.now();
  const say = (line: string) => process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`);
  const asked = untilAsked();
  const program = await findTemporalProgram('temporal', { say });
  const dir = await mkdtemp(join(tmpdir(), 'whereabouts-bench-'));
  const texts: string[] = [];
  try {
    await chmod(dir, 0o755);
    const variant = await bundleVariants(dir);
    const chosen = only === undefined ? Object.entries(parts) : [[only, all[only]] as [string, Part]];
    for (const [name, part] of chosen) {
      say(`${name}:`);
      const given = { program, dir, variant, rounds: rounds ?? (quick ? 2 : 5), quick, say };
      const found = await scoped(asked, (atEnd) => part({ ...given, atEnd }));
      if (!found) return;
      texts.push(...found.map((findings) => render(findings, markdown)));
    }
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
  const minutes = ((Date.now() - begun) / 60_000).toFixed(1);
  const machine = `${cpus().length} processors (${cpus()[0]?.model ?? 'unknown'}), Node ${process.versions.node}, ${process.platform}`;
  process.stdout.write([`Measured in ${minutes} minutes on ${machine}.`, '', ...texts].join('\n'));
  if (!canLook) say('Processor time and memory of other processes can be told on Linux only, and were left out.');
}

function atLeastOne(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('It is a whole number from 1.');
  return Number(text);
}

new Command('npm run bench --')
  .description('Measures what a process costs in each of the ways it can be run.')
  .addOption(new Option('--only <part>', 'this part alone').choices(Object.keys(all)))
  .option('--rounds <number>', 'how many rounds are measured (5 unless told)', atLeastOne)
  .option('--quick', 'a look: short windows, two rounds, fewer waiting cases')
  .option('--markdown', 'print the tables as Markdown')
  .action(run)
  .parseAsync(process.argv.slice(3), { from: 'user' })
  .catch((error: unknown) => {
    console.error(error instanceof UserError ? `${error.message}\n${error.advice}` : error);
    process.exitCode = 1;
  });
