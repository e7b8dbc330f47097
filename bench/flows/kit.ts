export { collectGarbage } from './garbage';
import { approve, outcome, system } from '../../src/kit/workflow';
import type { Activities, SalaryInput } from './systems';

interface Accounting {
  findEmployee: Activities['accounting.findEmployee'];
  calculateBase: Activities['accounting.calculateBase'];
}
interface Bonuses {
  calculateBonus: Activities['bonus.calculateBonus'];
}
interface Payroll {
  bookSalary: Activities['payroll.bookSalary'];
}

const ordinary = { accounting: system<Accounting>('accounting'), bonuses: system<Bonuses>('bonus') };
const reading = {
  accounting: system<Accounting>('accounting', { reads: ['findEmployee', 'calculateBase'] }),
  bonuses: system<Bonuses>('bonus', { reads: ['calculateBonus'] }),
};
const payroll = system<Payroll>('payroll');

/** The salary flow with the kit. */
export function salary(input: SalaryInput) {
  return pay(input, ordinary);
}

/** The same, with the operations that change nothing listed as `reads`. */
export function salaryWithReads(input: SalaryInput) {
  return pay(input, reading);
}

async function pay({ employee, month }: SalaryInput, { accounting, bonuses }: typeof ordinary) {
  const person = await accounting.findEmployee({ employee });
  const [base, bonus] = await Promise.all([
    accounting.calculateBase({ employeeId: person.id, month }),
    bonuses.calculateBonus({ employeeId: person.id, month }),
  ]);
  const approval = await approve('approveBonus', {
    role: 'manager',
    candidates: [person.managerId],
    shows: { base, bonus },
  });
  const approved = approval.decision === 'approve';
  const booking = await payroll.bookSalary({
    employeeId: person.id,
    month,
    baseInCents: base.amountInCents,
    bonusInCents: approved ? bonus.amountInCents : 0,
    approvedBy: approval.by,
  });
  return { outcome: outcome('paid'), bookingId: booking.bookingId };
}
