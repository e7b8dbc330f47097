import type { SalaryInput } from '../../../src/processes/salary/workflow';
import type { Random } from '../replay/random';

/** A salary with settings that let random amounts take every way. */
export function salaryInput(random: Random): [SalaryInput] {
  const person = (id: string) => ({ id, ...(random.chance(70) && { phone: '+49155501' }) });
  return [
    {
      employee: 'E-7',
      month: '2026-11',
      settings: {
        calculation: random.oneOf(['parallel', 'one after the other']),
        bonusLimit: { amountInCents: 2, currency: 'EUR' },
        approvals: [
          { role: 'manager', when: 'always' },
          { role: 'finance director', people: [person('E-2')], when: 'bonus over limit' },
        ],
        approvalDueIn: '3 days',
        remindAfter: '1 day',
        escalateTo: { role: 'managing director', people: [person('E-1')] },
        onRejection: random.oneOf(['pay without bonus', 'calculate again']),
        officeManagers: [person('E-3')],
        accountants: [person('E-4'), person('E-5')],
        dataEntryDueIn: '2 days',
        retries: { attempts: 6, firstAfter: '1 second', atMostEvery: '30 seconds' },
        administrator: { phone: '+49155500', windowInMinutes: 15 },
      },
    },
  ];
}
