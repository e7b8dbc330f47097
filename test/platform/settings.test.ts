import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSettings, settingsFolder } from '../../src/platform/settings';
import type { UserError } from '../../src/platform/user-error';
import { salaryProcess } from '../../src/processes/salary/process';

const defaults = join(settingsFolder({}), 'salary.yaml');

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'whereabouts-settings-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** The default settings with one line changed; answers with its number. */
async function changed(from: RegExp, to: string): Promise<number> {
  const text = await readFile(defaults, 'utf8');
  const lines = text.split('\n');
  const index = lines.findIndex((line) => from.test(line));
  lines[index] = to;
  await writeFile(join(folder, 'salary.yaml'), lines.join('\n'));
  return index + 1;
}

async function mistake(): Promise<UserError> {
  return readSettings(salaryProcess, folder).then(
    () => Promise.reject(new Error('no mistake was found')),
    (error: UserError) => error,
  );
}

test('the defaults are valid', async () => {
  expect(await readSettings(salaryProcess)).toMatchObject({ calculation: 'parallel' });
});

test('WHEREABOUTS_SETTINGS names another folder', async () => {
  await copyFile(defaults, join(folder, 'salary.yaml'));
  expect(settingsFolder({ WHEREABOUTS_SETTINGS: folder })).toBe(folder);
});

test('a value that is not allowed is refused with line, field, value and what is allowed', async () => {
  const line = await changed(/^calculation:/, 'calculation: sideways');
  const { message } = await mistake();
  expect(message).toContain(
    `salary.yaml, line ${line}: calculation "sideways": must be "parallel" or "one after the other"`,
  );
});

test('a mistake deep in a list is found where it stands', async () => {
  const line = await changed(/role: manager/, '  - { role: manager, when: sometimes }');
  expect((await mistake()).message).toContain(`line ${line}: approvals.0.when "sometimes": must be "always" or`);
});

test('a phone number without quotes is told from a text', async () => {
  const line = await changed(/^administrator:/, 'administrator: { phone: +4915550100000, windowInMinutes: 15 }');
  expect((await mistake()).message).toContain(
    `line ${line}: administrator.phone 4915550100000: must be a text, in quotes`,
  );
});

test('an unknown setting is refused with the one probably meant', async () => {
  const line = await changed(/^remindAfter:/, 'remindAftr: 1 day');
  const { message } = await mistake();
  expect(message).toContain(`line ${line}: remindAftr "1 day": is not known; did you mean remindAfter?`);
  expect(message).toContain('remindAfter: is missing');
});

test('broken YAML is refused with its line', async () => {
  const line = await changed(/^calculation:/, 'calculation: { parallel');
  expect((await mistake()).message).toMatch(
    new RegExp(`salary.yaml, line (${line}|${line + 1}|${line + 2}|${line + 3}):`),
  );
});

test('a missing file is refused by its name', async () => {
  const { message, advice } = await mistake();
  expect(message).toContain('salary.yaml cannot be read');
  expect(advice).toContain('WHEREABOUTS_SETTINGS');
});
