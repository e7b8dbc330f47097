import type { Money } from '../../service/money';
import type { Employee } from '../../systems/accounting/activities';
import type { SalarySettings } from './settings';

interface Person {
  id: string;
  phone?: string | undefined;
}

/** People of a role who are asked together; one of them decides. */
export interface Group {
  role: string;
  people: Person[];
}

/** Who approves a bonus, in order. The group of an employee's own manager is empty where there is none. */
export function approversOf(bonus: Money, employee: Employee, settings: SalarySettings): Group[] {
  const overLimit = isOver(bonus, settings.bonusLimit);
  return settings.approvals
    .filter(({ when }) => when === 'always' || overLimit)
    .map(({ role, people = employee.manager ? [employee.manager] : [] }) => ({ role, people }));
}

export function idsOf(people: Person[]): string[] {
  return people.map(({ id }) => id);
}

/** Where these persons are told, as far as their phones are known. */
export function phonesOf(ids: string[], people: Person[]): string[] {
  return [...new Set(people.flatMap(({ id, phone }) => (phone !== undefined && ids.includes(id) ? [phone] : [])))];
}

/** More than the limit; an amount in another currency than the limit's always is. */
export function isOver(amount: Money, limit: Money): boolean {
  return amount.currency !== limit.currency || amount.amountInCents > limit.amountInCents;
}

export function nothing(currency: string): Money {
  return { amountInCents: 0, currency };
}
