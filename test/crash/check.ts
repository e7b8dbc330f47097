import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { resultOf, type CaseRecord, type CaseStatus } from '../../src/kit/client';
import type { SalaryResult } from '../../src/processes/salary/workflow';
import type { Money } from '../../src/service/money';
import type { Approval } from '../../src/systems/payroll/activities';
import { month, type GivenCase } from './given';
import { answersIn } from './history';
import type { Installation } from './installation';
import { openStepsOf, type Played } from './play';

interface Booking {
  id: string;
  base_in_cents: string;
  bonus_in_cents: string;
  total_in_cents: string;
  currency: string;
  approvals: Approval[];
  booked_at: Date;
  entries: Record<string, number> | null;
}

/** Everything that is not as it has to be after a run, in words; nothing when all is well. */
export async function check(installation: Installation, played: Played): Promise<string[]> {
  const wrong: string[] = [];
  for (const each of played.cases) {
    for (const what of await checkCase(installation, each)) wrong.push(`${each.newCase.caseId}: ${what}`);
  }
  wrong.push(...(await checkTexts(installation, played)));
  wrong.push(...(await checkView(installation, played)));
  const [ledger] = await installation.sql<{ sum: string }>(
    'payroll',
    'select coalesce(sum(amount_in_cents), 0) as sum from entries',
  );
  differs(wrong, 'the ledger', Number(ledger?.sum), 0);
  wrong.push(...installation.endedByItself.map((what) => `ended by itself: ${what}`));
  return wrong;
}

async function checkCase(installation: Installation, given: GivenCase & { record: CaseRecord }): Promise<string[]> {
  const wrong: string[] = [];
  const { employeeId, expected, record } = given;
  const bookings = await installation.sql<Booking>(
    'payroll',
    `select bookings.*, (select jsonb_object_agg(account, amount_in_cents) from entries where booking_id = id) as entries
       from bookings where employee_id = $1 and month = $2`,
    [employeeId, month],
  );
  differs(wrong, 'bookings', bookings.length, expected.booking ? 1 : 0);
  differs(wrong, 'status', record.status, statusOf(given));
  differs(wrong, 'outcome', record.outcome, expected.outcome);
  const left = expected.leftAt === undefined ? [] : [expected.leftAt];
  differs(wrong, 'steps left open', openStepsOf(record), left);
  const waitsFor = [...record.waitingFor.map(({ id }) => id), ...record.incidents.map(({ step }) => step)];
  differs(wrong, 'waits for', waitsFor, left);

  const [booking] = bookings;
  if (booking && expected.booking) {
    wrong.push(...checkBooking(booking, expected.booking));
    wrong.push(...(await checkRecord(installation, booking, given)));
    wrong.push(...(await checkOrder(installation, booking, given)));
  }
  if (expected.recalculations !== undefined) {
    const kept = await installation.sql('bonus', 'select from recalculations where employee_id = $1', [employeeId]);
    differs(wrong, 'bonuses calculated again', kept.length, expected.recalculations);
  }
  return wrong;
}

function statusOf({ plan: { leftOpen, trouble }, expected: { outcome } }: GivenCase): CaseStatus {
  if (leftOpen) return trouble ? 'incident' : 'waiting';
  return outcome === undefined ? 'failed' : 'completed';
}

function checkBooking(
  booking: Booking,
  { baseInCents, bonusInCents, approvals }: NonNullable<GivenCase['expected']['booking']>,
) {
  const wrong: string[] = [];
  const amounts = [booking.base_in_cents, booking.bonus_in_cents, booking.total_in_cents].map(Number);
  differs(wrong, 'base, bonus, total', amounts, [baseInCents, bonusInCents, baseInCents + bonusInCents]);
  differs(wrong, 'entries', booking.entries, {
    ...(bonusInCents > 0 && { 'bonus-expense': bonusInCents }),
    'salary-expense': baseInCents,
    'wages-payable': -baseInCents - bonusInCents,
  });
  differs(
    wrong,
    'approvals',
    booking.approvals.map(({ task, decision, by }) => ({ task, decision, by })),
    approvals,
  );
  const late = booking.approvals.filter(({ at }) => new Date(at) > booking.booked_at);
  differs(wrong, 'approvals after the booking', late, []);
  return wrong;
}

/** What the case says is what the systems hold. */
async function checkRecord(
  { client }: Installation,
  booking: Booking,
  { newCase, record, employeeId }: GivenCase & { record: CaseRecord },
): Promise<string[]> {
  const wrong: string[] = [];
  const { outcome: _, ...result } = await resultOf<SalaryResult>(client, newCase.caseId);
  const total = { amountInCents: Number(booking.total_in_cents), currency: booking.currency };
  differs(wrong, 'result', result, { employeeId, month, total, bookingId: booking.id });
  differs(
    wrong,
    'key of the booking',
    record.keys.filter((key) => key.startsWith('booking:')),
    [`booking:${booking.id}`],
  );
  const booked = record.steps.filter(({ name }) => name === 'payroll.bookSalary');
  differs(
    wrong,
    'steps that booked',
    booked.map(({ status }) => status),
    ['done'],
  );
  const approved = record.steps
    .filter(({ name }) => name === 'approveBonus')
    .map(({ decision, by }) => ({ decision, by }));
  differs(
    wrong,
    'approvals on record',
    approved,
    booking.approvals.map(({ decision, by }) => ({ decision, by })),
  );
  return wrong;
}

/** Every approval, and the answer from which each amount comes, is in the history before what asks for the booking. */
async function checkOrder({ client }: Installation, booking: Booking, given: GivenCase): Promise<string[]> {
  const { events } = await client.workflow.getHandle(given.newCase.caseId).fetchHistory();
  const asked = (events ?? []).findIndex(
    (event) => event.activityTaskScheduledEventAttributes?.activityType?.name === 'payroll.bookSalary',
  );
  const before = (events ?? []).slice(0, asked);
  const decided = before.flatMap((event) => {
    const signal = event.workflowExecutionSignaledEventAttributes;
    const update = event.workflowExecutionUpdateAcceptedEventAttributes?.acceptedRequest?.input;
    const payload = (signal?.signalName === 'decide' ? signal.input : update?.args)?.payloads?.[0];
    return payload?.data ? [JSON.parse(Buffer.from(payload.data).toString()) as { by: string; decision: string }] : [];
  });
  const missing = booking.approvals
    .filter(({ by, decision }) => !decided.some((each) => each.by === by && each.decision === decision))
    .map(({ by, decision }) => `${decision} by ${by}`);

  const calculated = answersIn(before).map(({ answer }) => answer as { base?: Money; bonus?: Money });
  const amounts = (name: 'base' | 'bonus') => calculated.map((answer) => answer[name]?.amountInCents);
  const { trouble } = given.plan;
  const byHand = trouble?.kind === 'fails' && trouble.resolution === 'replace';
  const [base, bonus] = [Number(booking.base_in_cents), Number(booking.bonus_in_cents)];
  if (!amounts('base').includes(base)) missing.push(`the base ${base}`);
  if (bonus > 0 && !byHand && !amounts('bonus').includes(bonus)) missing.push(`the bonus ${bonus}`);
  return missing.map((what) => `${what} is not in the history before the booking`);
}

/**
 * What the central view says of each case, ended or open, is what the case says of itself, once it has asked all of them
 * since the last thing happened: that may take until it looks through what has ended and what is open, when a worker was
 * killed before it reported that.
 */
async function checkView(installation: Installation, { cases }: Played): Promise<string[]> {
  const records = new Map(cases.map(({ newCase, record }) => [newCase.caseId, record]));
  const lengths = new Map<string, number>();
  for (const { caseId } of cases.filter(({ plan }) => plan.leftOpen).map(({ newCase }) => newCase)) {
    const { historyLength } = await installation.client.workflow.getHandle(caseId).describe();
    lengths.set(caseId, historyLength);
  }
  const ask = () =>
    installation.sql<{ id: string; record: CaseRecord | null; events: number | null }>(
      'view',
      `select case_id as id, (knowledge #>> '{confirmed,events}')::int as events,
         case when not knowledge ? 'reported' and not knowledge->'confirmed' ? 'partial'
         then knowledge->'confirmed'->'record' end as record from view.cases where case_id = any($1)`,
      [[...records.keys()]],
    );
  type Row = Awaited<ReturnType<typeof ask>>[number];
  const isOfNow = ({ id, record, events }: Row) => record?.endedAt !== undefined || events === lengths.get(id);
  const isWhole = (rows: Row[]) => rows.length === records.size && rows.every((row) => row.record && isOfNow(row));
  let known = await ask();
  for (let attempt = 0; attempt < 300 && !isWhole(known); attempt += 1) {
    await sleep(300);
    known = await ask();
  }
  const wrong: string[] = [];
  for (const [caseId, record] of records) {
    const ofView = known.find((row) => row.id === caseId && isOfNow(row))?.record;
    differs(wrong, `the view of ${caseId}`, comparable(ofView), comparable(record));
  }
  return wrong;
}

/**
 * A workflow learns when a local activity ended from its worker, and later from the history, which differ a little; and in
 * a replay the last workflow task may stand for one event less.
 */
function comparable(record: CaseRecord | null | undefined): unknown {
  return JSON.parse(
    JSON.stringify({ ...record, historyLength: undefined }).replaceAll(/"\d{4}-\d\d-\d\dT[\d:.]+Z"/g, '"some time"'),
  );
}

/** Each SMS was taken by the provider once, none is lost, and everything raised was cleared but of the case left open. */
async function checkTexts(
  installation: Installation,
  { cases, administrator, providerIds }: Played,
): Promise<string[]> {
  const wrong: string[] = [];
  const taken = installation.provider.taken.filter(({ sid }) => providerIds.includes(sid));
  const causes = [...new Set(cases.flatMap(({ expected }) => expected.cause ?? []))].sort();
  const toAdministrator = taken.filter(({ to }) => to === administrator).map(({ body }) => body);
  const lasting = cases.filter(({ plan, expected }) => plan.leftOpen && expected.cause !== undefined);
  for (const cause of causes) {
    const about = toAdministrator.filter((body) => body.includes(cause)).map((body) => body.split(cause)[0]);
    const lasts = lasting.some((each) => each.expected.cause === cause);
    differs(wrong, `SMS about "${cause}"`, about, ['Whereabouts: ', ...(lasts ? [] : ['Whereabouts: all clear: '])]);
  }
  differs(wrong, 'SMS to the administrator', toAdministrator.length, 2 * causes.length - lasting.length);

  const expected = Object.assign({}, ...cases.map((each) => each.expected.reminders)) as Record<string, number>;
  const reminded: Record<string, number> = {};
  for (const { to } of taken.filter((text) => text.to !== administrator)) reminded[to] = (reminded[to] ?? 0) + 1;
  const certain = cases
    .filter((each) => each.expected.outcome !== undefined)
    .flatMap(({ phones }) => Object.values(phones));
  for (const phone of certain) differs(wrong, `reminders to ${phone}`, reminded[phone] ?? 0, expected[phone] ?? 0);

  const kept = await installation.sql<{ status: string; provider_id: string }>(
    'notifications',
    'select status, provider_id from messages where provider_id = any($1) order by id',
    [providerIds],
  );
  differs(wrong, 'SMS kept as sent', kept.filter(({ status }) => status === 'sent').length, taken.length);
  const caseIds = cases.map(({ newCase }) => newCase.caseId);
  const raised = await installation.sql<{ subject: string }>(
    'notifications',
    'select subject from alert_subjects where subject = any($1)',
    [caseIds],
  );
  differs(
    wrong,
    'alerts not cleared',
    raised.map(({ subject }) => subject),
    lasting.map(({ newCase }) => newCase.caseId),
  );
  return wrong;
}

function differs(wrong: string[], what: string, found: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(found, expected)) {
    wrong.push(`${what}: ${JSON.stringify(found) ?? 'nothing'}, not ${JSON.stringify(expected) ?? 'nothing'}`);
  }
}
