import { join } from 'node:path';
import type { OneTimeCode } from '../api/identity/codes';
import type { FoundCase } from '../kit/client';
import { defaultDataDir, type Running } from './running';
import type { OpenedRow } from './open-rows';
import { exampleFolder, loadExample } from './example';
import { runStack, type Run } from './run-stack';
import { untilSettled } from './settled';
import { untilAsked } from './signals';
import type { Progress, Stage } from './stages';
import { startRows } from './start-rows';

export interface UpOptions {
  /** Where state is kept; `.whereabouts` of the clone when absent. */
  dataDir?: string;
  /** Begin anew: what is kept in the data folder is removed. */
  fresh?: boolean;
  /** Of the first of consecutive ports; free ones when absent. */
  portBase?: number;
  /** Load the example company, and start its salaries unless `cases` names others. */
  example?: boolean;
  /** CSV or JSON file of salaries to start. */
  cases?: string;
}

/** What there is once everything runs and the cases of the file wait, or have ended. */
export interface UpReport {
  running: Running;
  /** How the first administrator sets a password; absent once an administrator has one. */
  first?: OneTimeCode;
  /** What came of each row of the file, in its order. */
  rows: OpenedRow[];
  /** The cases of the rows, in the rows' order. */
  cases: FoundCase[];
}

/**
 * Run everything here until SIGINT or SIGTERM, then stop it in order; state is kept. `onReady` is told once.
 * @throws UserError when it cannot be started.
 */
export async function up(
  options: UpOptions,
  { progress, onReady }: { progress: Progress; onReady: (report: UpReport) => void },
  { env = process.env, asked = untilAsked() }: { env?: NodeJS.ProcessEnv; asked?: Promise<void> } = {},
): Promise<void> {
  const { dataDir = defaultDataDir, fresh = false, example = false, portBase } = options;
  const file = options.cases ?? (example ? join(exampleFolder, 'employees.csv') : undefined);
  let rows: OpenedRow[] = [];
  let cases: FoundCase[] = [];
  const more = (run: Run): Stage[] => [
    ...(example
      ? [{ title: 'Example company', run: () => loadExample(run.dataDir, (name) => run.stack().systemUrl(name)) }]
      : []),
    ...(file === undefined
      ? []
      : [
          {
            title: `Cases of ${file}`,
            async run(say: (line: string) => void) {
              rows = await startRows(run.stack(), file);
              cases = await untilSettled(run.stack().client, idsOf(rows), { say, signal: run.signal });
              return `${cases.length} cases, ${rows.filter((row) => !('caseId' in row)).length} rows that started none`;
            },
          },
        ]),
  ];
  await runStack(
    {
      dataDir,
      fresh,
      env,
      progress,
      faults: example || env['FAULTS'] === 'on',
      ...(portBase !== undefined && { portBase }),
    },
    asked,
    more,
    async ({ stack }) => {
      const { running, first } = stack();
      onReady({ running, ...(first && { first }), rows, cases });
      await asked;
    },
  );
}

/** A row may name a case that another row named before. */
function idsOf(rows: OpenedRow[]): string[] {
  return [...new Set(rows.flatMap((row) => ('caseId' in row ? [row.caseId] : [])))];
}
