import type { Generated, Kysely } from 'kysely';
import { z } from 'zod';
import type { ServiceApp } from '../../service/http';
import { answerOnce, idempotencyHeaders, type NotKept } from '../../service/idempotency';
import type { Money } from '../../service/money';
import { Problem } from '../../service/problem';
import { monthSchema } from '../../service/schemas';
import { defineSystem, type SystemContext } from '../../service/system';
import type { CalculateBonusResult } from './activities';
import { bonusOf, quarterPaidIn } from './domain';
import { migrations } from './migrations';
import {
  bonusSchema,
  employeeIdSchema,
  quarterSchema,
  recalculationSchema,
  resultSchema,
  targetSchema,
} from './schemas';

interface BonusTables {
  targets: { employee_id: string; quarter: string; target_in_cents: number; currency: string };
  results: { employee_id: string; quarter: string; achieved_basis_points: number };
  recalculations: {
    employee_id: string;
    month: string;
    quarter: string;
    target_in_cents: number;
    achieved_basis_points: number;
    bonus_in_cents: number;
    currency: string;
    /** Who entered what was achieved, and why. */
    entered_by: string;
    reason: string;
    calculated_at: Generated<string>;
  };
}

/** Targets and results of each quarter, and the bonus they make. */
export const bonus = defineSystem<BonusTables>({
  name: 'bonus',
  title: 'Bonus',
  team: 'people',
  layer: 'state machine',
  migrations,
  routes(app, context) {
    addQuarters(app, context);
    addCalculations(app, context);
  },
});

type Db = Kysely<BonusTables>;

const quarterParams = z.object({ employeeId: employeeIdSchema, quarter: quarterSchema });

function addQuarters(app: ServiceApp, { db }: SystemContext<BonusTables>): void {
  const tags = ['targets and results'];
  app.put(
    '/employees/:employeeId/targets/:quarter',
    {
      schema: {
        operationId: 'putTarget',
        summary: "Enter or change a quarter's target bonus: what is paid for achieving all of it",
        tags,
        headers: idempotencyHeaders,
        params: quarterParams,
        body: targetSchema,
        response: { 200: targetSchema },
      },
    },
    (request, reply) =>
      answerOnce(db, request, reply, async (trx) => {
        const { employeeId, quarter } = request.params;
        const { target } = request.body;
        const row = { target_in_cents: target.amountInCents, currency: target.currency };
        await trx
          .insertInto('targets')
          .values({ employee_id: employeeId, quarter, ...row })
          .onConflict((conflict) => conflict.columns(['employee_id', 'quarter']).doUpdateSet(row))
          .execute();
        return { target };
      }),
  );
  app.get(
    '/employees/:employeeId/targets/:quarter',
    {
      schema: {
        operationId: 'getTarget',
        summary: "A quarter's target bonus",
        tags,
        params: quarterParams,
        response: { 200: targetSchema },
      },
    },
    async ({ params: { employeeId, quarter } }) => {
      const target = await targetOf(db, employeeId, quarter);
      if (target === undefined) throw new Problem(404, 'no-target', `${employeeId} has no target for ${quarter}.`);
      return { target };
    },
  );
  app.put(
    '/employees/:employeeId/results/:quarter',
    {
      schema: {
        operationId: 'putResult',
        summary: 'Enter or change what was achieved in a quarter',
        tags,
        headers: idempotencyHeaders,
        params: quarterParams,
        body: resultSchema,
        response: { 200: resultSchema },
      },
    },
    (request, reply) =>
      answerOnce(db, request, reply, async (trx) => {
        const { employeeId, quarter } = request.params;
        const { achievedBasisPoints } = request.body;
        const row = { achieved_basis_points: achievedBasisPoints };
        await trx
          .insertInto('results')
          .values({ employee_id: employeeId, quarter, ...row })
          .onConflict((conflict) => conflict.columns(['employee_id', 'quarter']).doUpdateSet(row))
          .execute();
        return { achievedBasisPoints };
      }),
  );
  app.get(
    '/employees/:employeeId/results/:quarter',
    {
      schema: {
        operationId: 'getResult',
        summary: 'What was achieved in a quarter',
        tags,
        params: quarterParams,
        response: { 200: resultSchema },
      },
    },
    async ({ params: { employeeId, quarter } }) => ({
      achievedBasisPoints: await resultOf(db, employeeId, quarter, 404),
    }),
  );
}

function addCalculations(app: ServiceApp, { db }: SystemContext<BonusTables>): void {
  const tags = ['bonuses'];
  app.get(
    '/employees/:employeeId/bonuses/:month',
    {
      schema: {
        operationId: 'calculateBonus',
        summary: 'Calculate the bonus paid in a month',
        description:
          'From target and results of the quarter before, which are in the answer. Nothing is kept. ' +
          'A target without results is refused: 422 results-missing.',
        tags,
        params: z.object({ employeeId: employeeIdSchema, month: monthSchema }),
        response: { 200: bonusSchema },
      },
    },
    ({ params: { employeeId, month } }) =>
      calculate(db, employeeId, month, (quarter) => resultOf(db, employeeId, quarter, 422)),
  );
  app.post(
    '/bonus-recalculations',
    {
      schema: {
        operationId: 'recalculateBonus',
        summary: "Calculate a month's bonus from an achievement entered by hand",
        description:
          "It holds for this calculation, kept with who entered it and why; the quarter's results stay. " +
          'Without a target there is no bonus, which is an answer that is not kept.',
        tags,
        headers: idempotencyHeaders,
        body: recalculationSchema,
        response: { 200: bonusSchema },
      },
    },
    (request, reply) =>
      answerOnce(db, request, reply, async (trx): Promise<CalculateBonusResult | NotKept<CalculateBonusResult>> => {
        const { employeeId, month, achievedBasisPoints, enteredBy, reason } = request.body;
        const calculated = await calculate(trx, employeeId, month, () => Promise.resolve(achievedBasisPoints));
        if (calculated.status === 'no-target') return { notKept: calculated };
        const { bonus: paid, quarter, targetBonus } = calculated;
        await trx
          .insertInto('recalculations')
          .values({
            employee_id: employeeId,
            month,
            quarter,
            target_in_cents: targetBonus.amountInCents,
            achieved_basis_points: achievedBasisPoints,
            bonus_in_cents: paid.amountInCents,
            currency: paid.currency,
            entered_by: enteredBy,
            reason,
          })
          .execute();
        return calculated;
      }),
  );
}

async function calculate(
  db: Db,
  employeeId: string,
  month: string,
  achievedIn: (quarter: string) => Promise<number>,
): Promise<CalculateBonusResult> {
  const quarter = quarterPaidIn(month);
  const targetBonus = await targetOf(db, employeeId, quarter);
  if (targetBonus === undefined) return { status: 'no-target' };
  const achievedBasisPoints = await achievedIn(quarter);
  const paid = bonusOf(month, targetBonus, achievedBasisPoints);
  return { status: 'calculated', bonus: paid, quarter, targetBonus, achievedBasisPoints };
}

async function targetOf(db: Db, employeeId: string, quarter: string): Promise<Money | undefined> {
  const row = await db
    .selectFrom('targets')
    .select(['target_in_cents', 'currency'])
    .where('employee_id', '=', employeeId)
    .where('quarter', '=', quarter)
    .executeTakeFirst();
  return row && { amountInCents: row.target_in_cents, currency: row.currency };
}

async function resultOf(db: Db, employeeId: string, quarter: string, statusWithout: 404 | 422): Promise<number> {
  const row = await db
    .selectFrom('results')
    .select('achieved_basis_points')
    .where('employee_id', '=', employeeId)
    .where('quarter', '=', quarter)
    .executeTakeFirst();
  if (row) return row.achieved_basis_points;
  throw new Problem(
    statusWithout,
    'results-missing',
    `${employeeId} has no results for ${quarter}: enter them with PUT /employees/${employeeId}/results/${quarter}.`,
  );
}
