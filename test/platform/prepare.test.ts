import { spawnSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

const ourRoot = resolve(__dirname, '..', '..');

let root: string;

/** A clone whose npm, compiler and bundler are stand-ins that write down that they were called. */
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'whereabouts-prepare-'));
  for (const name of ['bin', 'scripts']) await cp(join(ourRoot, name), join(root, name), { recursive: true });
  const packages = {
    '': {},
    'node_modules/@typescript/native': { version: '1.0.0' },
    'node_modules/for-another-platform': { version: '1.0.0', optional: true },
  };
  await write('package-lock.json', JSON.stringify({ packages }));
  await write('tsconfig.json', '{}');
  await write('tsconfig.build.json', '{}');
  await write('src/cli/main.ts', '');
  await write('npm.js', fakeNpm);
});

afterEach(() => rm(root, { recursive: true, force: true }));

const note = (word: string) => `require('node:fs').appendFileSync('calls.txt', '${word}\\n');`;
const fakeTypeScript = `
  const { mkdirSync, writeFileSync } = require('node:fs');
  ${note('tsc')}
  for (const folder of ['dist/cli', 'dist/platform']) mkdirSync(folder, { recursive: true });
  writeFileSync('dist/cli/main.js', "console.log('ran ' + process.argv.slice(2).join(' '))");
  writeFileSync('dist/platform/build-bundle.js', "${note('bundle').replaceAll('\\n', '\\\\n')}");
  writeFileSync('dist/platform/build-maps.js', "${note('maps').replaceAll('\\n', '\\\\n')}");
`;
const fakeNpm = `
  const { mkdirSync, writeFileSync } = require('node:fs');
  ${note('npm')}
  mkdirSync('node_modules/@typescript/native/bin', { recursive: true });
  writeFileSync('node_modules/.package-lock.json', JSON.stringify({
    packages: { 'node_modules/@typescript/native': { version: '1.0.0' } },
  }));
  writeFileSync('node_modules/@typescript/native/bin/tsc', ${JSON.stringify(fakeTypeScript)});
`;

async function write(path: string, content: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), content);
}

/** Moves a file's time on, as saving it in an editor does. */
async function touch(path: string): Promise<void> {
  const later = new Date(Date.now() + 10_000);
  await utimes(join(root, path), later, later);
}

function whereabouts(...args: string[]) {
  const env = { ...process.env, npm_execpath: join(root, 'npm.js') };
  return spawnSync(process.execPath, [join(root, 'bin', 'whereabouts.js'), ...args], { env, encoding: 'utf8' });
}

async function calls(): Promise<string[]> {
  const text = await readFile(join(root, 'calls.txt'), 'utf8').catch(() => '');
  await rm(join(root, 'calls.txt'), { force: true });
  return text.split('\n').filter((line) => line !== '');
}

test('the command of a fresh clone installs and builds first, and says so apart from its answer', async () => {
  const { stdout, stderr, status } = whereabouts('where', 'E-1');

  expect(await calls()).toEqual(['npm', 'tsc', 'bundle', 'maps']);
  expect({ stdout, status }).toEqual({ stdout: 'ran where E-1\n', status: 0 });
  expect(stderr).toMatch(/^Installing packages .*\nBuilding \.\.\.\n$/);
});

test('nothing is done again when nothing has changed', async () => {
  whereabouts('up');
  await calls();

  expect(whereabouts('up')).toMatchObject({ stdout: 'ran up\n', stderr: '' });
  expect(await calls()).toEqual([]);
});

test('changed sources are built again, without installing', async () => {
  whereabouts('up');
  await calls();
  await touch('src/cli/main.ts');

  whereabouts('up');

  expect(await calls()).toEqual(['tsc', 'bundle', 'maps']);
});

test('changed dependencies are installed', async () => {
  whereabouts('up');
  await calls();
  const packages = { 'node_modules/@typescript/native': { version: '2.0.0' } };
  await write('package-lock.json', JSON.stringify({ packages }));
  await touch('package-lock.json');

  whereabouts('up');

  expect((await calls())[0]).toBe('npm');
});

test('an image without sources needs nothing', async () => {
  whereabouts('up');
  await calls();
  await rm(join(root, 'src'), { recursive: true });
  await rm(join(root, 'node_modules'), { recursive: true });

  expect(whereabouts('worker').stdout).toBe('ran worker\n');
  expect(await calls()).toEqual([]);
});

test('an installation that fails is an error that says what to check, and nothing runs', async () => {
  await write('npm.js', `console.error('npm error network'); process.exit(1);`);

  const { stdout, stderr, status } = whereabouts('up');

  expect({ stdout, status }).toEqual({ stdout: '', status: 1 });
  expect(stderr).toContain('npm could not install the packages');
  expect(stderr).toContain('npm ping');
});

test('a build that fails is an error, and is tried again by the next command', async () => {
  whereabouts('up');
  await calls();
  await touch('src/cli/main.ts');
  await write('node_modules/@typescript/native/bin/tsc', `console.log('main.ts(1,1): error'); process.exit(1);`);

  const { stdout, stderr, status } = whereabouts('up');

  expect({ stdout, status }).toEqual({ stdout: '', status: 1 });
  expect(stderr).toContain('main.ts(1,1): error');
  await write('node_modules/@typescript/native/bin/tsc', fakeTypeScript);
  expect(whereabouts('up').stdout).toBe('ran up\n');
});

test('the lock file is complete for every platform, and names no registry', async () => {
  const { packages } = JSON.parse(await readFile(join(ourRoot, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { resolved?: string; optionalDependencies?: Record<string, string> }>;
  };
  const isThere = (from: string, name: string): boolean => {
    if (packages[`${from === '' ? '' : `${from}/`}node_modules/${name}`]) return true;
    return from !== '' && isThere(from.split('/node_modules/').slice(0, -1).join('/node_modules/'), name);
  };

  const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter((name) => !isThere(path, name)),
  );

  expect(missing).toEqual([]);
  expect(Object.entries(packages).filter(([, { resolved }]) => resolved !== undefined)).toEqual([]);
});
