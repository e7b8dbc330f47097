import type { Money } from '../../service/money';
import type { Employee } from '../../systems/accounting/activities';
import type { SalarySettings } from './settings';

/** Whom a task is put to. */
export interface Asked {
  role: string;
  /** Person ids; nobody who is excluded. */
  candidates: string[];
  /** Where they are reminded; whoever has no phone known is not. */
  phones: string[];
}

/**
 * Who approves a bonus, in order. An approver nobody is left for (the manager of somebody without one, or excluded)
 * is replaced by whom approvals are escalated to.
 */
export function approversOf(
  bonus: Money,
  employee: Employee,
  settings: SalarySettings,
): ((excluded: string[]) => Asked)[] {
  const overLimit = isOver(bonus, settings.bonusLimit);
  return settings.approvals
    .filter(({ when }) => when === 'always' || overLimit)
    .map(({ role, people = employee.manager ? [employee.manager] : [] }) => (excluded) => {
      const asked = allowed(role, people, excluded);
      return asked.candidates.length > 0 ? asked : escalation(settings, excluded);
    });
}

/** Who decides once a task is due. */
export function escalation({ escalateTo: { role, people } }: SalarySettings, excluded: string[]): Asked {
  return allowed(role, people, excluded);
}

/** The people of a role without those excluded. */
export function allowed(role: string, people: { id: string; phone?: string | undefined }[], excluded: string[]): Asked {
  const left = people.filter(({ id }) => !excluded.includes(id));
  return {
    role,
    candidates: left.map(({ id }) => id),
    phones: left.flatMap(({ phone }) => phone ?? []),
  };
}

/** More than the limit; an amount in another currency than the limit's always is. */
export function isOver(amount: Money, limit: Money): boolean {
  return amount.currency !== limit.currency || amount.amountInCents > limit.amountInCents;
}

export function nothing(currency: string): Money {
  return { amountInCents: 0, currency };
}
