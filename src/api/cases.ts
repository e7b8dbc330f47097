import { z } from 'zod';
import type { ServiceApp } from '../service/http';
import { mapsOfCases } from '../view/maps';
import { readCases, readOpen, type KnownCase } from '../view/read';
import { searchAndCount } from '../view/search';
import { foundOf } from '../view/watch';
import { caseFor, unknownCase } from './access';
import { forecastOf } from './forecast';
import { leftOfCases } from './left';
import { asSearch, caseId, given, searchQuery, wrongCursor } from './params';
import { readable } from './rules';
import { casePageSchema, casesSchema, historySchema } from './schemas';
import type { ApiParts } from './server';

const tags = ['cases'];
const config = { allows: ['read', 'Case'] } as const;

/** The routes that say where cases are. */
export function addCases(app: ServiceApp, { view, teams }: ApiParts): void {
  const leftOf = leftOfCases(mapsOfCases(view));
  app.get(
    '/api/cases',
    {
      config,
      schema: {
        operationId: 'searchCases',
        summary: 'Cases by key, text, process, status, what they are at and whom they wait for',
        tags,
        querystring: searchQuery,
        response: { 200: casePageSchema },
      },
    },
    async ({ query: { order, limit, cursor, ...fields }, person }) => {
      const search = asSearch(fields, teams);
      const page = given({ order, limit, cursor });
      const { cases, ...more } = await searchAndCount(view, search, page, readable(person)).catch(wrongCursor);
      const open = await readOpen(
        view,
        cases.map(({ record }) => record.caseId),
      );
      const told = cases.map(async ({ record, ...age }) => {
        const whole = open.get(record.caseId);
        return { ...record, ...age, ...(whole && (await leftOf(whole))) };
      });
      return { cases: await Promise.all(told), ...more };
    },
  );
  app.get(
    '/api/cases/:id',
    {
      config,
      schema: {
        operationId: 'readCases',
        summary: 'The case of an id; else the newest cases with that business key, at most 100',
        tags,
        params: z.object({ id: caseId.describe('`salary-E-1001-2026-11`, `employee:E-1001` or `E-1001`') }),
        response: { 200: casesSchema },
      },
    },
    async ({ params: { id }, person }) => {
      const cases = await readCases(view, id, readable(person));
      if (cases.length === 0) throw await unknownCase(view, person, id);
      const [found, forecast, left] = await Promise.all([
        foundOf(
          view,
          cases.map(({ record }) => record.caseId),
        ),
        forecastOfOne(view, cases),
        Promise.all(cases.map(({ record }) => leftOf(record))),
      ]);
      return {
        cases: cases.map(({ record, ...age }, index) => ({
          ...record,
          ...age,
          watch: found.get(record.caseId) ?? [],
          ...forecast,
          ...left[index],
        })),
      };
    },
  );
  app.get(
    '/api/cases/:id/history',
    {
      config,
      schema: {
        operationId: 'readHistory',
        summary: 'All steps of a case in order',
        tags,
        params: z.object({ id: caseId }),
        response: { 200: historySchema },
      },
    },
    async ({ params: { id }, person }) => {
      const { record, ...age } = await caseFor(view, person, 'read', id);
      const { steps, stepsNotRecorded } = record;
      return { caseId: id, steps, stepsNotRecorded, ...age };
    },
  );
}

/** For several cases it would take too long. */
async function forecastOfOne(view: ApiParts['view'], [one, other]: KnownCase[]) {
  return one && !other && one.record.endedAt === undefined && { forecast: await forecastOf(view, one.record) };
}
