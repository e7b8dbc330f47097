import { euros, type Given } from '../../support/salary';

/** A call of the salary process to a system, and what tests need to know to let it fail. */
export interface Call {
  step: string;
  system: string;
  /** The operation as the fault switch knows it. */
  operation: string;
  /** The answer that an operator gives by hand. */
  byHand: (of: Given) => object;
  /** The total that comes of it, in euros. */
  total: number;
  /** A result that is refused, and by which field. */
  wrongByHand: [result: object, field: string];
}

const findEmployee: Call = {
  step: 'accounting.findEmployee/1',
  system: 'accounting',
  operation: 'getEmployee',
  byHand: ({ employee, manager }) => ({
    status: 'found',
    employee: { ...employee, costCentre: 'CC-900', manager: { ...manager, fullName: 'Jonas Weber' } },
  }),
  total: 4_700,
  wrongByHand: [{ status: 'found', employee: { id: 'E-1007' } }, 'result.employee.fullName'],
};

export const calculateBase: Call = {
  step: 'accounting.calculateBase/1',
  system: 'accounting',
  operation: 'calculateBase',
  byHand: () => ({ status: 'calculated', calculationId: 'by hand', base: euros(3_000) }),
  total: 3_500,
  wrongByHand: [{ status: 'calculated', calculationId: 'by hand', base: 3_000 }, 'result.base'],
};

export const calculateBonus: Call = {
  step: 'bonus.calculateBonus/1',
  system: 'bonus',
  operation: 'calculateBonus',
  byHand: () => ({
    status: 'calculated',
    calculationId: 'by hand',
    bonus: euros(100),
    quarter: '2026-Q3',
    targetBonus: euros(300),
    achievedBasisPoints: 10_000,
  }),
  total: 4_300,
  wrongByHand: [{ status: 'no idea' }, 'result.status'],
};

export const bookSalary: Call = {
  step: 'payroll.bookSalary/1',
  system: 'payroll',
  operation: 'bookSalary',
  byHand: () => ({ status: 'booked', bookingId: 'P-77', total: euros(4_700), bookedAt: '2026-11-30T12:00:00Z' }),
  total: 4_700,
  wrongByHand: [{ status: 'booked', bookingId: '', total: euros(4_700), bookedAt: '2026-11-30' }, 'result.bookingId'],
};

export const calls = [findEmployee, calculateBase, calculateBonus, bookSalary];

export const nameOf = ({ step }: Call) => step.slice(0, step.indexOf('/'));
