import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exampleFolder, loadExample } from './example';
import { runStack, type Run } from './run-stack';
import { untilAsked } from './signals';
import type { Progress, Stage } from './stages';
import { startRows } from './start-rows';
import { check, expectation, type Check, type Expectation } from './tour-check';
import { play, type Script } from './tour-play';

/** Configuration that would make the tour use something that is not its own. */
const notInTheTour = /^(TEMPORAL_(?!CLI$)|WHEREABOUTS_|SMS_PROVIDER$|FAULTS$)/;

/**
 * Play the cases of the example to their end, on servers and with state of its own, and compare what the systems'
 * databases hold then with what is expected. Leaves no process and no file behind. Answers with all that was compared;
 * undefined when it was asked to end before.
 */
export async function tour(
  { progress }: { progress: Progress },
  { env = process.env, asked = untilAsked() }: { env?: NodeJS.ProcessEnv; asked?: Promise<void> } = {},
): Promise<Check[] | undefined> {
  const { expected, script } = await readTour();
  const dataDir = await mkdtemp(join(env['TMPDIR'] ?? tmpdir(), 'whereabouts-tour-'));
  const ownEnv = Object.fromEntries(Object.entries(env).filter(([name]) => !notInTheTour.test(name)));
  let checks: Check[] = [];
  const more = (run: Run): Stage[] => [
    { title: 'Example company', run: () => loadExample(run.dataDir, (name) => run.stack().systemUrl(name)) },
    {
      title: 'Cases, to their end',
      async run(say) {
        const { client, running } = run.stack();
        const rows = await startRows(run.stack(), join(exampleFolder, 'employees.csv'));
        const caseIds = rows.flatMap((row) => ('caseId' in row ? [row.caseId] : []));
        const cases = await play(client, caseIds, script, { say, signal: run.signal });
        checks = await check(expected, { rows, cases, postgres: running.postgres });
        return `${cases.filter(({ record }) => record.endedAt !== undefined).length} cases have ended`;
      },
    },
  ];
  try {
    await chmod(dataDir, 0o755);
    const options = { dataDir, fresh: false, faults: true, env: ownEnv, progress };
    return await runStack(options, asked, more, () => Promise.resolve(checks));
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}

/** What people do in the tour, and what has to come of it. */
export async function readTour(): Promise<{ script: Script; expected: Expectation }> {
  const expected = expectation.parse(await readExample('expected.json'));
  return { script: (await readExample('tour.json')) as Script, expected };
}

async function readExample(name: string): Promise<unknown> {
  return JSON.parse(await readFile(join(exampleFolder, name), 'utf8'));
}
