import type { Generated, Kysely } from 'kysely';
import { Problem } from '../../service/problem';
import type { BaseData, Employee } from './activities';
import { hundredths, nameKey, spaced } from './domain';

export interface AccountingTables {
  employees: {
    id: string;
    full_name: string;
    name_key: string;
    cost_centre: string;
    manager_id: string | null;
    phone: string | null;
  };
  base_data: {
    employee_id: string;
    month: string;
    kind: 'monthly' | 'hourly';
    /** Of a month or of an hour, as the kind says. */
    rate_in_cents: number;
    currency: string;
    hours_in_hundredths: number | null;
    unpaid_days: number;
    entered_by: string;
    entered_at: Generated<string>;
  };
}

type Db = Kysely<AccountingTables>;

export async function employeeById(db: Db, id: string): Promise<Employee> {
  const row = await employees(db).where('employee.id', '=', id).executeTakeFirst();
  if (row === undefined) throw unknownEmployee(`No employee has the id ${id}.`);
  return toEmployee(row);
}

export async function employeeByName(db: Db, fullName: string): Promise<Employee> {
  const rows = await employees(db).where('employee.name_key', '=', nameKey(fullName)).orderBy('employee.id').execute();
  const [row, ...others] = rows;
  if (row === undefined) throw unknownEmployee(`No employee has the full name "${fullName}".`);
  if (others.length === 0) return toEmployee(row);
  const candidates = rows.map(({ id, full_name, cost_centre }) => ({
    id,
    fullName: full_name,
    costCentre: cost_centre,
  }));
  const ids = candidates.map(({ id }) => id).join(', ');
  throw new Problem(
    422,
    'ambiguous-employee',
    `Several employees have the full name "${fullName}": ${ids}. Ask by id.`,
    {
      candidates,
    },
  );
}

export async function putEmployee(
  db: Db,
  id: string,
  change: { fullName: string; costCentre: string; managerId?: string | undefined; phone?: string | undefined },
): Promise<Employee> {
  const { fullName, costCentre, managerId, phone } = change;
  if (managerId !== undefined) await checkManager(db, id, managerId);
  const row = {
    full_name: spaced(fullName),
    name_key: nameKey(fullName),
    cost_centre: costCentre,
    manager_id: managerId ?? null,
    phone: phone ?? null,
  };
  await db
    .insertInto('employees')
    .values({ id, ...row })
    .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
    .execute();
  return employeeById(db, id);
}

async function checkManager(db: Db, id: string, managerId: string): Promise<void> {
  const known = await db.selectFrom('employees').select('id').where('id', '=', managerId).executeTakeFirst();
  if (known !== undefined && managerId !== id) return;
  const message = managerId === id ? 'must be somebody else' : 'must be an employee already known';
  throw new Problem(422, 'manager-refused', `managerId ${managerId} of ${id} ${message}.`, {
    errors: [{ field: 'managerId', value: managerId, message }],
  });
}

export async function baseDataOf(
  db: Db,
  employeeId: string,
  month: string,
): Promise<{ baseData: BaseData; enteredBy: string; enteredAt: string } | undefined> {
  const row = await db
    .selectFrom('base_data')
    .selectAll()
    .where('employee_id', '=', employeeId)
    .where('month', '=', month)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const rate = { amountInCents: row.rate_in_cents, currency: row.currency };
  const baseData: BaseData =
    row.hours_in_hundredths === null
      ? { kind: 'monthly', monthlySalary: rate, unpaidDays: row.unpaid_days }
      : { kind: 'hourly', hours: row.hours_in_hundredths / 100, hourlyRate: rate, unpaidDays: row.unpaid_days };
  return { baseData, enteredBy: row.entered_by, enteredAt: row.entered_at };
}

/** The currency of the employee's latest other month. */
export async function currencyPaidIn(db: Db, employeeId: string, exceptMonth: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('base_data')
    .select('currency')
    .where('employee_id', '=', employeeId)
    .where('month', '<>', exceptMonth)
    .orderBy('month', 'desc')
    .executeTakeFirst();
  return row?.currency;
}

export async function putBaseData(
  db: Db,
  {
    employeeId,
    month,
    baseData,
    enteredBy,
  }: { employeeId: string; month: string; baseData: BaseData; enteredBy: string },
): Promise<void> {
  const rate = baseData.kind === 'monthly' ? baseData.monthlySalary : baseData.hourlyRate;
  const row = {
    kind: baseData.kind,
    rate_in_cents: rate.amountInCents,
    currency: rate.currency,
    hours_in_hundredths: baseData.kind === 'hourly' ? (hundredths(baseData.hours) ?? null) : null,
    unpaid_days: baseData.unpaidDays,
    entered_by: enteredBy,
  };
  await db
    .insertInto('base_data')
    .values({ employee_id: employeeId, month, ...row })
    .onConflict((conflict) =>
      conflict.columns(['employee_id', 'month']).doUpdateSet({ ...row, entered_at: new Date().toISOString() }),
    )
    .execute();
}

function employees(db: Db) {
  return db
    .selectFrom('employees as employee')
    .leftJoin('employees as manager', 'manager.id', 'employee.manager_id')
    .select([
      'employee.id',
      'employee.full_name',
      'employee.cost_centre',
      'manager.id as manager_id',
      'manager.full_name as manager_name',
      'manager.phone as manager_phone',
    ]);
}

type EmployeeRow = Awaited<ReturnType<ReturnType<typeof employees>['execute']>>[number];

function toEmployee({ id, full_name, cost_centre, manager_id, manager_name, manager_phone }: EmployeeRow): Employee {
  const employee = { id, fullName: full_name, costCentre: cost_centre };
  if (manager_id === null || manager_name === null) return employee;
  const manager = { id: manager_id, fullName: manager_name };
  return { ...employee, manager: manager_phone === null ? manager : { ...manager, phone: manager_phone } };
}

function unknownEmployee(detail: string): Problem {
  return new Problem(404, 'unknown-employee', detail);
}
