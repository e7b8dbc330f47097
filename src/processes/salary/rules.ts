import type { Duration } from '@temporalio/common';
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
    .map(
      ({ role, people = employee.manager ? [employee.manager] : [] }) =>
        (excluded) =>
          askedOf(role, people, excluded, settings),
    );
}

/** The people of a role without those excluded; whom tasks are escalated to when that leaves nobody. */
export function askedOf(role: string, people: Person[], excluded: string[], settings: SalarySettings): Asked {
  const left = without(role, people, excluded);
  return left.candidates.length > 0 ? left : escalationOf(settings, excluded);
}

/** Who decides instead once a task is due; nothing when that leaves nobody, so that those asked may still decide. */
export function escalation(settings: SalarySettings, excluded: string[]): { escalateTo?: Asked } {
  const escalateTo = escalationOf(settings, excluded);
  return escalateTo.candidates.length > 0 ? { escalateTo } : {};
}

/** The time a task has; when nobody is left who may act it is due at once, so that the administrator is told. */
export function dueIn({ candidates }: Asked, usually: Duration): Duration {
  return candidates.length > 0 ? usually : '1 second';
}

function escalationOf({ escalateTo: { role, people } }: SalarySettings, excluded: string[]): Asked {
  return without(role, people, excluded);
}

interface Person {
  id: string;
  phone?: string | undefined;
}

function without(role: string, people: Person[], excluded: string[]): Asked {
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
