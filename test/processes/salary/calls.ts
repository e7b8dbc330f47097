import { euros, type Given } from '../../support/salary';

/** A call of the salary process to a system, and what tests need to know to let it fail. */
export interface Call {
  step: string;
  system: string;
  /** The operation as the fault switch knows it. */
  operation: string;
  /** What an operator may give by hand; nothing for some. */
  byHand?: {
    result: (of: Given) => object;
    /** The total that comes of it, in euros. */
    total: number;
    /** A result that is refused, and by which field. */
    wrong: [result: object, field: string];
  };
}

const findEmployee: Call = {
  step: 'accounting.findEmployee/1',
  system: 'accounting',
  operation: 'getEmployee',
};

export const calculateBase: Call = {
  step: 'accounting.calculateBase/1',
  system: 'accounting',
  operation: 'calculateBase',
  byHand: {
    result: () => ({ status: 'calculated', calculationId: 'by hand', base: euros(3_000) }),
    total: 3_500,
    wrong: [{ status: 'calculated', calculationId: 'by hand', base: 3_000 }, 'result.base'],
  },
};

export const bonusByHand = {
  status: 'calculated',
  calculationId: 'by hand',
  bonus: euros(100),
  quarter: '2026-Q3',
  targetBonus: euros(300),
  achievedBasisPoints: 10_000,
};

export const calculateBonus: Call = {
  step: 'bonus.calculateBonus/1',
  system: 'bonus',
  operation: 'calculateBonus',
  byHand: {
    result: () => bonusByHand,
    total: 4_300,
    wrong: [{ status: 'no idea' }, 'result.status'],
  },
};

export const bookSalary: Call = {
  step: 'payroll.bookSalary/1',
  system: 'payroll',
  operation: 'bookSalary',
  byHand: {
    result: () => ({ status: 'booked', bookingId: 'P-77', total: euros(4_700), bookedAt: '2026-11-30T12:00:00Z' }),
    total: 4_700,
    wrong: [{ status: 'booked', bookingId: '', total: euros(4_700), bookedAt: '2026-11-30' }, 'result.bookingId'],
  },
};

export const calls = [findEmployee, calculateBase, calculateBonus, bookSalary];

export const nameOf = ({ step }: Call) => step.slice(0, step.indexOf('/'));
