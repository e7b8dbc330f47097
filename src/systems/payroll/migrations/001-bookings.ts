import { sql, type Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('bookings')
    .addColumn('number', 'bigint', (column) => column.generatedAlwaysAsIdentity())
    .addColumn('id', 'text', (column) =>
      column
        .generatedAlwaysAs(sql`'B-' || lpad(number::text, greatest(6, length(number::text)), '0')`)
        .stored()
        .primaryKey(),
    )
    .addColumn('employee_id', 'text', (column) => column.notNull())
    .addColumn('month', 'text', (column) => column.notNull())
    .addColumn('cost_centre', 'text', (column) => column.notNull())
    .addColumn('base_in_cents', 'bigint', (column) => column.notNull().check(sql`base_in_cents >= 0`))
    .addColumn('bonus_in_cents', 'bigint', (column) => column.notNull().check(sql`bonus_in_cents >= 0`))
    .addColumn('total_in_cents', 'bigint', (column) =>
      column.notNull().check(sql`total_in_cents = base_in_cents + bonus_in_cents`),
    )
    .addColumn('currency', 'text', (column) => column.notNull())
    .addColumn('approvals', 'jsonb', (column) => column.notNull())
    .addColumn('booked_at', 'timestamptz', (column) => column.notNull().defaultTo(sql`now()`))
    .addUniqueConstraint('one_salary_per_employee_and_month', ['employee_id', 'month'])
    .execute();
  await db.schema
    .createTable('entries')
    .addColumn('booking_id', 'text', (column) => column.notNull().references('bookings.id'))
    .addColumn('account', 'text', (column) => column.notNull())
    .addColumn('amount_in_cents', 'bigint', (column) => column.notNull().check(sql`amount_in_cents <> 0`))
    .addPrimaryKeyConstraint('one_entry_per_account', ['booking_id', 'account'])
    .execute();

  await sql`
    create function booking_is_balanced() returns trigger language plpgsql as $$
    declare
      touched text;
      total bigint;
      balance bigint;
      debits bigint;
    begin
      if tg_table_name = 'bookings' then
        touched := new.id;
      else
        touched := coalesce(new.booking_id, old.booking_id);
      end if;
      select total_in_cents into total from bookings where id = touched;
      select coalesce(sum(amount_in_cents), 0), coalesce(sum(amount_in_cents) filter (where amount_in_cents > 0), 0)
        into balance, debits from entries where booking_id = touched;
      if balance <> 0 or debits <> total then
        raise exception 'booking % of % cents has debits of % and a balance of %', touched, total, debits, balance
          using errcode = 'check_violation';
      end if;
      return null;
    end $$
  `.execute(db);
  await sql`
    create constraint trigger entries_balance after insert or update or delete on entries
    deferrable initially deferred for each row execute function booking_is_balanced()
  `.execute(db);
  await sql`
    create constraint trigger booking_has_its_entries after insert or update on bookings
    deferrable initially deferred for each row execute function booking_is_balanced()
  `.execute(db);
}
