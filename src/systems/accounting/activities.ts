import { problemIn, type SystemClient } from '../../service/client';
import type { Money } from '../../service/money';
import { baseSchema, candidatesSchema, employeeIdSchema, employeeSchema, recordedSchema } from './schemas';

/** An employee as accounting knows them. */
export interface Employee {
  /** e.g. `E-1001` */
  id: string;
  fullName: string;
  costCentre: string;
  /** Absent for those who report to nobody. */
  manager?: Person;
}

export interface Person {
  id: string;
  fullName: string;
  /** E.164, e.g. `+4915112345678`; absent when not known. */
  phone?: string;
}

/** A month's base data: a monthly salary, or hours at a rate; and the working days not paid. */
export type BaseData = (
  { kind: 'monthly'; monthlySalary: Money } | { kind: 'hourly'; hours: number; hourlyRate: Money }
) & { unpaidDays: number };

export type FindEmployeeResult =
  | { status: 'found'; employee: Employee }
  | { status: 'unknown' }
  | { status: 'ambiguous'; candidates: { id: string; fullName: string; costCentre: string }[] };

export type CalculateBaseResult =
  | {
      status: 'calculated';
      base: Money;
      /** What it was calculated from. */
      baseData: BaseData;
    }
  | { status: 'missing-base-data' };

export type RecordBaseDataResult =
  { status: 'recorded' } | { status: 'refused'; reasons: { field: string; message: string }[] };

/** What workflows may call on accounting. */
export interface AccountingActivities {
  /** Find the employee. By id or full name; a read. */
  findEmployee(input: { employee: string }): Promise<FindEmployeeResult>;
  /** Calculate the base. The month's salary from its base data, of which there may be none yet; a read. */
  calculateBase(input: { employeeId: string; month: string }): Promise<CalculateBaseResult>;
  /** Record the base data. As an accountant entered it; refused data changes nothing. */
  recordBaseData(input: {
    employeeId: string;
    month: string;
    baseData: BaseData;
    enteredBy: string;
  }): Promise<RecordBaseDataResult>;
}

/** The activities on accounting, over its HTTP API. */
export function createAccountingActivities(client: SystemClient): AccountingActivities {
  return {
    async findEmployee({ employee }) {
      const id = employeeIdSchema.safeParse(employee.trim().toUpperCase());
      try {
        const found = await client.request({
          operation: 'findEmployee',
          method: 'GET',
          ...(id.success ? { path: `/employees/${id.data}` } : { path: '/employees', query: { fullName: employee } }),
          answer: employeeSchema,
        });
        return { status: 'found', employee: found };
      } catch (error) {
        if (problemIn(error, 'unknown-employee')) return { status: 'unknown' };
        const ambiguous = problemIn(error, 'ambiguous-employee');
        if (ambiguous) return { status: 'ambiguous', candidates: candidatesSchema.parse(ambiguous['candidates']) };
        throw error;
      }
    },

    calculateBase({ employeeId, month }) {
      return client.request({
        operation: 'calculateBase',
        method: 'GET',
        path: `/employees/${encodeURIComponent(employeeId)}/bases/${encodeURIComponent(month)}`,
        answer: baseSchema,
      });
    },

    async recordBaseData({ employeeId, month, baseData, enteredBy }) {
      try {
        return await client.request({
          operation: 'recordBaseData',
          method: 'PUT',
          path: `/employees/${encodeURIComponent(employeeId)}/base-data/${encodeURIComponent(month)}`,
          body: { baseData, enteredBy },
          answer: recordedSchema,
        });
      } catch (error) {
        const refused = problemIn(error, 'base-data-refused', 'invalid-request');
        if (refused?.errors === undefined) throw error;
        const reasons = refused.errors.map(({ field, message }) => ({
          field: field.replace(/^baseData\./, ''),
          message,
        }));
        return { status: 'refused', reasons };
      }
    },
  };
}
