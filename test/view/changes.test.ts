import type { CaseRecord } from '../../src/kit/client';
import type { View } from '../../src/view/database';
import { atOneMoment, changesAfter, endOfChanges, fittingAmong, type Place } from '../../src/view/changes';
import { askSoon } from '../../src/view/due';
import { applyReports, confirmCase } from '../../src/view/keep';
import { until } from '../kit/fixtures/until';
import { endOfAllChanges } from './all-changes';
import { answerOf, approvalBy, at, call, ended, record, reportOf } from './records';
import { testView } from './test-view';

let view: View;

beforeAll(async () => {
  view = await testView();
});
afterAll(() => view.close());

const confirm = (one: CaseRecord, confirmedAt?: string) => confirmCase(view.db, answerOf(one, confirmedAt));

/** Whoever is told of changes: each call goes on where the one before ended. */
function reader(limit = 100) {
  let place: Place | undefined;
  return async () => {
    const from = place ?? (await endOfAllChanges(view.db));
    return atOneMoment(view.db, async (moment) => {
      const end = await endOfChanges(moment);
      const changes = await changesAfter(moment, from, end, limit);
      place = changes.length === limit ? changes.at(-1)?.place : end;
      return changes.map(({ changed }) => changed.record.caseId);
    });
  };
}

/** Reads until nothing of this database is left out; other transactions of the server may hold the end up. */
async function readAll(read: () => Promise<string[]>, last: string): Promise<string[]> {
  const all: string[] = [];
  await until(
    async () => all.push(...(await read())),
    () => all.includes(last),
  );
  return all;
}

test('given a case that changed, is confirmed and asked again, then it has changed once', async () => {
  const read = reader();
  await read();
  const one = record('confirmed', { steps: [call('bonus.calculateBonus')] });

  await applyReports(view.db, [reportOf(one)]);
  expect(await readAll(read, 'confirmed')).toEqual(['confirmed']);

  await confirm({ ...one, historyLength: 11, build: 'b2' }, new Date(Date.now() + 1_000).toISOString());
  await askSoon(view.db, ['confirmed']);
  await confirm(record('another'));
  expect(await readAll(read, 'another')).toEqual(['another']);
});

test('given a case that has ended, then it is told again once that is confirmed', async () => {
  const read = reader();
  await read();
  const one = record('ended', { ...ended });

  await applyReports(view.db, [reportOf(one)]);
  await confirm(one, new Date(Date.now() + 1_000).toISOString());
  await confirm(one, new Date(Date.now() + 2_000).toISOString());
  expect(await readAll(read, 'ended')).toEqual(['ended']);

  await applyReports(view.db, [reportOf({ ...one, caseId: 'ended now' })]);
  await readAll(read, 'ended now');
  await confirm({ ...one, caseId: 'ended now' }, new Date(Date.now() + 1_000).toISOString());
  expect(await readAll(read, 'ended now')).toEqual(['ended now']);
});

test('given transactions that commit in another order than they began, then no change is missed', async () => {
  const read = reader();
  await read();
  await view.db.transaction().execute(async (stillOpen) => {
    await confirmCase(stillOpen, answerOf(record('began first')));
    await confirm(record('committed first'));
    expect(await read()).toEqual([]);
  });
  await confirm(record('last'));

  expect(await readAll(read, 'last')).toEqual(['began first', 'committed first', 'last']);
});

test('given many changes of the same transaction, then pages of them miss and double none', async () => {
  const read = reader(2);
  await read();
  const ids = ['p1', 'p2', 'p3', 'p4', 'p5'];
  await applyReports(
    view.db,
    ids.map((id) => reportOf(record(id))),
  );
  await confirm(record('after'));

  expect((await readAll(read, 'after')).sort()).toEqual(['after', ...ids]);
});

test('of cases that changed those fit that a search finds, and no other is looked at', async () => {
  await confirm(record('fits', { keys: ['employee:E-7'], ...approvalBy(['E-1005'], at(9)) }));
  await confirm(record('fits not', { keys: ['employee:E-7'], ...ended }));
  await confirm(record('never fitted', { keys: ['employee:E-8'], ...approvalBy(['E-1005'], at(9)) }));
  await confirm(record('may not be told', { keys: ['employee:E-7'] }));
  const manager = { keys: ['employee:E-7'], processes: [], person: 'E-1005', roles: ['manager'] };
  const search = { key: 'E-7', text: 'approve', person: 'E-1005', status: 'open' as const };
  const ids = ['fits', 'fits not', 'never fitted'];

  const fitting = await atOneMoment(view.db, (moment) => fittingAmong(moment, ids, search, manager));

  expect(Object.fromEntries(fitting)).toEqual({ fits: true, 'fits not': false });
  const others = { ...manager, keys: [], person: 'E-1', roles: [] };
  expect(await atOneMoment(view.db, (moment) => fittingAmong(moment, ids, {}, others))).toEqual(new Map());
});
