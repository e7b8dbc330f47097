export { collectGarbage } from './garbage';
import { condition, defineSignal, defineUpdate, proxyActivities, setHandler } from '@temporalio/workflow';
import { ApplicationFailure } from '@temporalio/common';
import type { Activities, Decision, SalaryInput } from './systems';

const activities = proxyActivities<Activities>({
  startToCloseTimeout: '30 seconds',
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '30 seconds', maximumAttempts: 6 },
});
const decideUpdate = defineUpdate<Decision, [Decision]>('decide');
const decideSignal = defineSignal<[Decision]>('decide');

/** The salary flow as one writes it with Temporal alone. */
export async function salaryByHand({ employee, month }: SalaryInput) {
  let decided: Decision | undefined;
  const decide = (decision: Decision) => (decided = decision);
  const validator = ({ task, decision, by }: Decision) => {
    if (decided) throw ApplicationFailure.nonRetryable(`task: "${task}" was decided by ${decided.by}`);
    if (task !== 'approveBonus') throw ApplicationFailure.nonRetryable(`task: "${task}" is not open`);
    if (!['approve', 'reject'].includes(decision) || by === '') throw ApplicationFailure.nonRetryable('invalid');
  };
  setHandler(decideUpdate, decide, { validator });
  setHandler(decideSignal, (decision) => void decide(decision));

  const person = await activities['accounting.findEmployee']({ employee });
  const [base, bonus] = await Promise.all([
    activities['accounting.calculateBase']({ employeeId: person.id, month }),
    activities['bonus.calculateBonus']({ employeeId: person.id, month }),
  ]);
  await condition(() => decided !== undefined);
  const { decision, by } = decided as unknown as Decision;
  const booking = await activities['payroll.bookSalary']({
    employeeId: person.id,
    month,
    baseInCents: base.amountInCents,
    bonusInCents: decision === 'approve' ? bonus.amountInCents : 0,
    approvedBy: by,
  });
  return { outcome: 'paid', bookingId: booking.bookingId };
}
