import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { createSystemClient, problemIn } from '../service/client';
import { urlVariable } from './addresses';
import type { DataDir } from './data-dir';
import { packageRoot } from './package';
import type { Change } from './setup';
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
  await sendAll(puts, systemUrl);
  await writeFile(stateFile, JSON.stringify({ company: hash, faults: true }));
  return `Example company ${changed ? 'loaded' : 'as loaded before'}`;
}

/**
 * Entering the example company into systems at these URLs, again when it is there already; and what is to go wrong in
 * those with the fault switch. Nothing is entered yet.
 * @throws UserError for a file that cannot be used, or a system that does not answer.
 */
export async function exampleChange(systemUrl: (name: string) => string): Promise<Change> {
  const company = [...(await accountingPuts()), ...(await bonusPuts())];
  const faults = await faultPuts();
  const withoutSwitch: string[] = [];
  for (const { system } of faults) if (!(await hasFaultSwitch(system, systemUrl(system)))) withoutSwitch.push(system);
  const names = [...new Set(company.map(({ system }) => system))];
  const where = names.map((name) => `${name} at ${systemUrl(name)}`).join(', ');
  const wrong = withoutSwitch.map((name) => `; nothing goes wrong in ${name}, which runs without FAULTS=on`).join('');
  return {
    description: `${where}: enter the example company${wrong}`,
    apply: () => sendAll([...company, ...faults.filter(({ system }) => !withoutSwitch.includes(system))], systemUrl),
  };
}

async function hasFaultSwitch(system: string, url: string): Promise<boolean> {
  const client = createSystemClient({ system, url, idempotencyKey: () => undefined });
  try {
    await client.request({ operation: 'GET /faults', method: 'GET', path: '/faults', answer: z.unknown() });
    return true;
  } catch (error) {
    if (problemIn(error, 'not-found')) return false;
    throw cannotLoad(error, `Start ${system}, or mend ${urlVariable(system)}.`);
  }
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

async function sendAll(puts: Put[], systemUrl: (name: string) => string): Promise<void> {
  const loadedAt = new Date().toISOString();
  for (const put of puts) await send(put, systemUrl(put.system), loadedAt);
}

async function send({ system, path, body }: Put, url: string, loadedAt: string): Promise<void> {
  const client = createSystemClient({ system, url, idempotencyKey: () => `example/${loadedAt}${path}` });
  try {
    await client.request({ operation: `PUT ${path}`, method: 'PUT', path, body, answer: z.unknown() });
  } catch (error) {
    throw cannotLoad(error, `Mend the files in ${join(exampleFolder, 'company')} and start again.`);
  }
}

function cannotLoad(error: unknown, advice: string): UserError {
  const reason = error instanceof Error ? error.message : String(error);
  return new UserError(`The example company cannot be loaded: ${reason}`, advice);
}
