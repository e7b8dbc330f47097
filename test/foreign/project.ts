import { copyFileSync, linkSync, mkdirSync, readdirSync, readFileSync, existsSync } from 'node:fs';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { packageRoot, version } from '../../src/platform/package';

const run = promisify(execFile);

/** A project outside of the clone, in a temporary folder. */
export interface Project {
  folder: string;
  /** Runs a program in it, with nothing of Whereabouts in the environment but what is given. */
  run(program: string, args: string[], env?: Record<string, string>): Promise<{ stdout: string; stderr: string }>;
  /** Compiles it into `lib`; fails with what the compiler complains of. */
  compile(): Promise<void>;
  remove(): Promise<void>;
}

/** What the project needs beside Whereabouts. */
const dependencies = ['activity', 'client', 'worker', 'workflow'].map((name) => `@temporalio/${name}`);
const devDependencies = ['@types/node', 'typescript'];

/** Makes a project that has everything but Whereabouts, packs this clone, and installs that. */
export async function makeProject(): Promise<Project> {
  const folder = await mkdtemp(join(tmpdir(), 'whereabouts-foreign-'));
  const project: Project = {
    folder,
    run: (program, args, env = {}) => run(program, args, { cwd: folder, env: { ...foreignEnvironment(), ...env } }),
    async compile() {
      await project.run(process.execPath, ['node_modules/typescript/bin/tsc']).catch(whatItSaid);
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
  try {
    linkPackages(folder);
    await cp(join(__dirname, 'project', 'src'), join(folder, 'src'), { recursive: true });
    await writeJson(folder, 'package.json', {
      name: 'parcels',
      private: true,
      dependencies: versionsOf(dependencies),
      devDependencies: versionsOf(devDependencies),
    });
    await writeJson(folder, 'tsconfig.json', { compilerOptions, include: ['src'] });
    await project.run(process.execPath, [join(packageRoot, 'scripts', 'prepare.mjs')]);
    await project.run('npm', ['pack', packageRoot, '--ignore-scripts', '--silent']);
    // As strict as an installation can be: nothing in it needs a later Node than the one that runs here.
    const options = ['--engine-strict', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];
    await project.run('npm', ['install', ...options, `./whereabouts-${version}.tgz`]);
    return project;
  } catch (error) {
    await project.remove();
    throw error;
  }
}

const compilerOptions = {
  target: 'es2023',
  module: 'nodenext',
  types: ['node'],
  strict: true,
  skipLibCheck: true,
  rootDir: 'src',
  outDir: 'lib',
};

/** Compilers complain on their standard output. */
function whatItSaid(error: unknown): never {
  throw new Error((error as { stdout?: string }).stdout ?? String(error));
}

function writeJson(folder: string, name: string, content: unknown): Promise<void> {
  return writeFile(join(folder, name), JSON.stringify(content));
}

function foreignEnvironment(): NodeJS.ProcessEnv {
  const foreign = Object.entries(process.env).filter(([name]) => !/^(?:WHEREABOUTS|TEMPORAL)_|_URL$/.test(name));
  return Object.fromEntries(foreign);
}

interface Lock {
  packages: Record<string, { version?: string; dev?: true; bin?: Record<string, string> }>;
}

const lock = JSON.parse(readFileSync(join(packageRoot, 'package-lock.json'), 'utf8')) as Lock;

function versionsOf(names: string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, lock.packages[`node_modules/${name}`]?.version ?? '']));
}

/** Has the packages of the clone in the project, those for development aside, so that hardly any is fetched again. */
function linkPackages(folder: string): void {
  const wanted = [...devDependencies, 'undici-types'].map((name) => `node_modules/${name}`);
  for (const [path, { dev }] of Object.entries(lock.packages)) {
    const atTop = path.lastIndexOf('node_modules') === 0;
    if (atTop && (!dev || wanted.includes(path)) && existsSync(join(packageRoot, path))) {
      linkFiles(join(packageRoot, path), join(folder, path));
    }
  }
}

/** What npm changes in place where it installs: never shared with the clone. */
const changedInPlace = new Set(
  Object.entries(lock.packages).flatMap(([path, { bin = {} }]) =>
    ['package.json', ...Object.values(bin)].map((file) => join(packageRoot, path, file)),
  ),
);

function linkFiles(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) linkFiles(source, target);
    else if (entry.isFile() && changedInPlace.has(source)) copyFileSync(source, target);
    else if (entry.isFile()) linkOrCopy(source, target);
  }
}

function linkOrCopy(source: string, target: string): void {
  try {
    linkSync(source, target);
  } catch {
    copyFileSync(source, target);
  }
}
