import { spawn } from 'node:child_process';
import { copyFile, cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../src/platform/package';
import { namesOf } from '../../src/cli/scaffold/names';
import { program } from './cli';

// The checks of a clone run several programs at once.
jest.setTimeout(300_000);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'whereabouts-new-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** How a program ended and what it said. */
function run(cwd: string, script: string, args: string[], env: NodeJS.ProcessEnv = {}) {
  const child = spawn(process.execPath, [script, ...args], { cwd, env: { ...process.env, ...env } });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
  return new Promise<{ code: number | null; output: string }>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      resolve({ code, output });
    });
  });
}

const tool = (path: string) => join(packageRoot, 'node_modules', path);

describe('in a clone', () => {
  let clone: string;
  const generated = [
    'src/processes/trip/workflow.ts',
    'src/processes/trip/process.ts',
    'src/systems/travel-desk/activities.ts',
    'test/processes/trip.test.ts',
    'examples/trip.json',
  ];
  const changed = ['systems.ts', 'workflows.ts', 'catalogue.ts'].map((name) => `src/processes/${name}`);

  beforeAll(async () => {
    clone = join(folder, 'clone');
    const left = ['.git', 'node_modules', 'bench/node_modules', '.whereabouts', 'coverage'].map((name) =>
      join(packageRoot, name),
    );
    await cp(packageRoot, clone, {
      recursive: true,
      preserveTimestamps: true,
      filter: (path) => !left.includes(path),
    });
    await symlink(join(packageRoot, 'node_modules'), join(clone, 'node_modules'));
    await writeFile(join(clone, 'dist', '.prepared'), '');
  });

  const create = (...words: string[]) => run(clone, join('bin', 'whereabouts.js'), ['new', ...words]);

  /** Has the compiler read no more of the clone than it must. */
  async function narrowTo(include: string[]): Promise<void> {
    const path = join(clone, 'tsconfig.json');
    const { compilerOptions } = JSON.parse(await readFile(path, 'utf8')) as { compilerOptions: object };
    await writeFile(path, JSON.stringify({ compilerOptions: { ...compilerOptions, incremental: false }, include }));
  }

  test('what is there already is not touched', async () => {
    const systems = await readFile(join(clone, 'src/processes/systems.ts'), 'utf8');

    expect(await create('salary')).toEqual({
      code: 1,
      output:
        'src/processes/salary/workflow.ts is there already; nothing was written.\nChoose another name, or remove what is there.\n',
    });
    expect(await create('trip', '--system', 'bonuses')).toEqual({
      code: 1,
      output:
        'src/processes/systems.ts has the name bonuses already; nothing was written.\nGive another with --system <name>.\n',
    });
    expect(await readFile(join(clone, 'src/processes/systems.ts'), 'utf8')).toBe(systems);
  });

  test('the process written passes all checks of the clone, and its test', async () => {
    const { code, output } = await create('trip', '--system', 'travel-desk', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(output)).toMatchObject({
      wrote: generated.map((path) => ({ path })),
      changed: [...changed, 'src/systems/catalogue.ts'],
    });

    const touched = [...generated, ...changed, 'src/systems/catalogue.ts'];
    const sources = touched.filter((path) => path.endsWith('.ts'));
    await narrowTo(sources);
    const ended = await Promise.all([
      run(clone, tool('prettier/bin/prettier.cjs'), ['--list-different', ...touched]),
      run(clone, tool('@typescript/native/bin/tsc'), ['--noEmit']),
      run(clone, tool('oxlint/bin/oxlint'), ['--quiet', '--format', 'unix', ...sources]),
      run(clone, tool('eslint/bin/eslint.js'), ['src/processes', 'src/systems']),
      run(clone, tool('knip/bin/knip.js'), []),
    ]);
    expect(ended).toEqual(ended.map(() => ({ code: 0, output: '' })));

    const tested = await run(clone, tool('jest/bin/jest.js'), ['test/processes/trip.test.ts'], { CI: 'true' });
    expect(tested.output).toContain('tests: 1 passed, 0 failed');
  });
});

/** What the test of a process needs of Vitest, which is not installed here. */
const typesOfVitest = `declare module 'vitest' {
  export function test(name: string, options: { timeout: number }, act: () => Promise<void>): void;
}`;

describe('in a project of its own', () => {
  let project: string;
  let temporary: string;

  /** A project in which this package and Temporal's are installed, and the test server that the SDK would download. */
  beforeAll(async () => {
    project = join(folder, 'project');
    temporary = join(folder, 'temporary');
    for (const path of [join(project, 'src'), join(project, 'node_modules'), temporary]) {
      await mkdir(path, { recursive: true });
    }
    await symlink(packageRoot, join(project, 'node_modules', 'whereabouts'));
    for (const name of ['@temporalio', '@types']) await symlink(tool(name), join(project, 'node_modules', name));
    const { version } = jest.requireActual<{ version: string }>('@temporalio/testing/package.json');
    const testServer = join(temporary, `temporal-test-server-sdk-typescript-${version}`);
    await copyFile(process.env['TEST_TEMPORAL_TEST_SERVER'] ?? '', testServer);
    const compilerOptions = {
      ...{ target: 'es2022', module: 'nodenext', strict: true, skipLibCheck: true, types: ['node'] },
      ...{ rootDir: 'src', outDir: 'lib' },
    };
    await writeFile(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['src'] }));
  });

  const create = (...words: string[]) => run(project, program, ['new', ...words]);

  test('a folder without package.json is none', async () => {
    expect(await create('trip')).toEqual({
      code: 1,
      output: `${join(project, 'package.json')} cannot be read: there is none.\nType this in the folder of your project.\n`,
    });
  });

  test('the process written compiles, and its test passes', async () => {
    await writeFile(join(project, 'package.json'), '{ "name": "project", "private": true }');

    const { code, output } = await create('travel-request', '--system', 'travel', '--json');
    expect(code).toBe(0);
    const { next } = JSON.parse(output) as { next: { to: string; type: string }[] };
    const [install, test, among] = next.map(({ type }) => type);
    expect(install).toBe('npm install --save-dev tsx');
    expect(test).toMatch(/^npx tsx --test \S+$/);
    await writeFile(join(project, 'src', 'workflows.ts'), String(among));

    expect(await run(project, tool('@typescript/native/bin/tsc'), [])).toEqual({ code: 0, output: '' });
    // tsx is not installed here: what it would compile, the compiler has.
    const compiled = String(test?.split(' ').at(-1)).replace(/^src(.*)\.ts$/, 'lib$1.js');
    const tested = await run(project, '--test', [compiled], { TMPDIR: temporary });
    expect(tested.output).toContain('# pass 1');
  });

  test('given projects with jest, vitest, ES modules, then the process written is of their kind and compiles', async () => {
    const kinds: [name: string, manifest: object, step: string][] = [
      ['of-jest', { devDependencies: { jest: '30' } }, 'npx jest src/trip/workflow.test.ts'],
      ['of-vitest', { devDependencies: { vitest: '4' } }, 'npx vitest run src/trip/workflow.test.ts'],
      ['of-es-modules', { type: 'module' }, 'npx tsx --test src/trip/workflow.test.ts'],
    ];
    for (const [name, manifest, step] of kinds) {
      const kind = join(project, name);
      await mkdir(join(kind, 'src'), { recursive: true });
      await writeFile(join(kind, 'package.json'), JSON.stringify({ name, private: true, ...manifest }));
      const { output } = await run(kind, program, ['new', 'trip', '--system', 'travel']);
      expect(output).toContain(step);
    }

    await writeFile(join(project, 'vitest.d.ts'), typesOfVitest);
    const sources = kinds.flatMap(([name]) =>
      ['workflow.ts', 'activities.ts', 'workflow.test.ts'].map((file) => join(name, 'src', 'trip', file)),
    );
    const options =
      '--ignoreConfig --noEmit --strict --skipLibCheck --target es2022 --module nodenext --types node,jest';
    const compiled = await run(project, tool('@typescript/native/bin/tsc'), [
      ...options.split(' '),
      'vitest.d.ts',
      ...sources,
    ]);
    expect(compiled).toEqual({ code: 0, output: '' });
  });

  test('what the project has installed already is not a step', async () => {
    const manifest = { name: 'project', private: true, devDependencies: { tsx: '4.20.0' } };
    await writeFile(join(project, 'package.json'), JSON.stringify(manifest));

    const { output } = await create('trip');

    expect(output).not.toContain('npm install');
    expect(output).toContain('npx tsx --test src/trip/workflow.test.ts');
  });
});

describe('a name', () => {
  test.each([
    ['travelRequest', 'travel-request', 'travelRequest', 'TravelRequest'],
    ['travel-request', 'travel-request', 'travelRequest', 'TravelRequest'],
    ['trip2', 'trip2', 'trip2', 'Trip2'],
  ])('%s is written as %s, %s, %s', (typed, kebab, camel, pascal) => {
    expect(namesOf(typed).process).toMatchObject({ kebab, camel, pascal });
  });

  test('of the system is made of that of the process unless told', () => {
    expect(namesOf('travel-request').system.camel).toBe('travelRequestSystem');
    expect(namesOf('travelRequest').system.camel).toBe('travelRequestSystem');
    expect(namesOf('a'.repeat(30)).system.camel).toBe(`${'a'.repeat(30)}System`);
    expect(namesOf('trip', 'travel').system.camel).toBe('travel');
  });

  test.each([
    ['Trip!', undefined, 'The process cannot be named "Trip!": a name is made of letters and digits'],
    ['2fast', undefined, 'The process cannot be named "2fast"'],
    ['trip-', undefined, 'The process cannot be named "trip-"'],
    ['../trip', undefined, 'The process cannot be named "../trip"'],
    ['', undefined, 'The process cannot be named ""'],
    ['delete', undefined, 'The process cannot be named "delete": delete has a meaning of its own in the code'],
    ['approve', undefined, 'The process cannot be named "approve"'],
    ['a'.repeat(31), undefined, 'it has 31 characters'],
    ['trip', 'Class', 'The system cannot be named "Class"'],
    ['trip', 'request', 'The system cannot be named "request": request has a meaning of its own in the code'],
    ['trip', 'found', 'The system cannot be named "found"'],
    ['trip', 'unknown-request', 'unknownRequest has a meaning of its own in the code'],
    ['trip', 'approval', 'The system cannot be named "approval"'],
    ['trip', 'approved', 'The system cannot be named "approved"'],
    ['trip', 'input', 'The system cannot be named "input"'],
    ['trip', 'trip', 'The process and the system are both named trip.'],
  ])('such as %j with the system %j is refused: %s', (process, system, reason) => {
    expect(() => namesOf(process, system)).toThrow(reason);
  });
});
