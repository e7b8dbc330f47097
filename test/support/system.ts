import pino from 'pino';
import { Client } from 'pg';
import { createSystemClient, type SystemClient } from '../../src/service/client';
import type { Fault } from '../../src/service/faults';
import { startSystem, type SystemDefinition } from '../../src/service/system';
import { testDatabase } from './postgres';

/** What came back over HTTP. */
export interface Answer {
  status: number;
  body: Record<string, unknown>;
}

/** A system under test: it listens on a free port, on a database of its own, with the fault switch. */
export interface TestedSystem {
  readonly url: string;
  databaseUrl: string;
  send(method: string, path: string, body?: unknown, key?: string): Promise<Answer>;
  /** A client whose calls carry this key. */
  client(key: string): SystemClient;
  setFaults(...rules: Fault[]): Promise<void>;
  sql<Row = Record<string, unknown>>(statement: string, values?: unknown[]): Promise<Row[]>;
  /** Stop, and start again on the same database. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export async function testSystem(definition: SystemDefinition): Promise<TestedSystem> {
  const database = await testDatabase();
  const start = () =>
    startSystem(definition, { databaseUrl: database.url, faults: true, log: pino({ level: 'silent' }) });
  let running = await start();
  const sqlClient = new Client({ connectionString: database.url });
  await sqlClient.connect();

  const send: TestedSystem['send'] = async (method, path, body, key) => {
    const response = await fetch(`${running.url}${path}`, {
      method,
      headers: {
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(key !== undefined && { 'idempotency-key': key }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: (text === '' ? {} : JSON.parse(text)) as Answer['body'] };
  };

  return {
    get url() {
      return running.url;
    },
    databaseUrl: database.url,
    send,
    client: (key) => createSystemClient({ system: definition.name, url: running.url, idempotencyKey: () => key }),
    async setFaults(...rules) {
      const { status, body } = await send('PUT', '/faults', { rules });
      if (status !== 200) throw new Error(`the fault switch refused: ${JSON.stringify(body)}`);
    },
    sql: async <Row>(statement: string, values: unknown[] = []) =>
      (await sqlClient.query(statement, values)).rows as Row[],
    async restart() {
      await running.stop();
      running = await start();
    },
    async stop() {
      await sqlClient.end();
      await running.stop();
      await database.drop();
    },
  };
}
