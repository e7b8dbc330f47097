import type { SystemClient } from '../../service/client';
import type { Money } from '../../service/money';
import { bonusSchema } from './schemas';

export type CalculateBonusResult =
  | {
      status: 'calculated';
      bonus: Money;
      /** The quarter whose results are paid, e.g. `2026-Q3`. */
      quarter: string;
      targetBonus: Money;
      /** What was achieved of the target, in basis points: 10,000 is all of it. */
      achievedBasisPoints: number;
    }
  | { status: 'no-target' };

/** What workflows may call on the bonus system. */
export interface BonusActivities {
  /** Calculate the bonus. What is paid of it in a month, from the quarter's target and results; a read. */
  calculateBonus(input: { employeeId: string; month: string }): Promise<CalculateBonusResult>;
  /** Calculate the bonus again. From the achievement that the office manager entered after a rejection. */
  recalculateBonus(input: {
    employeeId: string;
    month: string;
    achievedBasisPoints: number;
    enteredBy: string;
    reason: string;
  }): Promise<CalculateBonusResult>;
}

/** The activities on the bonus system, over its HTTP API. */
export function createBonusActivities(client: SystemClient): BonusActivities {
  return {
    calculateBonus({ employeeId, month }) {
      return client.request({
        operation: 'calculateBonus',
        method: 'GET',
        path: `/employees/${encodeURIComponent(employeeId)}/bonuses/${encodeURIComponent(month)}`,
        answer: bonusSchema,
      });
    },
    recalculateBonus(input) {
      return client.request({
        operation: 'recalculateBonus',
        method: 'POST',
        path: '/bonus-recalculations',
        body: input,
        answer: bonusSchema,
      });
    },
  };
}
