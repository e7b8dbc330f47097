import { z } from 'zod';
import { answerOnce, idempotencyHeaders } from '../../service/idempotency';
import { Problem } from '../../service/problem';
import { monthSchema } from '../../service/schemas';
import { defineSystem, type SystemContext } from '../../service/system';
import type { ServiceApp } from '../../service/http';
import type { CalculateBaseResult } from './activities';
import { baseOf, refusals } from './domain';
import { migrations } from './migrations';
import {
  baseDataEntrySchema,
  baseSchema,
  employeeChangeSchema,
  employeeIdSchema,
  employeeSchema,
  keptBaseDataSchema,
  recordedSchema,
} from './schemas';
import {
  baseDataOf,
  currencyPaidIn,
  employeeById,
  employeeByName,
  putBaseData,
  putEmployee,
  type AccountingTables,
} from './store';

/** Employees, what they are paid for a month, and the salary base. */
export const accounting = defineSystem<AccountingTables>({
  name: 'accounting',
  title: 'Accounting',
  team: 'finance',
  layer: 'state machine',
  migrations,
  routes(app, context) {
    addEmployees(app, context);
    addBaseData(app, context);
    addBases(app, context);
  },
});

type Context = SystemContext<AccountingTables>;

const employeeParams = z.object({ employeeId: employeeIdSchema });
const monthParams = employeeParams.extend({ month: monthSchema });

function addEmployees(app: ServiceApp, { db }: Context): void {
  const tags = ['employees'];
  app.put(
    '/employees/:employeeId',
    {
      schema: {
        operationId: 'putEmployee',
        summary: 'Enter or change an employee',
        tags,
        headers: idempotencyHeaders,
        params: employeeParams,
        body: employeeChangeSchema,
        response: { 200: employeeSchema },
      },
    },
    (request, reply) =>
      answerOnce(db, request, reply, (trx) => putEmployee(trx, request.params.employeeId, request.body)),
  );
  app.get(
    '/employees/:employeeId',
    {
      schema: {
        operationId: 'getEmployee',
        summary: 'An employee by id',
        tags,
        params: employeeParams,
        response: { 200: employeeSchema },
      },
    },
    ({ params }) => employeeById(db, params.employeeId),
  );
  app.get(
    '/employees',
    {
      schema: {
        operationId: 'findEmployee',
        summary: 'The one employee with a full name',
        description:
          'Case and white space do not matter. 404 unknown-employee; 422 ambiguous-employee with the candidates.',
        tags,
        querystring: z.strictObject({ fullName: z.string().trim().min(1, 'must not be empty') }),
        response: { 200: employeeSchema },
      },
    },
    ({ query }) => employeeByName(db, query.fullName),
  );
}

function addBaseData(app: ServiceApp, { db }: Context): void {
  const tags = ['base data'];
  app.put(
    '/employees/:employeeId/base-data/:month',
    {
      schema: {
        operationId: 'recordBaseData',
        summary: 'Enter or change what an employee is paid for a month',
        description: '422 base-data-refused with every field that breaks a rule; then nothing is changed.',
        tags,
        headers: idempotencyHeaders,
        params: monthParams,
        body: baseDataEntrySchema,
        response: { 200: recordedSchema },
      },
    },
    (request, reply) =>
      answerOnce(db, request, reply, async (trx) => {
        const { employeeId, month } = request.params;
        const { baseData, enteredBy } = request.body;
        await employeeById(trx, employeeId);
        const paidIn = await currencyPaidIn(trx, employeeId, month);
        const errors = refusals(baseData, { month, ...(paidIn !== undefined && { paidIn }) });
        if (errors.length > 0) {
          const detail = errors.map(({ field, message }) => `${field} ${message}`).join('; ');
          throw new Problem(422, 'base-data-refused', `${detail}.`, { errors });
        }
        await putBaseData(trx, { employeeId, month, baseData, enteredBy });
        return { status: 'recorded' as const };
      }),
  );
  app.get(
    '/employees/:employeeId/base-data/:month',
    {
      schema: {
        operationId: 'getBaseData',
        summary: 'What an employee is paid for a month',
        tags,
        params: monthParams,
        response: { 200: keptBaseDataSchema },
      },
    },
    async ({ params: { employeeId, month } }) => {
      await employeeById(db, employeeId);
      const kept = await baseDataOf(db, employeeId, month);
      if (kept === undefined)
        throw new Problem(404, 'missing-base-data', `${employeeId} has no base data for ${month}.`);
      return kept;
    },
  );
}

function addBases(app: ServiceApp, { db }: Context): void {
  app.get(
    '/employees/:employeeId/bases/:month',
    {
      schema: {
        operationId: 'calculateBase',
        summary: 'Calculate the salary base of a month',
        description: 'From the base data of the month, which is in the answer. Nothing is kept.',
        tags: ['bases'],
        params: monthParams,
        response: { 200: baseSchema },
      },
    },
    async ({ params: { employeeId, month } }): Promise<CalculateBaseResult> => {
      await employeeById(db, employeeId);
      const kept = await baseDataOf(db, employeeId, month);
      if (kept === undefined) return { status: 'missing-base-data' };
      const { baseData } = kept;
      return { status: 'calculated', base: baseOf(baseData, month), baseData };
    },
  );
}
