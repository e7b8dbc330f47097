import { getCase } from '../../src/kit/client';
import type { CaseRecord } from '../../src/kit/contract';
import { exampleChange, exampleFolder } from '../../src/platform/example';
import { startRows } from '../../src/platform/start-rows';
import { readTour } from '../../src/platform/tour';
import { play } from '../../src/platform/tour-play';
import { startCliApi, type CliApi } from '../cli/api/running';
import { until } from '../kit/fixtures/until';
import { testDatabase } from '../support/postgres';
import { startStack, type Stack } from '../support/stack';

jest.setTimeout(180_000);

let stack: Stack;
let api: CliApi;
let isTornDown = false;

beforeAll(async () => {
  const view = await testDatabase();
  stack = await startStack('dev', { viewUrl: view.url });
  api = await startCliApi(stack, view);
});
afterAll(async () => {
  await api.stop();
  if (!isTornDown) await stack.tearDown();
  await api.drop();
});

async function ask<Answer>(path: string): Promise<Answer> {
  const headers = { authorization: `Bearer ${api.environment.WHEREABOUTS_TOKEN}` };
  return (await (await fetch(`${api.url}${path}`, { headers })).json()) as Answer;
}

interface Cases {
  cases: (CaseRecord & { confirmed: boolean })[];
}

test("given the tour's cases, when everything but the view is stopped, then each is told over HTTP as it said itself", async () => {
  await (await exampleChange(stack.url)).apply();
  const rows = await startRows({ client: stack.client, systemUrl: stack.url }, `${exampleFolder}/employees.csv`);
  const caseIds = rows.flatMap((row) => ('caseId' in row ? [row.caseId] : []));
  const { script } = await readTour();
  await play(stack.client, caseIds, script, { say: () => undefined, signal: new AbortController().signal });
  const said = await Promise.all(caseIds.map((caseId) => getCase(stack.client, caseId)));
  await until(
    () => ask<Cases>('/api/cases?limit=200'),
    ({ cases }) => cases.filter(({ confirmed }) => confirmed).length === caseIds.length,
  );

  isTornDown = true;
  await stack.tearDown();

  expect(caseIds.length).toBeGreaterThanOrEqual(16);
  for (const { historyLength: _, build: __, ...record } of said) {
    const byId = await ask<Cases>(`/api/cases/${record.caseId}`);
    expect(byId).toMatchObject({ cases: [{ ...record, confirmed: true, partial: false }] });
    const [employee = ''] = record.keys.filter((key) => key.startsWith('employee:'));
    expect(await ask(`/api/cases?key=${employee}`)).toMatchObject({ cases: [{ caseId: record.caseId }] });
    expect(await ask(`/api/cases/${record.caseId}/history`)).toMatchObject({ steps: record.steps });
  }
});
