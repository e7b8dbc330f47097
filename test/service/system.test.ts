import { createServer, type AddressInfo } from 'node:net';
import { Client } from 'pg';
import pino from 'pino';
import { sql } from 'kysely';
import { migrate, openDatabase } from '../../src/service/database';
import { defineSystem, startSystem } from '../../src/service/system';
import { testDatabase } from '../support/postgres';
import { notes, workLock } from './notes';

const log = pino({ level: 'silent' });
let database: Awaited<ReturnType<typeof testDatabase>>;

beforeEach(async () => {
  database = await testDatabase();
});
afterEach(() => database.drop());

const query = async <Row>(statement: string) => {
  const client = new Client({ connectionString: database.url });
  await client.connect();
  const { rows } = await client.query(statement);
  await client.end();
  return rows as Row[];
};

const ownConnections = async () =>
  query(`select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`);

test('given an empty database, when several instances start at once, then its tables are made once and all serve', async () => {
  const instances = await Promise.all([1, 2, 3, 4].map(() => startSystem(notes, { databaseUrl: database.url, log })));

  const answers = await Promise.all(instances.map(async ({ url }) => (await fetch(`${url}/notes`)).json()));

  expect(answers).toEqual(Array(4).fill({ notes: [] }));
  expect(await query('select name from migrations')).toEqual([{ name: '001-notes' }]);
  await Promise.all(instances.map(({ stop }) => stop()));
});

test('given a migration that fails, then it is named, nothing of it is kept and no connection is left', async () => {
  const broken = {
    ...notes.migrations,
    '002-broken': { up: () => Promise.reject(new Error('out of ideas')) },
  };

  await expect(migrate(database.url, broken)).rejects.toThrow('migration 002-broken failed: out of ideas');

  expect(await query(`select tablename from pg_tables where tablename = 'notes'`)).toEqual([]);
  expect(await ownConnections()).toEqual([]);
});

test('given its port is taken, then the start is refused and nothing is left behind', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await new Promise((listening) => other.once('listening', listening));
  const { port } = other.address() as AddressInfo;

  await expect(startSystem(notes, { databaseUrl: database.url, port, log })).rejects.toThrow('EADDRINUSE');

  expect(await ownConnections()).toEqual([]);
  other.close();
});

test('given background jobs, then they begin before the first request and end after the last', async () => {
  const happened: string[] = [];
  const busy = defineSystem<unknown>({
    ...notes,
    start: async ({ db, environment }) => {
      await sql`select 1`.execute(db);
      happened.push(`begin for ${environment['MOTTO'] ?? ''}`);
      return async () => {
        await sql`select 1`.execute(db);
        happened.push('end');
      };
    },
  });

  const system = await startSystem(busy, { databaseUrl: database.url, log, environment: { MOTTO: 'all' } });
  expect(happened).toEqual(['begin for all']);
  await system.stop();

  expect(happened).toEqual(['begin for all', 'end']);
  expect(await ownConnections()).toEqual([]);
});

test('given jobs that refuse their configuration, then the start is refused and nothing is left behind', async () => {
  const refusing = defineSystem<unknown>({ ...notes, start: () => Promise.reject(new Error('MOTTO is not set')) });

  await expect(startSystem(refusing, { databaseUrl: database.url, log })).rejects.toThrow('MOTTO is not set');

  expect(await ownConnections()).toEqual([]);
});

test('given a request at work, when the system stops, then it is answered first', async () => {
  const { url, stop } = await startSystem(notes, { databaseUrl: database.url, log });
  const holder = new Client({ connectionString: database.url });
  await holder.connect();
  await holder.query(`select pg_advisory_lock(${workLock})`);

  const answer = fetch(`${url}/notes`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': 'key-1' },
    body: JSON.stringify({ text: 'one', then: 'wait' }),
  });
  while (
    (await query(`select pid from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`))
      .length === 0
  );
  const stopped = stop();
  await holder.end();

  expect((await answer).status).toBe(201);
  await stopped;
  await expect(fetch(`${url}/notes`)).rejects.toThrow('fetch failed');
});

test('given numbers and times in the database, then they read exactly, and an inexact number is refused', async () => {
  const { db, close } = openDatabase(database.url, log);
  const read = (expression: string) => sql<{ value: unknown }>`select ${sql.raw(expression)} as value`.execute(db);

  expect((await read(`9007199254740991::bigint`)).rows).toEqual([{ value: 9007199254740991 }]);
  expect((await read(`'2026-11-21 13:00+01'::timestamptz`)).rows).toEqual([{ value: '2026-11-21T12:00:00.000Z' }]);
  await expect(read(`9007199254740993::bigint`)).rejects.toThrow('9007199254740993 in the database is no exact number');
  await close();
});

test('given its idle connections are cut, then the next request is served on a new one', async () => {
  const { url, stop } = await startSystem(notes, { databaseUrl: database.url, log });
  await fetch(`${url}/notes`);
  await query(
    `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
  );

  while ((await fetch(`${url}/notes`)).status !== 200);

  await stop();
});
