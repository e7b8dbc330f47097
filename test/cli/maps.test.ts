import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../src/platform/package';
import { jsonOf, whereabouts } from './cli';

jest.setTimeout(120_000);

const dangerous = join(packageRoot, 'test', 'maps', 'check', 'dangerous.ts');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'whereabouts-maps-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('map', () => {
  test('prints the map of a process of ours in each format', async () => {
    const [mermaid, svg, json] = await Promise.all(
      ['mermaid', 'svg', 'json'].map((format) => whereabouts(['map', 'salary', '--format', format])),
    );
    expect(mermaid?.stdout).toMatch(/^flowchart/);
    expect(svg?.stdout).toMatch(/^<svg[^]*<\/svg>\s*$/);
    expect(json && jsonOf(json)).toMatchObject({ version: 1, process: 'salary', flags: [] });
  });

  test('prints the map of a workflow in a file of any project', async () => {
    const { code, stdout } = await whereabouts(['map', `${dangerous}:compensatedWrites`]);
    expect(code).toBe(0);
    expect(stdout).toContain('Refund');
  });

  test.each([
    [['map', 'salry'], 1, 'There is no process salry; did you mean salary?'],
    [['map', 'salary', '--format', 'png'], 2, 'png is no format of a map'],
    [['map', 'nowhere.ts'], 1, 'There is no nowhere.ts.'],
    [['map', dangerous], 2, 'exports several workflows: twoWrites, safeWrites'],
    [['map', `${dangerous}:twoWrite`], 2, 'exports no workflow twoWrite; did you mean twoWrites?'],
    [['check', 'nowhere'], 1, 'There is no nowhere.'],
    [['check', dangerous, '--format', 'xml'], 2, 'xml is no format of findings'],
  ])('given %j, then it says what is wrong', async (words, code, message) => {
    const ended = await whereabouts(words);
    expect(ended.stderr).toContain(message);
    expect(ended).toMatchObject({ code, stdout: '' });
  });
});

describe('check', () => {
  test('tells each danger with its place, and ends with 1', async () => {
    const { code, stdout } = await whereabouts(['check', dangerous]);
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /dangerous\.ts:21 +unsafe-writes +twoWrites: Ship \(shipments\) follows Charge \(payments\)/,
    );
    expect(stdout).toContain('8 workflows checked');
  });

  test('gives SARIF for code scanning', async () => {
    const { code, stdout } = await whereabouts(['check', dangerous, '--format', 'sarif']);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      version: '2.1.0',
      runs: [{ tool: { driver: { name: 'whereabouts check' } } }],
    });
  });

  test('finds nothing in our own sources', async () => {
    expect(await whereabouts(['check', join(packageRoot, 'src')])).toMatchObject({ code: 0 });
  });

  test('given a file that cannot be parsed, or packages that are not installed, then it is not taken for a good one', async () => {
    const written = async (name: string, text: string) => {
      await writeFile(join(folder, name), text);
      return whereabouts(['check', join(folder, name)]);
    };
    const broken = await written('broken.ts', 'export async function x() {\n  if (true {\n}\n');
    const alone = await written(
      'alone.ts',
      "import { sleep } from '@temporalio/workflow';\nexport const x = () => sleep(1);\n",
    );
    expect(broken).toMatchObject({ code: 1, stdout: '' });
    expect(broken.stderr).toContain('broken.ts:2 is no TypeScript');
    expect(alone).toMatchObject({ code: 1, stdout: '' });
    expect(alone.stderr).toContain('imports @temporalio/workflow, which is not installed');
  });

  test('given no workflow is there, then it says so', async () => {
    await writeFile(join(folder, 'plain.ts'), 'export const one = 1;\n');
    const { code, stderr } = await whereabouts(['check', join(folder, 'plain.ts')]);
    expect(stderr).toContain('There is no workflow in');
    expect(code).toBe(1);
  });
});
