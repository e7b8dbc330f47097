import { randomUUID } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { isAlive } from '../../src/platform/child-processes';
import { UserError } from '../../src/platform/user-error';
import { ensureDatabases, givenPostgres, startPostgres, type EmbeddedPostgres } from '../../src/platform/postgres';

let folder: string;
let dataDir: string;
let server: EmbeddedPostgres | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'whereabouts-postgres-'));
  await chmod(folder, 0o755);
  dataDir = join(folder, 'postgres');
});

afterEach(async () => {
  await server?.stop();
  server = undefined;
  await rm(folder, { recursive: true, force: true });
});

async function start(): Promise<EmbeddedPostgres> {
  server = await startPostgres({ dataDir });
  return server;
}

async function query<Row extends object>(url: string, text: string): Promise<Row[]> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Row>(text)).rows;
  } finally {
    await client.end();
  }
}

async function keepSomething(): Promise<void> {
  const { url } = await start();
  await ensureDatabases({ ...(server as EmbeddedPostgres) }, ['bonus']);
  await query(url('bonus'), `create table kept as select 'kept'::text as word`);
}

const kept = () => query<{ word: string }>((server as EmbeddedPostgres).url('bonus'), 'select word from kept');

test('state is there again after stop and start', async () => {
  await keepSomething();
  const { pid } = server as EmbeddedPostgres;
  await server?.stop();
  expect(isAlive(pid)).toBe(false);

  await start();

  expect(await kept()).toEqual([{ word: 'kept' }]);
});

test('state is there again after the server was killed', async () => {
  await keepSomething();
  process.kill((server as EmbeddedPostgres).pid, 'SIGKILL');
  await server?.ended;

  await start();

  expect(await kept()).toEqual([{ word: 'kept' }]);
});

test('a server left behind by a killed run is stopped, and its state is used', async () => {
  await keepSomething();
  const { pid } = server as EmbeddedPostgres;

  await start();

  expect(isAlive(pid)).toBe(false);
  expect(await kept()).toEqual([{ word: 'kept' }]);
});

test('the pid of a stranger in a stale pid file is left alone', async () => {
  await keepSomething();
  const pidFile = join(dataDir, 'cluster', 'postmaster.pid');
  const lines = await readFile(pidFile, 'utf8');
  await server?.stop();
  await writeFile(pidFile, lines.replace(/^\d+/, String(process.ppid)));

  await start();

  expect(isAlive(process.ppid)).toBe(true);
  expect(await kept()).toEqual([{ word: 'kept' }]);
});

test('a start that was killed while it made the cluster is made good by the next', async () => {
  await mkdir(join(dataDir, 'cluster.unfinished'), { recursive: true });
  await writeFile(join(dataDir, 'cluster.unfinished', 'PG_VERSION'), '18\n');

  const { url } = await start();

  expect(await query(url('postgres'), 'select 1 as one')).toEqual([{ one: 1 }]);
});

test('state of another Postgres version is refused with what to do, and not touched', async () => {
  await keepSomething();
  await server?.stop();
  const file = join(dataDir, 'cluster', 'PG_VERSION');
  await writeFile(file, '15\n');

  await expect(start()).rejects.toMatchObject({
    name: 'UserError',
    message: `The kept data in ${join(dataDir, 'cluster')} was written by Postgres 15; this version brings Postgres 18.`,
    advice: expect.stringContaining('--fresh') as string,
  });
  expect(await readFile(file, 'utf8')).toBe('15\n');
});

test('only this machine reaches it, with a password that only the owner can read', async () => {
  const { url } = await start();

  const settings = await query<{ name: string; setting: string }>(
    url('postgres'),
    `select name, setting from pg_settings where name in ('listen_addresses', 'fsync', 'server_encoding') order by name`,
  );
  expect(settings.map(({ setting }) => setting)).toEqual(['on', '127.0.0.1', 'UTF8']);
  expect((await stat(join(dataDir, 'password'))).mode & 0o777).toBe(0o600);
  const wrong = new URL(url('postgres'));
  wrong.password = 'guessed';
  await expect(query(wrong.toString(), 'select 1')).rejects.toThrow('password authentication failed');
});

test('a folder that only root may enter is no hindrance for root', async () => {
  if (process.getuid?.() !== 0 || process.platform !== 'linux') {
    console.log('not run: only root on Linux has to pass through such a folder');
    return;
  }
  await chmod(folder, 0o700);

  const { url } = await start();

  expect(await query(url('postgres'), 'select 1 as one')).toEqual([{ one: 1 }]);
});

describe('a Postgres that others run', () => {
  test('gets the databases that are missing, also by two at once', async () => {
    const given = givenPostgres(process.env['TEST_POSTGRES_URL'] ?? '');
    const name = `given_${randomUUID().slice(0, 8)}`;

    await Promise.all([ensureDatabases(given, [name]), ensureDatabases(given, [name])]);
    await ensureDatabases(given, [name]);

    const [row] = await query<{ encoding: string }>(
      given.url(name),
      `select pg_encoding_to_char(encoding) as encoding from pg_database where datname = current_database()`,
    );
    expect(row).toEqual({ encoding: 'UTF8' });
    await query(given.adminUrl, `drop database ${name}`);
  });

  test('that cannot be reached is an error that names the server and the variable', async () => {
    await expect(ensureDatabases(givenPostgres('postgres://u:p@127.0.0.1:1/x'), ['bonus'])).rejects.toMatchObject({
      name: 'UserError',
      message: expect.stringContaining('127.0.0.1:1') as string,
      advice: expect.stringContaining('WHEREABOUTS_POSTGRES_URL') as string,
    });
  });

  test('whose URL is none is refused without showing it, since it may hold a password', () => {
    expect(() => givenPostgres('secret@host')).toThrow(UserError);
    expect(() => givenPostgres('secret@host')).not.toThrow('secret');
  });
});
