import { z } from 'zod';
import type { AccountingActivities } from '../../systems/accounting/activities';
import type { Process } from '../process';
import { salarySettings, type SalarySettings } from './settings';
import type { SalaryInput } from './workflow';

const salaryRequest = z.strictObject({
  employee: z.string().trim().min(1, 'must be an employee id or a full name'),
  month: z.string().regex(/^2[0-9]{3}-(0[1-9]|1[0-2])$/, 'must be a month such as "2026-11"'),
});

/** The salary of one employee for one month: one case, whether the employee is named by id or by full name. */
export const salaryProcess: Process<
  z.infer<typeof salaryRequest>,
  SalarySettings,
  { accounting: AccountingActivities }
> = {
  name: 'salary',
  title: 'Salary calculation',
  owner: 'finance',
  workflow: 'salary',
  request: salaryRequest,
  settings: salarySettings,
  async resolve({ employee, month }, { systems: { accounting }, settings }) {
    const found = await accounting.findEmployee({ employee });
    switch (found.status) {
      case 'unknown':
        return refused(employee, 'no employee has this id or full name');
      case 'ambiguous': {
        const candidates = found.candidates.map(({ id, costCentre }) => `${id} (cost centre ${costCentre})`).join(', ');
        return refused(employee, `several employees have this name: ${candidates}; give the id`);
      }
      case 'found': {
        const { id } = found.employee;
        const input: SalaryInput = { employee: id, month, settings };
        return { status: 'ok', caseId: `salary-${id}-${month}`, keys: [`employee:${id}`, `month:${month}`], input };
      }
    }
  },
};

function refused(value: string, reason: string) {
  return { status: 'refused', field: 'employee', value, reason } as const;
}
