import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { readSettings, settingsFolder } from '../../../src/platform/settings';
import { salaryProcess } from '../../../src/processes/salary/process';
import { salarySettings } from '../../../src/processes/salary/settings';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'whereabouts-salary-settings-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** What is said about the default settings with one field changed, or left out when the value is undefined. */
async function refusalOf(field: string, value: unknown): Promise<string> {
  const document = parseDocument(await readFile(join(settingsFolder({}), 'salary.yaml'), 'utf8'));
  const path = field.split('.').map((part) => (/^[0-9]+$/.test(part) ? Number(part) : part));
  if (value === undefined) document.deleteIn(path);
  else document.setIn(path, document.createNode(value));
  await writeFile(join(folder, 'salary.yaml'), String(document));
  return readSettings(salaryProcess, folder).then(
    () => 'taken',
    (error: Error) => error.message,
  );
}

/** Every field of the settings, as a dotted path; the first entry of each list stands for all. */
function fieldsOf(schema: z.core.JSONSchema._JSONSchema, path: string[] = []): string[] {
  if (typeof schema === 'boolean') return [];
  const items = Array.isArray(schema.items) ? undefined : schema.items;
  const parts = { ...schema.properties, ...(items !== undefined && { '0': items }) };
  const inner = Object.entries(parts).flatMap(([name, part]) => fieldsOf(part, [...path, name]));
  return path.length === 0 || path.at(-1) === '0' ? inner : [path.join('.'), ...inner];
}

const aPhone = 'must be a phone number such as "+4915550100001" (E.164)';
const aDuration = 'must be a duration such as "30 seconds", "12 hours" or "2 days", at most "10 years"';
const somebody = 'must name at least one person';

const mistakes: [field: string, value: unknown, message: string][] = [
  ['calculation', 'sideways', 'must be "parallel" or "one after the other"'],
  ['bonusLimit', 250_000, 'must be a group of fields'],
  ['bonusLimit.amountInCents', 2_500.5, 'must be a whole number'],
  ['bonusLimit.currency', 'euro', 'must be a currency code such as "EUR"'],
  ['approvals', [], 'must name somebody who is asked "always": no bonus is paid without an approval'],
  ['approvals.0.role', '', 'must not be empty'],
  ['approvals.0.people', [], somebody],
  ['approvals.1.people.0.id', undefined, 'is missing'],
  ['approvals.1.people.0.phone', '0155 501', aPhone],
  ['approvals.0.when', 'sometimes', 'must be "always" or "bonus over limit"'],
  ['approvalDueIn', 'soon', aDuration],
  ['remindAfter', '-1 day', aDuration],
  ['escalateTo', 'E-1001', 'must be a group of fields'],
  ['escalateTo.role', 7, 'must be a text, in quotes when it looks like a number'],
  ['escalateTo.people', [], somebody],
  ['escalateTo.people.0.id', '', 'must not be empty'],
  ['escalateTo.people.0.phone', '+49', aPhone],
  ['onRejection', 'pay anyway', 'must be "pay without bonus" or "calculate again"'],
  ['officeManagers', [], somebody],
  ['officeManagers.0.id', undefined, 'is missing'],
  ['officeManagers.0.phone', '4915550100003', aPhone],
  ['accountants', 'E-1004', 'must be a list'],
  ['accountants.0.id', undefined, 'is missing'],
  ['accountants.0.phone', '+0915550100004', aPhone],
  ['dataEntryDueIn', 2, aDuration],
  ['retries', undefined, 'is missing'],
  ['retries.attempts', 0, 'must be at least 1'],
  ['retries.firstAfter', '1 fortnight', aDuration],
  ['retries.atMostEvery', '0 seconds', aDuration],
  ['administrator', undefined, 'is missing'],
  ['administrator.phone', undefined, 'is missing'],
  ['administrator.windowInMinutes', 1_441, 'must be at most 1440'],
];

test('the default settings are valid', async () => {
  expect(salarySettings.safeParse(await readSettings(salaryProcess)).success).toBe(true);
});

test.each(mistakes)('%s: %j is refused by its path, with what is asked of it', async (field, value, message) => {
  const shown = value === undefined ? '' : ` ${JSON.stringify(value)}`;
  expect(await refusalOf(field, value)).toContain(`${field}${shown}: ${message}`);
});

test('each field is tried', () => {
  const fields = fieldsOf(z.toJSONSchema(salarySettings, { io: 'input', unrepresentable: 'any' }));
  expect(fields.length).toBeGreaterThan(25);
  const tried = mistakes.map(([field]) => field.replaceAll(/\.[0-9]+/g, '.0'));
  expect(tried.toSorted()).toEqual(fields.toSorted());
});

test('a field that is none is refused', async () => {
  expect(await refusalOf('approvals.0.persons', [{ id: 'E-1001' }])).toContain('approvals.0.persons');
});

test('a first delay longer than the longest is refused', async () => {
  expect(await refusalOf('retries.firstAfter', '31 seconds')).toContain(
    'retries.firstAfter "31 seconds": must not be longer than atMostEvery',
  );
});

test('a person asked for every bonus is needed, since payroll books none without an approval', async () => {
  const approvals = [{ role: 'finance director', people: [{ id: 'E-1002' }], when: 'bonus over limit' }];
  expect(await refusalOf('approvals', approvals)).toContain('must name somebody who is asked "always"');
});

describe('docs/salary.md', () => {
  const rows = async () => {
    const [, section = ''] = (await readFile(join(__dirname, '../../../docs/salary.md'), 'utf8')).split(
      '\n## Settings\n',
    );
    const cells = section.split('\n').map((line) => line.split('|').map((cell) => cell.trim()));
    return new Map(
      cells.filter((row) => row.length === 6).map(([, name, ...rest]) => [name?.replaceAll('`', ''), rest]),
    );
  };

  test('names every setting, and what there is in it', async () => {
    const documented = await rows();
    for (const field of fieldsOf(z.toJSONSchema(salarySettings, { io: 'input', unrepresentable: 'any' }))) {
      const [setting, ...inner] = field.split('.').filter((part) => part !== '0');
      const row = documented.get(setting);
      expect([field, row?.length]).toEqual([field, 4]);
      const isPerson = inner.at(-1) === 'id' || (inner.at(-1) === 'phone' && setting !== 'administrator');
      if (inner.length > 0 && !isPerson) expect(row?.[0]).toContain(`\`${inner.at(-1)}\``);
    }
  });

  test('names the defaults that the file has', async () => {
    const documented = await rows();
    const defaults = Object.entries(await readSettings(salaryProcess));
    const texts = defaults.flatMap(([setting, value]) => (typeof value === 'string' ? [[setting, value]] : []));
    expect(texts.length).toBeGreaterThan(4);
    for (const [setting, value] of texts) expect(documented.get(setting)?.[1]).toBe(`\`${value}\``);
  });
});
