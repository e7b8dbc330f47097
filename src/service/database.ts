import { createHash } from 'node:crypto';
import {
  Kysely,
  Migrator,
  PostgresDialect,
  sql,
  type Generated,
  type Migration,
  type PostgresPool,
  type PostgresPoolClient,
} from 'kysely';
import { Pool, types, type PoolClient } from 'pg';
import type { Logger } from 'pino';
import { serviceMigrations } from './migrations';

/** The tables that every system has beside its own; `src/service` alone uses them. */
export interface ServiceTables {
  idempotent_requests: {
    key: string;
    operation: string;
    /** SHA-256 (hex) of operation, parameters and body. */
    fingerprint: string;
    /** HTTP status and JSON of the answer; null only inside the transaction that makes it. */
    status: number | null;
    answer: string | null;
    answered_at: Generated<string>;
  };
  faults: {
    id: Generated<number>;
    operation: string;
    /** JSON object of fields and the values they must have. */
    match: string;
    timing: 'before' | 'after';
    status: number | null;
    type: string | null;
    latency_ms: number | null;
    disconnect: boolean;
    /** Null: without end. */
    remaining: number | null;
  };
}

/** A system's database, and the pool below it. */
export interface Database {
  db: Kysely<unknown>;
  pool: Pool;
  close(): Promise<void>;
}

/** A lock that is not free by then is given up: the request is answered `in-flight` and may be sent again. */
const lockTimeoutMs = 5_000;
const connectTimeoutMs = 5_000;
const connections = 10;

/**
 * Open a database by its URL. `bigint` reads as a number, refused when it is not exact; `timestamptz` as ISO 8601 in UTC.
 * Lost idle connections are logged and replaced. Tables are looked for in `schema` first, which is `public` unless told. A
 * statement that takes longer than `longest`, in milliseconds, is given up; none unless told.
 */
export function openDatabase(url: string, log: Logger, schema = 'public', longest = 0): Database {
  const pool = new Pool({
    connectionString: url,
    max: connections,
    connectionTimeoutMillis: connectTimeoutMs,
    options: `-c lock_timeout=${lockTimeoutMs} -c statement_timeout=${longest} -c timezone=UTC ${searching(schema)}`,
    types: { getTypeParser },
  });
  pool.on('error', (error) => {
    log.warn({ reason: error.message }, 'an idle database connection was lost');
  });
  outliveConnections(pool);
  const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool: preparing(pool) }) });
  return { db, pool, close: () => db.destroy() };
}

const preparedMark = '/* prepared */';

/**
 * Begins a statement that each connection prepares once: for those that take longer to plan than to carry out. There may be
 * few different texts of it, since each stays prepared as long as the connection.
 */
export const prepared = sql.raw(preparedMark);

/** As the pool, with connections that prepare what begins with {@link prepared}. */
function preparing(pool: Pool): PostgresPool {
  const known = new WeakMap<PoolClient, PostgresPoolClient>();
  return {
    async connect() {
      const client = await pool.connect();
      const connection = known.get(client) ?? preparingOn(client);
      known.set(client, connection);
      return connection;
    },
    end: () => pool.end(),
  };
}

function preparingOn(client: PoolClient): PostgresPoolClient {
  const query: unknown = (text: unknown, values: unknown[]) => {
    if (typeof text !== 'string' || !text.startsWith(preparedMark)) return client.query(text as string, values);
    return client.query({ name: createHash('sha256').update(text).digest('base64url'), text, values });
  };
  return { query: query as PostgresPoolClient['query'], release: () => client.release() };
}

/** A connection that is lost in use, but between two queries, fails the next one and does not end the process. */
function outliveConnections(pool: Pool): void {
  pool.on('connect', (client) => {
    client.on('error', () => undefined);
  });
}

/**
 * Bring a database up to date, with all tables in `schema`, which is made when missing. Safe when several processes do it
 * at once: they wait for one another.
 */
export async function migrate(url: string, migrations: Record<string, Migration>, schema = 'public'): Promise<void> {
  const pool = new Pool({
    connectionString: url,
    max: 2,
    connectionTimeoutMillis: connectTimeoutMs,
    options: searching(schema),
  });
  outliveConnections(pool);
  const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });
  try {
    await run(db, 'service_migrations', serviceMigrations, schema);
    await run(db, 'migrations', migrations, schema);
  } finally {
    await db.destroy();
  }
}

/** Extensions are in `public`, whatever the schema. */
function searching(schema: string): string {
  return `-c search_path=${schema},public`;
}

async function run(
  db: Kysely<unknown>,
  table: string,
  migrations: Record<string, Migration>,
  schema: string,
): Promise<void> {
  const migrator = new Migrator({
    db,
    provider: { getMigrations: () => Promise.resolve(migrations) },
    migrationTableSchema: schema,
    migrationTableName: table,
    migrationLockTableName: `${table}_lock`,
  });
  const { error, results = [] } = await migrator.migrateToLatest();
  if (error === undefined) return;
  const failed = results.find(({ status }) => status === 'Error');
  throw new Error(`migration ${failed?.migrationName ?? `of ${table}`} failed: ${messageOf(error)}`, { cause: error });
}

/** What a failure of the database means for the request: to be sent again, at once or when the database is back. */
export function databaseTrouble(error: unknown): 'contended' | 'unavailable' | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { code = '', message = '' } = error as { code?: string; message?: string };
  if (contended.has(code)) return 'contended';
  const unavailable = /^(08|3D|53|57P0)|^E(CONN|PIPE|TIMEDOUT|HOSTUNREACH|AI_AGAIN|NOTFOUND)/.test(code);
  return unavailable ||
    /^(Connection terminated|timeout exceeded when trying to connect|Client .* not queryable)/.test(message)
    ? 'unavailable'
    : undefined;
}

/** `lock_not_available`, `serialization_failure`, `deadlock_detected`. */
const contended = new Set(['55P03', '40001', '40P01']);

/** Whether the database gave a statement up that took too long. */
export function isGivenUp(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === '57014';
}

const int8 = 20;
const timestamptz = 1184;

function getTypeParser(oid: number, format?: 'text' | 'binary'): (value: string) => unknown {
  if (oid === int8) return exactNumber;
  if (oid === timestamptz) return (value) => new Date(value).toISOString();
  return types.getTypeParser(oid, format ?? 'text') as (value: string) => unknown;
}

function exactNumber(value: string): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new RangeError(`${value} in the database is no exact number`);
  return number;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
