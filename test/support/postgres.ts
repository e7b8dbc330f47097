import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { fromSetup } from './from-setup';

/** A fresh, empty database on the tests' cluster; `drop` also ends the connections that are left to it. */
export async function testDatabase(): Promise<{ url: string; drop(): Promise<void> }> {
  const cluster = fromSetup('TEST_POSTGRES_URL');
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await execute(cluster, `create database ${name}`);
  const url = new URL(cluster);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => execute(cluster, `drop database ${name} with (force)`) };
}

async function execute(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
