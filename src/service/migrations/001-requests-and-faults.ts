import { sql, type Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('idempotent_requests')
    .addColumn('key', 'text', (column) => column.primaryKey())
    .addColumn('operation', 'text', (column) => column.notNull())
    .addColumn('fingerprint', 'text', (column) => column.notNull())
    .addColumn('status', 'integer')
    .addColumn('answer', 'text')
    .addColumn('answered_at', 'timestamptz', (column) => column.notNull().defaultTo(sql`now()`))
    .execute();
  await db.schema
    .createTable('faults')
    .addColumn('id', 'integer', (column) => column.primaryKey().generatedAlwaysAsIdentity())
    .addColumn('operation', 'text', (column) => column.notNull())
    .addColumn('match', 'text', (column) => column.notNull())
    .addColumn('timing', 'text', (column) => column.notNull().check(sql`timing in ('before', 'after')`))
    .addColumn('status', 'integer')
    .addColumn('type', 'text')
    .addColumn('latency_ms', 'integer')
    .addColumn('disconnect', 'boolean', (column) => column.notNull())
    .addColumn('remaining', 'integer', (column) => column.check(sql`remaining >= 0`))
    .execute();
}
