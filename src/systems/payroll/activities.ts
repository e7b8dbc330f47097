import type { SystemClient } from '../../service/client';
import type { Money } from '../../service/money';
import { bookingAnswerSchema } from './schemas';

/** Who approved what, as payroll keeps it with the booking. */
export interface Approval {
  task: string;
  decision: string;
  by: string;
  /** ISO 8601, UTC. */
  at: string;
}

export type BookSalaryResult =
  | { status: 'booked'; bookingId: string; total: Money; bookedAt: string }
  /** The month was booked before, for another case or start of this one; nothing was booked now. */
  | { status: 'already-booked'; bookingId: string; total: Money; bookedAt: string };

/** What workflows may call on payroll. */
export interface PayrollActivities {
  /** Book the salary. Once per employee and month, as balanced double entry. */
  bookSalary(input: {
    employeeId: string;
    month: string;
    costCentre: string;
    base: Money;
    bonus: Money;
    approvals: Approval[];
  }): Promise<BookSalaryResult>;
}

/** The activities on payroll, over its HTTP API. */
export function createPayrollActivities(client: SystemClient): PayrollActivities {
  return {
    bookSalary(input) {
      return client.request({
        operation: 'bookSalary',
        method: 'POST',
        path: '/bookings',
        body: input,
        answer: bookingAnswerSchema,
      });
    },
  };
}
