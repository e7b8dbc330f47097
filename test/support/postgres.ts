import { randomUUID } from 'node:crypto';
import { Client } from 'pg';

/** A fresh, empty database on the tests' cluster; `drop` also ends the connections that are left to it. */
export async function testDatabase(): Promise<{ url: string; drop(): Promise<void> }> {
  const cluster = process.env['TEST_POSTGRES_URL'];
  if (cluster === undefined) {
    throw new Error('TEST_POSTGRES_URL is not set: tests run under jest with test/support/global-setup.ts');
  }
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
