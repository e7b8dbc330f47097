import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import fc from 'fast-check';
import { sql } from 'kysely';
import { Client as PgClient } from 'pg';
import type { CaseRecord } from '../../src/kit/client';
import { applyReports, confirmCase } from '../../src/view/keep';
import { until } from '../kit/fixtures/until';
import { newsFor } from '../../src/api/news';
import { atOneMoment } from '../../src/view/changes';
import { endOfAllChanges } from '../view/all-changes';
import { approvalBy, at, call, ended, record } from '../view/records';
import { runApi, type RunningApi } from './api';
import { listen, type Listening, type Told } from './listening';

const neverAsked = async (): Promise<never> => {
  throw new Error('the stream starts nothing');
};

let api: RunningApi;
const streams: Listening[] = [];

beforeAll(async () => {
  const client = new Client({ connection: Connection.lazy({ address: '127.0.0.1:1' }) });
  api = await runApi(client, { open: neverAsked, reopen: neverAsked }, { askAgainEvery: 200 });
  await api.enter('operator', 'operator');
  await api.enter('admin', 'administrator');
  await api.enter('E-1001', 'employee');
  await api.enter('E-1005', 'manager');
});
afterEach(() => {
  for (const stream of streams.splice(0)) stream.leave();
});
afterAll(() => api.stop());

async function follow(person: string, query = '', from?: string): Promise<Listening> {
  const headers = { ...api.as(person), ...(from !== undefined && { 'last-event-id': from }) };
  const stream = await listen(`${api.url}/api/stream?${query}`, headers);
  streams.push(stream);
  return stream;
}

/** A stream of what changes from now on. */
async function followNow(person: string, query = ''): Promise<Listening> {
  await endOfAllChanges(api.view.db);
  const stream = await follow(person, query);
  await until(
    () => stream.told.map(({ event }) => event),
    ([first]) => first === 'ready',
  );
  stream.told.length = 0;
  return stream;
}

const keep = (one: CaseRecord) =>
  confirmCase(api.view.db, { record: one, runStartedAt: one.startedAt, confirmedAt: new Date().toISOString() });

const inShort = ({ told }: Listening) => told.map(({ event, data }) => [event, data['caseId']]);

const when = (stream: Listening, caseId: string) =>
  until(
    () => inShort(stream),
    (told) => told.some(([, id]) => id === caseId),
  );

test('a case that changes is told as in a list, with an id to resume from, and no confirmation of it', async () => {
  const stream = await followNow('operator');
  const one = record('told', { keys: ['employee:E-1001'], ...approvalBy(['E-1005'], at(9)) });

  await keep(one);
  await when(stream, 'told');
  await keep({ ...one, historyLength: 12 });
  await keep(record('after'));
  await when(stream, 'after');

  expect(stream.headers).toMatchObject({ 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  expect(inShort(stream)).toEqual([
    ['case', 'told'],
    ['case', 'after'],
  ]);
  const { body } = await api.get('operator', '/api/cases?text=told');
  const [{ asOf: _, ...listed }] = body['cases'] as [Record<string, unknown>];
  expect(stream.told[0]?.data).toMatchObject({ ...listed, historyLength: 9 });
});

test('given a stream that was left, then it resumes where it was, with each case as it is by then', async () => {
  const before = await followNow('operator');
  await keep(record('resumed 1'));
  await when(before, 'resumed 1');
  before.leave();
  await keep(record('resumed 2'));
  await keep(record('resumed 1', { ...ended }));
  await keep(record('resumed 3'));
  await endOfAllChanges(api.view.db);

  const byHeader = await follow('operator', '', before.lastId());
  const byQuery = await follow('operator', `since=${before.lastId()}`);

  for (const stream of [byHeader, byQuery]) {
    await until(
      () => inShort(stream).map(([event]) => event),
      (events) => events.includes('ready'),
    );
    expect(inShort(stream)).toEqual([
      ['case', 'resumed 2'],
      ['case', 'resumed 1'],
      ['case', 'resumed 3'],
      ['ready', undefined],
    ]);
    expect(stream.told[1]?.data).toMatchObject({ status: 'completed' });
  }
});

test.each([
  ['since=yesterday', undefined, 400],
  ['limit=3', undefined, 400],
  ['status=done', undefined, 400],
  ['', '1', 400],
  ['', '9223372036854775807-0', 200],
])('given %s and the header %s, then the answer is %d', async (query, from, status) => {
  const stream = await follow('operator', query, from);

  expect(stream.status).toBe(status);
  if (status === 200) {
    await until(
      () => inShort(stream).map(([event]) => event),
      (events) => events.join() === 'reset,ready',
    );
  }
});

test('given a search, then a case that does not fit it any more is gone, and one that never did is not told', async () => {
  const stream = await followNow('operator', 'process=salary&status=waiting&person=E-1005');
  const open = record('searched', approvalBy(['E-1005'], at(9)));
  await keep(open);
  await keep(record('elsewhere', { process: 'order', ...approvalBy(['E-1005'], at(9)) }));
  await when(stream, 'searched');
  await keep({ ...open, ...ended, steps: [], waitingFor: [], historyLength: 20 });
  await keep(record('last searched', approvalBy(['E-1005'], at(9))));
  await when(stream, 'last searched');

  expect(inShort(stream)).toEqual([
    ['case', 'searched'],
    ['gone', 'searched'],
    ['case', 'last searched'],
  ]);
});

test('given the id of a case, then it alone is told', async () => {
  const stream = await followNow('operator', 'caseId=wanted');
  await keep(record('another', approvalBy(['E-1005'], at(9))));
  await keep(record('wanted', approvalBy(['E-1005'], at(9))));
  await when(stream, 'wanted');

  expect(inShort(stream)).toEqual([['case', 'wanted']]);
});

test('given people who may read some cases, then they are told of these alone', async () => {
  const [employee, manager] = [await followNow('E-1001'), await followNow('E-1005')];
  await keep(record('foreign', { keys: ['employee:E-1009'] }));
  await keep(record('of the employee', { keys: ['employee:E-1001'] }));
  await keep(record('of both', { keys: ['employee:E-1001'], ...approvalBy(['E-1005'], at(9)) }));
  await Promise.all([employee, manager].map((stream) => when(stream, 'of both')));

  expect(inShort(employee).map(([, id]) => id)).toEqual(['of the employee', 'of both']);
  expect(inShort(manager).map(([, id]) => id)).toEqual(['of both']);
});

test('given nobody, then nothing is told', async () => {
  expect((await listen(`${api.url}/api/stream`, {})).status).toBe(401);
  expect((await api.send('operator', 'HEAD', '/api/stream')).status).toBe(404);
});

const histories = fc.record({
  /** Which case goes on, again and again. */
  writes: fc.array(fc.nat(7), { minLength: 60, maxLength: 90 }),
  /** For how long the reader stays, time after time. */
  stays: fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 6, maxLength: 6 }),
});
let runs = 0;

test('given many writers at once and a reader who leaves and resumes, then nothing is missed, doubled or out of order', async () => {
  await fc.assert(
    fc.asyncProperty(histories, async ({ writes, stays }) => {
      const process = `seeded ${(runs += 1)}`;
      const query = `process=${process}`;
      let stream = await followNow('operator', query);
      let from = stream.lastId();
      const told: Told[] = [];
      const leave = async () => {
        stream.leave();
        await stream.ended;
        from = stream.lastId() ?? from;
        told.push(...stream.told);
      };

      const written = writeAtOnce(process, writes);
      for (const stay of stays) {
        await sleep(stay);
        await leave();
        stream = await follow('operator', query, from);
      }
      await written;
      await keep(record(`${process} last`, { process }));
      await when(stream, `${process} last`);
      await leave();

      const cases = told.filter(({ event }) => event === 'case');
      expect(Object.fromEntries(cases.map(({ id, data }) => [data['caseId'], id]))).toEqual(await lastChanges(process));
      const places = cases.map(({ id }) => Number(id.split('-')[0]));
      expect(places).toEqual([...places].sort((one, other) => one - other));
      expect(new Set(cases.map(({ id }) => id)).size).toBe(cases.length);
    }),
    { numRuns: 3, endOnFailure: true },
  );
});

/** Eight at a time report that the cases of these numbers go on. */
async function writeAtOnce(process: string, numbers: number[]): Promise<void> {
  const queue = numbers.map((number, index) => ({ number, historyLength: index + 1 }));
  const writer = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const { number, historyLength } = next;
      const { steps: _, ...rest } = record(`${process} ${number}`, { process, historyLength });
      const changed = [{ ...call('a.b'), title: `after ${historyLength} events` }];
      await applyReports(api.view.db, [{ ...rest, changed, taskQueue: 'any', runStartedAt: rest.startedAt }]);
    }
  };
  await Promise.all(Array.from({ length: 8 }, writer));
}

/** The cases of the process with the id of the last change of each. */
async function lastChanges(process: string): Promise<Record<string, string>> {
  const rows = await api.view.db
    .selectFrom('changes')
    .innerJoin('cases', 'cases.case_id', 'changes.case_id')
    .select(['changes.case_id', 'changed_in', 'number'])
    .where('process', '=', process)
    .execute();
  return Object.fromEntries(
    rows.map(({ case_id: id, changed_in: transaction, number }) => [id, `${transaction}-${number}`]),
  );
}

const textOf = ([query]: unknown[]) => (query as { text?: string }).text ?? String(query);

test('given fifty streams, then one look is for all, and those who want the same share an answer', async () => {
  const all = await Promise.all([
    ...Array.from({ length: 25 }, () => followNow('operator', 'process=salary')),
    ...Array.from({ length: 25 }, () => followNow('E-1001')),
  ]);
  const asked = jest.spyOn(PgClient.prototype, 'query');
  await keep(record('for all', { keys: ['employee:E-1001'] }));
  await Promise.all(all.map((stream) => when(stream, 'for all')));
  const texts = asked.mock.calls.map(textOf);
  asked.mockRestore();
  const howMany = (pattern: RegExp) => texts.filter((text) => pattern.test(text)).length;

  expect(howMany(/^with "keys" as/)).toBe(2);
  expect(howMany(/from "changes"/)).toBeLessThanOrEqual(howMany(/LOCK TABLE cases/));
  expect(all.map(inShort)).toEqual(all.map(() => [['case', 'for all']]));
});

test('given the view cannot be read for a while, then streams go on when it can, and nothing is missed', async () => {
  const stream = await followNow('operator');
  const asked = jest.spyOn(PgClient.prototype, 'query');
  await sql`ALTER TABLE changes RENAME TO away`.execute(api.view.db);
  await until(
    () => asked.mock.calls.map(textOf),
    (texts) => texts.some((text) => text.startsWith('LOCK TABLE cases')),
  );
  asked.mockRestore();
  await sql`ALTER TABLE away RENAME TO changes`.execute(api.view.db);
  await keep(record('after the trouble'));
  await when(stream, 'after the trouble');

  expect(inShort(stream)).toEqual([['case', 'after the trouble']]);
});

test('given a person who is given another role, then the list is to be read anew; once disabled, the stream ends', async () => {
  await api.enter('E-1006', 'employee');
  const stream = await followNow('E-1006');
  const change = (fields: object) => api.send('admin', 'PATCH', '/api/people/E-1006', { body: fields });

  expect(await change({ roles: ['employee', 'operator'] })).toMatchObject({ status: 200 });
  await until(
    () => inShort(stream),
    ([first]) => first?.[0] === 'reset',
  );
  await keep(record('now of theirs'));
  await when(stream, 'now of theirs');

  await change({ disabled: true });
  await stream.ended;
  expect((await follow('E-1006')).status).toBe(401);
});

test('given a reader who takes nothing, then they are ended, and resume where they were', async () => {
  const sockets: Socket[] = [];
  api.app.server.on('connection', (socket) => sockets.push(socket));
  const stream = await followNow('operator', 'process=heavy');
  const { localPort } = stream.response.socket;
  const socket = sockets.find(({ remotePort }) => remotePort === localPort);
  stream.response.socket.pause();
  const { waitingFor = [], ...more } = approvalBy(['E-1005'], at(9));
  const shows = 'x'.repeat(200_000);
  const ids = Array.from({ length: 60 }, (_, number) => `heavy ${number}`);
  for (const id of ids) {
    await keep(record(id, { process: 'heavy', ...more, waitingFor: waitingFor.map((task) => ({ ...task, shows })) }));
  }

  await until(
    () => socket?.destroyed,
    (isEnded) => isEnded === true,
  );
  stream.response.socket.resume();
  await stream.ended;
  const resumed = await follow('operator', 'process=heavy', stream.lastId());
  await when(resumed, 'heavy 59');
  expect([...stream.told, ...resumed.told].map(({ data }) => data['caseId']).filter((id) => id !== undefined)).toEqual(
    ids,
  );
});

test('given a search that fails, then its listener alone is told nothing', async () => {
  const place = await endOfAllChanges(api.view.db);
  await keep(record('told to others'));
  const end = await endOfAllChanges(api.view.db);
  const wanted = (search: object) => ({ query: search, search: () => search, readable: 'all' as const, place });
  const all = [wanted({ startedBefore: '+010000-01-01T00:00:00.000Z' }), wanted({})];

  const [failed, told] = await atOneMoment(api.view.db, (moment) => newsFor(moment, all));

  expect(end).not.toEqual(place);
  expect(String(failed?.failure)).toContain('out of range');
  expect(String(told?.events)).toContain('told to others');
});

test('given as many streams of a person as there may be, then one more is refused, and none of another', async () => {
  await api.enter('E-1007', 'employee');
  const all = await Promise.all(Array.from({ length: 100 }, () => follow('E-1007')));

  expect(all.map(({ status }) => status)).toEqual(all.map(() => 200));
  expect((await follow('E-1007')).status).toBe(429);
  expect((await follow('operator')).status).toBe(200);
});

test('given the server closes, then streams end as they should and do not hold it up', async () => {
  const all = await Promise.all([followNow('operator'), follow('E-1005'), follow('E-1001', 'status=open')]);

  await api.app.close();
  await Promise.all(all.map(({ ended: over }) => over));

  expect(all.map(({ response }) => response.complete)).toEqual([true, true, true]);
});
