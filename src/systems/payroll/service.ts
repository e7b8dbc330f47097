import { sql, type ColumnType, type Generated, type Kysely } from 'kysely';
import { z } from 'zod';
import type { ServiceApp } from '../../service/http';
import { answerOnce, idempotencyHeaders } from '../../service/idempotency';
import { Problem } from '../../service/problem';
import { defineSystem, type SystemContext } from '../../service/system';
import type { Approval, BookSalaryResult } from './activities';
import { decideBooking, type Account } from './domain';
import { migrations } from './migrations';
import { bookingAnswerSchema, bookingRequestSchema, bookingsQuerySchema, keptBookingSchema } from './schemas';

interface PayrollTables {
  bookings: {
    number: Generated<number>;
    id: Generated<string>;
    employee_id: string;
    month: string;
    cost_centre: string;
    base_in_cents: number;
    bonus_in_cents: number;
    total_in_cents: number;
    currency: string;
    approvals: ColumnType<Approval[], string>;
    booked_at: Generated<string>;
  };
  entries: { booking_id: string; account: Account; amount_in_cents: number };
}

/** Books salaries, once per employee and month, as balanced double entry. */
export const payroll = defineSystem<PayrollTables>({
  name: 'payroll',
  title: 'Payroll',
  team: 'finance',
  layer: 'state machine',
  migrations,
  routes: addBookings,
});

function addBookings(app: ServiceApp, { db }: SystemContext<PayrollTables>): void {
  const tags = ['bookings'];
  app.post(
    '/bookings',
    {
      schema: {
        operationId: 'bookSalary',
        summary: "Book an employee's salary of a month",
        description:
          'Once per employee and month, whatever the key: a second time is answered already-booked with what was booked ' +
          'before. 422 approval-missing for a bonus that nobody approved, 422 currency-mismatch.',
        tags,
        headers: idempotencyHeaders,
        body: bookingRequestSchema,
        response: { 200: bookingAnswerSchema },
      },
    },
    (request, reply) => answerOnce(db, request, reply, (trx) => book(trx, request.body)),
  );
  app.get(
    '/bookings',
    {
      schema: {
        operationId: 'listBookings',
        summary: 'What was booked, newest first, at most 100',
        tags,
        querystring: bookingsQuerySchema,
        response: { 200: z.object({ bookings: z.array(keptBookingSchema) }) },
      },
    },
    async ({ query }) => ({ bookings: await bookings(db, query) }),
  );
}

async function book(
  db: Kysely<PayrollTables>,
  { employeeId, month, costCentre, base, bonus, approvals }: z.infer<typeof bookingRequestSchema>,
): Promise<BookSalaryResult> {
  const before = await bookingOf(db, employeeId, month);
  if (before !== undefined) return { status: 'already-booked', ...before };

  const decision = decideBooking({ base, bonus, approvals });
  if (decision.status === 'refused') throw new Problem(422, decision.type, decision.reason);
  const { total, entries } = decision;
  const booked = await db
    .insertInto('bookings')
    .values({
      employee_id: employeeId,
      month,
      cost_centre: costCentre,
      base_in_cents: base.amountInCents,
      bonus_in_cents: bonus.amountInCents,
      total_in_cents: total.amountInCents,
      currency: total.currency,
      approvals: JSON.stringify(approvals),
    })
    .onConflict((conflict) => conflict.columns(['employee_id', 'month']).doNothing())
    .returning(['id', 'booked_at'])
    .executeTakeFirst();
  if (booked === undefined) {
    const meanwhile = await bookingOf(db, employeeId, month);
    if (meanwhile === undefined) throw new Error(`${employeeId} ${month} conflicts with a booking that is not there`);
    return { status: 'already-booked', ...meanwhile };
  }
  if (entries.length > 0) {
    await db
      .insertInto('entries')
      .values(
        entries.map(({ account, amountInCents }) => ({
          booking_id: booked.id,
          account,
          amount_in_cents: amountInCents,
        })),
      )
      .execute();
  }
  return { status: 'booked', bookingId: booked.id, total, bookedAt: booked.booked_at };
}

async function bookingOf(db: Kysely<PayrollTables>, employeeId: string, month: string) {
  const row = await db
    .selectFrom('bookings')
    .select(['id', 'total_in_cents', 'currency', 'booked_at'])
    .where('employee_id', '=', employeeId)
    .where('month', '=', month)
    .executeTakeFirst();
  return (
    row && {
      bookingId: row.id,
      total: { amountInCents: row.total_in_cents, currency: row.currency },
      bookedAt: row.booked_at,
    }
  );
}

async function bookings(
  db: Kysely<PayrollTables>,
  { employeeId, month }: z.infer<typeof bookingsQuerySchema>,
): Promise<z.infer<typeof keptBookingSchema>[]> {
  const rows = await db
    .selectFrom('bookings')
    .selectAll()
    .select(
      sql<{ account: Account; amountInCents: number }[]>`(
        select coalesce(
          json_agg(json_build_object('account', account, 'amountInCents', amount_in_cents) order by amount_in_cents desc),
          '[]'
        )
        from entries where booking_id = bookings.id
      )`.as('entries'),
    )
    .$if(employeeId !== undefined, (query) => query.where('employee_id', '=', employeeId ?? ''))
    .$if(month !== undefined, (query) => query.where('month', '=', month ?? ''))
    .orderBy('number', 'desc')
    .limit(100)
    .execute();
  return rows.map((row) => ({
    bookingId: row.id,
    employeeId: row.employee_id,
    month: row.month,
    costCentre: row.cost_centre,
    base: { amountInCents: row.base_in_cents, currency: row.currency },
    bonus: { amountInCents: row.bonus_in_cents, currency: row.currency },
    total: { amountInCents: row.total_in_cents, currency: row.currency },
    approvals: row.approvals,
    entries: row.entries,
    bookedAt: row.booked_at,
  }));
}
