import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { z } from 'zod';
import type { FoundCase } from '../kit/client';
import type { OpenedRow } from './open-rows';

/** What has to come of the example: `examples/expected.json`. */
export const expectation = z.strictObject({
  month: z.string(),
  salaries: z.array(
    z.strictObject({
      employee: z.string(),
      baseInCents: z.int(),
      bonusInCents: z.int(),
      totalInCents: z.int(),
      currency: z.string(),
      outcome: z.string(),
      /** Who decided on the bonus, in order, e.g. `E-1005 approve`. */
      decisions: z.array(z.string()),
    }),
  ),
  /** Why rows of the file started no case, in their order. */
  refused: z.array(z.string()),
  /** Texts of all SMS, oldest first. */
  sms: z.array(z.string()),
});

export type Expectation = z.infer<typeof expectation>;

/** Something that was compared; all is well when both are the same. */
export interface Check {
  /** Employee id, or what else it is about. */
  about: string;
  what: string;
  expected: string;
  found: string;
}

/**
 * Compare what the systems' databases hold with what is expected. SMS still on their way are waited for.
 * `postgres` has the connection URL of each system's database, `rows` what came of the rows of the file.
 */
export async function check(
  expected: Expectation,
  { rows, cases, postgres }: { rows: OpenedRow[]; cases: FoundCase[]; postgres: Record<string, string> },
): Promise<Check[]> {
  const { month, salaries, refused, sms } = expected;
  const bookings = await bookingsOf(postgres['payroll'], month);
  const expectedEmployees = salaries.map(({ employee }) => employee).sort();
  return [
    compare('payroll', 'salaries booked', expectedEmployees, bookings.map(({ employee_id }) => employee_id).sort()),
    ...salaries.flatMap((salary) => {
      const { employee, decisions, outcome, currency } = salary;
      const [booking] = bookings.filter(({ employee_id }) => employee_id === employee);
      const found = cases.find(({ record }) => record.keys.includes(`employee:${employee}`));
      const money = (cents: number) => amount(cents, currency);
      const booked = (cents: number | undefined) =>
        booking === undefined || cents === undefined ? 'none' : amount(cents, booking.currency);
      return [
        compare(employee, 'outcome of the case', outcome, stateOf(found)),
        compare(employee, 'base booked', money(salary.baseInCents), booked(booking?.base_in_cents)),
        compare(employee, 'bonus booked', money(salary.bonusInCents), booked(booking?.bonus_in_cents)),
        compare(employee, 'total booked', money(salary.totalInCents), booked(booking?.total_in_cents)),
        compare(employee, 'entries', 'balanced', booking?.balanced === true ? 'balanced' : 'not balanced'),
        compare(employee, 'decisions on the bonus', decisions, booking?.decisions ?? ['none']),
        compare(employee, 'decided before booked', 'yes', booking?.decided_before === true ? 'yes' : 'no'),
      ];
    }),
    ...compareInOrder(
      'row refused',
      refused,
      rows.flatMap((row) => ('reason' in row ? [row.reason] : [])),
    ),
    ...compareInOrder('SMS', sms, (await settledSms(postgres['notifications'])).map(smsWords)),
  ];
}

function compare(about: string, what: string, expected: string | string[], found: string | string[]): Check {
  const words = (value: string | string[]) => (typeof value === 'string' ? value : value.join(', ') || 'none');
  return { about, what, expected: words(expected), found: words(found) };
}

function stateOf(found: FoundCase | undefined): string {
  if (found === undefined) return 'no case';
  return found.answered ? (found.record.outcome ?? found.record.status) : found.why;
}

function amount(cents: number, currency: string): string {
  return `${(cents / 100).toFixed(2)} ${currency}`;
}

interface Booking {
  employee_id: string;
  base_in_cents: number;
  bonus_in_cents: number;
  total_in_cents: number;
  currency: string;
  decisions: string[];
  decided_before: boolean;
  balanced: boolean;
}

function bookingsOf(url: string | undefined, month: string): Promise<Booking[]> {
  return query<Booking>(
    url,
    `select b.employee_id, b.base_in_cents::float8, b.bonus_in_cents::float8, b.total_in_cents::float8, b.currency,
       array(select a.approval ->> 'by' || ' ' || (a.approval ->> 'decision')
             from jsonb_array_elements(b.approvals) with ordinality a (approval, position) order by a.position) as decisions,
       not exists (select from jsonb_array_elements(b.approvals) a (approval)
                   where (a.approval ->> 'at')::timestamptz >= b.booked_at) as decided_before,
       (select coalesce(sum(e.amount_in_cents), 0) = 0
          and coalesce(sum(e.amount_in_cents) filter (where e.amount_in_cents > 0), 0) = b.total_in_cents
        from entries e where e.booking_id = b.id) as balanced
     from bookings b where b.month = $1 order by b.number`,
    [month],
  );
}

interface Sms {
  text: string;
  status: string;
}

/** How long an SMS may be on its way, in milliseconds. */
const smsPatience = 20_000;

async function settledSms(url: string | undefined): Promise<Sms[]> {
  const until = Date.now() + smsPatience;
  for (;;) {
    const messages = await query<Sms>(url, 'select text, status from messages order by id');
    const onTheirWay = messages.some(({ status }) => status === 'pending' || status === 'sending');
    if (!onTheirWay || Date.now() > until) return messages;
    await sleep(200);
  }
}

function smsWords({ text, status }: Sms): string {
  return status === 'sent' ? text : `${text} (${status})`;
}

function compareInOrder(what: string, expected: string[], found: string[]): Check[] {
  return Array.from({ length: Math.max(expected.length, found.length) }, (_, index) =>
    compare(`${what} ${index + 1}`, 'text', expected[index] ?? 'none', found[index] ?? 'none'),
  );
}

async function query<Row extends object>(url = '', text: string, values: unknown[] = []): Promise<Row[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(text, values)).rows;
  } finally {
    await client.end();
  }
}
