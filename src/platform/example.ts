import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { createSystemClient } from '../service/client';
import type { DataDir } from './data-dir';
import { packageRoot } from './package';
import { UserError } from './user-error';

/** Where the example is: the company's data, whose salaries to calculate, the tour's script and what has to come of it. */
export const exampleFolder = join(packageRoot, 'examples');

const employees = z.array(z.looseObject({ id: z.string() }));
const ofMonth = z.array(z.looseObject({ employeeId: z.string(), month: z.string() }));
const ofQuarter = z.array(z.looseObject({ employeeId: z.string(), quarter: z.string() }));

/** What the files of the company hold; the systems themselves check the rest. */
const files = {
  'accounting.json': z.strictObject({ employees, baseData: ofMonth }),
  'bonus.json': z.strictObject({ targets: ofQuarter, results: ofQuarter }),
  'faults.json': z.record(z.string(), z.looseObject({})),
};

interface Put {
  system: string;
  path: string;
  body: object;
}

/**
 * Load the example company into the systems, when its files have changed since the last time; and, once per kept state,
 * what is to go wrong in them. Answers with what was done, in words.
 * @throws UserError for a file that cannot be used.
 */
export async function loadExample(dataDir: DataDir, systemUrl: (name: string) => string): Promise<string> {
  const stateFile = dataDir.entry('state.json');
  const state = await readState(stateFile);
  const company = [...(await accountingPuts()), ...(await bonusPuts())];
  const hash = createHash('sha256').update(JSON.stringify(company)).digest('hex');
  const changed = state.company !== hash;
  const puts = [...(changed ? company : []), ...(state.faults ? [] : await faultPuts())];
  const loadedAt = new Date().toISOString();
  for (const put of puts) await send(put, systemUrl(put.system), loadedAt);
  await writeFile(stateFile, JSON.stringify({ company: hash, faults: true }));
  return `Example company ${changed ? 'loaded' : 'as loaded before'}`;
}

async function readState(file: string): Promise<{ company?: string; faults?: boolean }> {
  return readFile(file, 'utf8').then(
    (text) => JSON.parse(text) as { company?: string; faults?: boolean },
    () => ({}),
  );
}

async function accountingPuts(): Promise<Put[]> {
  const system = 'accounting';
  const content = await readCompany('accounting.json');
  return [
    ...content.employees.map(({ id, ...body }) => ({ system, path: `/employees/${encodeURIComponent(id)}`, body })),
    ...content.baseData.map(({ employeeId, month, ...body }) => ({
      ...{ system, body },
      path: `/employees/${encodeURIComponent(employeeId)}/base-data/${encodeURIComponent(month)}`,
    })),
  ];
}

async function bonusPuts(): Promise<Put[]> {
  const system = 'bonus';
  const content = await readCompany('bonus.json');
  return (['targets', 'results'] as const).flatMap((kind) =>
    content[kind].map(({ employeeId, quarter, ...body }) => ({
      ...{ system, body },
      path: `/employees/${encodeURIComponent(employeeId)}/${kind}/${encodeURIComponent(quarter)}`,
    })),
  );
}

async function faultPuts(): Promise<Put[]> {
  const content = await readCompany('faults.json');
  return Object.entries(content).map(([system, body]) => ({ system, path: '/faults', body }));
}

async function readCompany<Name extends keyof typeof files>(name: Name): Promise<z.output<(typeof files)[Name]>> {
  const path = join(exampleFolder, 'company', name);
  try {
    return files[name].parse(JSON.parse(await readFile(path, 'utf8'))) as z.output<(typeof files)[Name]>;
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
    throw new UserError(`The file ${path} cannot be used: ${reason}`, 'Mend it and start again.');
  }
}

async function send({ system, path, body }: Put, url: string, loadedAt: string): Promise<void> {
  const client = createSystemClient({ system, url, idempotencyKey: () => `example/${loadedAt}${path}` });
  try {
    await client.request({ operation: `PUT ${path}`, method: 'PUT', path, body, answer: z.unknown() });
  } catch (error) {
    throw new UserError(
      `The example company cannot be loaded: ${error instanceof Error ? error.message : String(error)}`,
      `Mend the files in ${join(exampleFolder, 'company')} and start again.`,
    );
  }
}
