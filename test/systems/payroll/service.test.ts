import { createPayrollActivities } from '../../../src/systems/payroll/activities';
import { payroll } from '../../../src/systems/payroll/service';
import { testSystem, type TestedSystem } from '../../support/system';

let system: TestedSystem;
let keys = 0;
const calling = (key = `call-${(keys += 1)}`) => createPayrollActivities(system.client(key));
const euros = (amountInCents: number) => ({ amountInCents, currency: 'EUR' });
const approval = { task: 'approveBonus', decision: 'approve', by: 'E-1005', at: '2026-11-21T12:00:00.000Z' };
const salary = {
  employeeId: 'E-1007',
  month: '2026-11',
  costCentre: 'CC-300',
  base: euros(465_050),
  bonus: euros(80_000),
  approvals: [approval],
};
const bookings = async () => (await system.send('GET', '/bookings')).body['bookings'];

beforeAll(async () => {
  system = await testSystem(payroll);
});
afterAll(() => system.stop());
beforeEach(async () => {
  await system.setFaults();
  await system.sql('truncate bookings, entries, idempotent_requests restart identity');
});

describe('booking a salary', () => {
  test('given base and approved bonus, then it is booked with its entries and approvals', async () => {
    const booked = await calling().bookSalary(salary);

    expect(booked).toEqual({
      status: 'booked',
      bookingId: 'B-000001',
      total: euros(545_050),
      bookedAt: expect.stringMatching(/^2.*Z$/) as string,
    });
    expect(await bookings()).toEqual([
      {
        bookingId: 'B-000001',
        employeeId: 'E-1007',
        month: '2026-11',
        costCentre: 'CC-300',
        base: euros(465_050),
        bonus: euros(80_000),
        total: euros(545_050),
        approvals: [approval],
        entries: [
          { account: 'salary-expense', amountInCents: 465_050 },
          { account: 'bonus-expense', amountInCents: 80_000 },
          { account: 'wages-payable', amountInCents: -545_050 },
        ],
        bookedAt: booked.bookedAt,
      },
    ]);
  });

  test('given the month was booked under another key, then the answer is what was booked before', async () => {
    const first = await calling('case~0/payroll.bookSalary/1').bookSalary(salary);

    const again = await calling('case~1/payroll.bookSalary/1').bookSalary({ ...salary, base: euros(1) });

    expect(again).toEqual({ ...first, status: 'already-booked' });
    expect(await bookings()).toHaveLength(1);
  });

  test('given many at once under as many keys, then one books and all others say so', async () => {
    const answers = await Promise.all(Array.from({ length: 12 }, () => calling().bookSalary(salary)));

    expect(answers.filter(({ status }) => status === 'booked')).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 'already-booked')).toHaveLength(11);
    expect(new Set(answers.map(({ bookingId }) => bookingId)).size).toBe(1);
    expect(await system.sql('select * from entries')).toHaveLength(3);
  });

  test('given other months and employees, then each is booked', async () => {
    await calling().bookSalary(salary);
    await calling().bookSalary({ ...salary, month: '2026-12' });
    await calling().bookSalary({ ...salary, employeeId: 'E-1008' });

    const december = await system.send('GET', '/bookings?employeeId=E-1007&month=2026-12');

    expect(await bookings()).toHaveLength(3);
    expect(december.body['bookings']).toMatchObject([{ employeeId: 'E-1007', month: '2026-12' }]);
  });

  test('given the answer was lost and the system restarted, when the call comes again, then it is the same booking', async () => {
    await system.setFaults({ operation: 'bookSalary', when: 'after', disconnect: true, times: 1 });
    await expect(calling('key-1').bookSalary(salary)).rejects.toMatchObject({ nonRetryable: false });
    await system.restart();

    expect(await calling('key-1').bookSalary(salary)).toMatchObject({ status: 'booked', bookingId: 'B-000001' });
    expect(await bookings()).toHaveLength(1);
  });

  test('given the same key for another amount, then it is refused', async () => {
    await calling('key-1').bookSalary(salary);

    await expect(calling('key-1').bookSalary({ ...salary, base: euros(1) })).rejects.toMatchObject({
      type: 'idempotency-key-reused',
      nonRetryable: true,
    });
  });

  test.each([
    ['a bonus that nobody approved', { approvals: [] }, 'approval-missing'],
    ['a bonus that was rejected', { approvals: [{ ...approval, decision: 'reject' }] }, 'approval-missing'],
    ['two currencies', { bonus: { amountInCents: 80_000, currency: 'CHF' } }, 'currency-mismatch'],
    ['an amount below zero', { base: euros(-1) }, 'invalid-request'],
    ['half a cent', { base: euros(0.5) }, 'invalid-request'],
  ])('given %s, then it is refused for good and nothing is booked', async (_, change, type) => {
    await expect(calling().bookSalary({ ...salary, ...change })).rejects.toMatchObject({ type, nonRetryable: true });
    expect(await bookings()).toEqual([]);
  });

  test('given nothing to pay, then it is booked without entries', async () => {
    expect(await calling().bookSalary({ ...salary, base: euros(0), bonus: euros(0), approvals: [] })).toMatchObject({
      status: 'booked',
      total: euros(0),
    });
    expect(await bookings()).toMatchObject([{ entries: [] }]);
  });
});

describe('the database itself', () => {
  const booking = `insert into bookings (employee_id, month, cost_centre, base_in_cents, bonus_in_cents, total_in_cents, currency, approvals)
    values ('E-1007', '2026-11', 'CC-300', 1000, 0, 1000, 'EUR', '[]')`;
  const entry = (account: string, cents: number) => `insert into entries values ('B-000001', '${account}', ${cents})`;
  const transaction = async (...statements: string[]) => {
    await system.sql('begin');
    try {
      for (const statement of statements) await system.sql(statement);
      await system.sql('commit');
    } catch (error) {
      await system.sql('rollback');
      throw error;
    }
  };

  test('takes entries that add up', async () => {
    await transaction(booking, entry('salary-expense', 1_000), entry('wages-payable', -1_000));

    expect(await system.sql('select * from entries')).toHaveLength(2);
  });

  test.each([
    ['that do not add up to zero', [entry('salary-expense', 1_000), entry('wages-payable', -999)]],
    ['of another sum than the booking', [entry('salary-expense', 999), entry('wages-payable', -999)]],
    ['of which there are none', []],
  ])('refuses entries %s', async (_, entries) => {
    await expect(transaction(booking, ...entries)).rejects.toThrow('booking B-000001 of 1000 cents has debits of');
    expect(await system.sql('select * from bookings')).toEqual([]);
  });

  test('refuses to change or remove one entry of a booking', async () => {
    await transaction(booking, entry('salary-expense', 1_000), entry('wages-payable', -1_000));

    await expect(
      transaction(`update entries set amount_in_cents = 999 where account = 'salary-expense'`),
    ).rejects.toThrow('a balance of -1');
    await expect(transaction(`delete from entries where account = 'wages-payable'`)).rejects.toThrow(
      'a balance of 1000',
    );
  });

  test('refuses a second booking of the month', async () => {
    await transaction(booking, entry('salary-expense', 1_000), entry('wages-payable', -1_000));

    await expect(transaction(booking)).rejects.toThrow('one_salary_per_employee_and_month');
  });
});
