import { sql, type Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('employees')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('full_name', 'text', (column) => column.notNull())
    .addColumn('name_key', 'text', (column) => column.notNull())
    .addColumn('cost_centre', 'text', (column) => column.notNull())
    .addColumn('manager_id', 'text', (column) => column.references('employees.id'))
    .addColumn('phone', 'text')
    .addCheckConstraint('nobody_manages_themselves', sql`manager_id <> id`)
    .execute();
  await db.schema.createIndex('employees_by_name').on('employees').column('name_key').execute();

  await db.schema
    .createTable('base_data')
    .addColumn('employee_id', 'text', (column) => column.notNull().references('employees.id'))
    .addColumn('month', 'text', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('rate_in_cents', 'bigint', (column) => column.notNull().check(sql`rate_in_cents > 0`))
    .addColumn('currency', 'text', (column) => column.notNull())
    .addColumn('hours_in_hundredths', 'integer')
    .addColumn('unpaid_days', 'integer', (column) => column.notNull().check(sql`unpaid_days >= 0`))
    .addColumn('entered_by', 'text', (column) => column.notNull())
    .addColumn('entered_at', 'timestamptz', (column) => column.notNull().defaultTo(sql`now()`))
    .addPrimaryKeyConstraint('base_data_of_month', ['employee_id', 'month'])
    .addCheckConstraint(
      'hours_of_hourly_pay',
      sql`kind = 'monthly' and hours_in_hundredths is null or kind = 'hourly' and hours_in_hundredths between 0 and 74400`,
    )
    .execute();
}
