import { euros, monthly, type Given } from '../../support/salary';

/** A call of the salary process to a system, and what tests need to know to let it fail. */
export interface Call {
  step: string;
  system: string;
  /** The operation as the fault switch knows it. */
  operation: string;
  /** Whether it is first tried as a local activity. */
  read: boolean;
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
  read: true,
};

export const baseByHand = { status: 'calculated', base: euros(3_000), baseData: monthly(3_000) };

export const calculateBase: Call = {
  step: 'accounting.calculateBase/1',
  system: 'accounting',
  operation: 'calculateBase',
  read: true,
  byHand: {
    result: () => baseByHand,
    total: 3_500,
    wrong: [{ ...baseByHand, base: 3_000 }, 'result.base'],
  },
};

export const bonusByHand = {
  status: 'calculated',
  bonus: euros(100),
  quarter: '2026-Q3',
  targetBonus: euros(300),
  achievedBasisPoints: 10_000,
};

export const calculateBonus: Call = {
  step: 'bonus.calculateBonus/1',
  system: 'bonus',
  operation: 'calculateBonus',
  read: true,
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
  read: false,
  byHand: {
    result: () => ({ status: 'booked', bookingId: 'P-77', total: euros(4_700), bookedAt: '2026-11-30T12:00:00Z' }),
    total: 4_700,
    wrong: [{ status: 'booked', bookingId: '', total: euros(4_700), bookedAt: '2026-11-30' }, 'result.bookingId'],
  },
};

export const calls = [findEmployee, calculateBase, calculateBonus, bookSalary];

export const nameOf = ({ step }: Call) => step.slice(0, step.indexOf('/'));
