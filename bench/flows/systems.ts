/** The systems of the salary flow. They answer at once, in the worker: what is compared is the orchestration. */
export const systems = {
  'accounting.findEmployee': ({ employee }: { employee: string }) => ({
    id: employee,
    managerId: 'E-1005',
    costCentre: 'CC-100',
  }),
  'accounting.calculateBase': ({ employeeId }: { employeeId: string; month: string }) => ({
    employeeId,
    amountInCents: 520_000,
    currency: 'EUR',
  }),
  'bonus.calculateBonus': ({ employeeId }: { employeeId: string; month: string }) => ({
    employeeId,
    amountInCents: 48_000,
    currency: 'EUR',
  }),
  'payroll.bookSalary': ({ employeeId, month }: Booking) => ({ bookingId: `B-${employeeId}-${month}` }),
};

interface Booking {
  employeeId: string;
  month: string;
  baseInCents: number;
  bonusInCents: number;
  approvedBy: string;
}

/** What every flow is started with. */
export const salaryInput = { employee: 'E-1007', month: '2026-11' };

export type SalaryInput = typeof salaryInput;
export type Decision = typeof approval;

type Systems = typeof systems;

/** The systems as workflows call them. */
export type Activities = {
  [Name in keyof Systems]: (input: Parameters<Systems[Name]>[0]) => Promise<ReturnType<Systems[Name]>>;
};

/** The one decision of the flow, sent as a message. */
export const approval = { task: 'approveBonus', decision: 'approve', by: 'E-1005' };

/** What every flow returns. */
export const paid = { outcome: 'paid', bookingId: 'B-E-1007-2026-11' };

/** @throws Error when a flow returned anything but {@link paid}: what was not done is not counted. */
export function requirePaid(result: unknown): void {
  const { outcome, bookingId } = result as Partial<typeof paid>;
  if (outcome !== paid.outcome || bookingId !== paid.bookingId) {
    throw new Error(`a salary flow returned ${JSON.stringify(result)} instead of ${JSON.stringify(paid)}`);
  }
}
