import { Client, Connection } from '@temporalio/client';
import type { CaseRecord } from '../../src/kit/client';
import { mapVersion, type ProcessMap, type StepBlock } from '../../src/maps/process-map';
import { confirmCase } from '../../src/view/keep';
import { keepMaps } from '../../src/view/maps';
import { approvalBy, at, call, ended, record } from '../view/records';
import { runApi, type RunningApi } from './api';

let api: RunningApi;

const neverAsked = async (): Promise<never> => {
  throw new Error('a read starts nothing');
};

const step = (more: Partial<StepBlock> & { id: string }): StepBlock => ({
  kind: 'step',
  type: 'call',
  label: more.id,
  source: { file: 'order.ts', line: 1 },
  name: more.id,
  ...more,
});

/** Checks, has approved, ships unless it is a gift, and bills. */
const order = (label: string): ProcessMap => ({
  version: mapVersion,
  process: 'order',
  label,
  source: { file: 'order.ts', line: 1 },
  body: {
    kind: 'sequence',
    id: 'body',
    blocks: [
      step({ id: 'stock.check', system: 'stock' }),
      step({ id: 'approveBonus', type: 'task', role: 'manager' }),
      {
        kind: 'choice',
        id: 'if',
        label: 'Gift?',
        branches: [
          { label: 'yes', block: { kind: 'sequence', id: 'if/yes', blocks: [] } },
          { label: 'no', block: step({ id: 'shop.ship', label: 'Ship it', system: 'shop' }) },
        ],
      },
      step({ id: 'bills.send', label: 'Send the bill', system: 'bills' }),
    ],
  },
  handlers: [],
  flags: [],
});

const checked = { ...call('stock.check', 'done'), endedAt: at(9) };
const approval = approvalBy(['E-1005'], at(10));
const waiting = record('order-1', { process: 'order', ...approval, steps: [checked, ...(approval.steps ?? [])] });
const pinned = record('order-2', { process: 'order', build: 'b-2', steps: [checked] });

beforeAll(async () => {
  api = await runApi(new Client({ connection: Connection.lazy({ address: '127.0.0.1:1' }) }), {
    open: neverAsked,
    reopen: neverAsked,
  });
  await api.enter('operator', 'operator');
  await api.enter('E-1005', 'manager');
  await api.enter('E-1006', 'manager');
  await keepMaps(api.view.db, '', [order('Orders')]);
  for (const one of [waiting, pinned, record('order-3', { process: 'order', ...ended })]) await keep(one);
  await keep(record('trip-1', { process: 'trip' }));
});
afterAll(() => api.stop());

async function keep(one: CaseRecord): Promise<void> {
  await confirmCase(api.view.db, { record: one, runStartedAt: one.startedAt, confirmedAt: at(12) });
}

async function leftOf(caseId: string): Promise<unknown> {
  const { body } = await api.get('operator', `/api/cases/${caseId}`);
  return (body['cases'] as { left?: unknown }[])[0]?.left;
}

const mapOf = (query: string, person = 'operator') => api.get(person, `/api/processes/order/map${query}`);
const problemIn = ({ status, body: { type } }: Awaited<ReturnType<typeof mapOf>>) => [
  status,
  String(type).split(':').at(-1),
];

const left = {
  certain: [{ ids: ['bills.send'], name: 'bills.send', label: 'Send the bill', type: 'call', system: 'bills' }],
  possible: [{ ids: ['shop.ship'], name: 'shop.ship', label: 'Ship it', type: 'call', system: 'shop' }],
};

describe('what is left', () => {
  test('is told of an open case, what is certain and what is possible', async () => {
    expect(await leftOf('order-1')).toEqual(left);
  });

  test('is told in lists', async () => {
    const { body } = await api.get('operator', '/api/cases?process=order');
    const told = (body['cases'] as { caseId: string; left?: unknown }[]).map((one) => [one.caseId, one.left]);
    expect(new Map(told as [string, unknown][])).toEqual(
      new Map([
        ['order-1', left],
        ['order-2', undefined],
        ['order-3', undefined],
      ]),
    );
  });

  test('is not told of an ended case, nor where there is no map of the process in the build of its worker', async () => {
    expect(await leftOf('order-3')).toBeUndefined();
    expect(await leftOf('order-2')).toBeUndefined();
    expect(await leftOf('trip-1')).toBeUndefined();
  });

  test('says why it is not known where the case did not run as the map says', async () => {
    await keep(record('order-4', { process: 'order', steps: [call('stock.burn')] }));
    expect(await leftOf('order-4')).toMatchObject({
      certain: [],
      possible: [],
      unknown: expect.stringContaining('stock.burn/1') as string,
    });
    await api.view.db.deleteFrom('cases').where('case_id', '=', 'order-4').execute();
  });
});

describe('the map of a process', () => {
  test('is given as data', async () => {
    expect(await mapOf('')).toMatchObject({ status: 200, body: order('Orders') });
  });

  test('is given as Mermaid and as SVG', async () => {
    const mermaid = await textOf('operator', '/api/processes/order/map?format=mermaid');
    expect(mermaid).toMatch(/^flowchart/m);
    expect(mermaid).toContain('Send the bill');
    const svg = await textOf('operator', '/api/processes/order/map?format=svg');
    expect(svg).toMatch(/^<svg/);
  });

  test('given a case, then it is drawn on it, for those who may read the case', async () => {
    const plain = await textOf('operator', '/api/processes/order/map?format=mermaid');
    const drawn = await textOf('E-1005', '/api/processes/order/map?format=mermaid&case=order-1');
    expect(drawn).not.toBe(plain);
    expect(problemIn(await mapOf('?format=mermaid&case=order-1', 'E-1006'))).toEqual([404, 'unknown-case']);
    expect(problemIn(await mapOf('?case=trip-1'))).toEqual([422, 'other-process']);
    expect(problemIn(await mapOf('?case=order-2'))).toEqual([404, 'no-map']);
  });

  test('is that of a build, of the one that was kept last unless told', async () => {
    await keepMaps(api.view.db, 'b-2', [order('Orders, anew')]);
    expect(await mapOf('')).toMatchObject({ body: { label: 'Orders, anew' } });
    expect(await mapOf('?build=b-2')).toMatchObject({ body: { label: 'Orders, anew' } });
    expect(await mapOf('?case=order-1')).toMatchObject({ body: { label: 'Orders' } });
    expect(problemIn(await mapOf('?build=b-3'))).toEqual([404, 'no-map']);
  });

  test('given there is none, then it says what there is', async () => {
    const answer = await api.get('operator', '/api/processes/ordr/map');
    expect(problemIn(answer)).toEqual([404, 'no-map']);
    expect(answer.body['detail']).toContain('order');
    expect(problemIn(await mapOf('?format=png'))).toEqual([400, 'invalid-request']);
  });
});

async function textOf(person: string, path: string): Promise<string> {
  const { status, body } = await api.get(person, path);
  expect(status).toBe(200);
  return String(body['text']);
}
