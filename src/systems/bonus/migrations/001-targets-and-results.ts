import { sql, type Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('targets')
    .addColumn('employee_id', 'text', (column) => column.notNull())
    .addColumn('quarter', 'text', (column) => column.notNull())
    .addColumn('target_in_cents', 'bigint', (column) => column.notNull().check(sql`target_in_cents > 0`))
    .addColumn('currency', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('target_of_quarter', ['employee_id', 'quarter'])
    .execute();
  await db.schema
    .createTable('results')
    .addColumn('employee_id', 'text', (column) => column.notNull())
    .addColumn('quarter', 'text', (column) => column.notNull())
    .addColumn('achieved_basis_points', 'integer', (column) => column.notNull().check(sql`achieved_basis_points >= 0`))
    .addPrimaryKeyConstraint('result_of_quarter', ['employee_id', 'quarter'])
    .execute();

  await db.schema
    .createTable('recalculations')
    .addColumn('number', 'bigint', (column) => column.primaryKey().generatedAlwaysAsIdentity())
    .addColumn('employee_id', 'text', (column) => column.notNull())
    .addColumn('month', 'text', (column) => column.notNull())
    .addColumn('quarter', 'text', (column) => column.notNull())
    .addColumn('target_in_cents', 'bigint', (column) => column.notNull())
    .addColumn('achieved_basis_points', 'integer', (column) => column.notNull())
    .addColumn('bonus_in_cents', 'bigint', (column) => column.notNull().check(sql`bonus_in_cents >= 0`))
    .addColumn('currency', 'text', (column) => column.notNull())
    .addColumn('entered_by', 'text', (column) => column.notNull())
    .addColumn('reason', 'text', (column) => column.notNull())
    .addColumn('calculated_at', 'timestamptz', (column) => column.notNull().defaultTo(sql`now()`))
    .execute();
  await db.schema
    .createIndex('recalculations_of_employee')
    .on('recalculations')
    .columns(['employee_id', 'month'])
    .execute();
}
