import pino from 'pino';
import { startSystem } from '../../src/service/system';
import { testDatabase } from '../support/postgres';
import { testSystem, type TestedSystem } from '../support/system';
import { notes } from './notes';

let system: TestedSystem;

beforeAll(async () => {
  system = await testSystem(notes);
});
afterAll(() => system.stop());
beforeEach(async () => {
  await system.send('DELETE', '/faults');
  await system.sql('truncate notes, idempotent_requests');
});

let keys = 0;
const add = (text: string) => system.send('POST', '/notes', { text }, `key-${(keys += 1)}`);
const statuses = async (requests: number, text = 'one') => {
  const found: number[] = [];
  for (let n = 0; n < requests; n++) found.push((await add(text)).status);
  return found;
};
const count = async () => (await system.sql('select id from notes')).length;

test('given a rule for two times, then it hits two requests, before anything happens', async () => {
  await system.setFaults({ operation: 'addNote', when: 'before', status: 503, times: 2 });

  expect(await statuses(4)).toEqual([503, 503, 201, 201]);
  expect(await count()).toBe(2);
});

test('given a rule without end, then it hits until it is removed', async () => {
  await system.setFaults({ operation: 'addNote', when: 'before', status: 422, type: 'rule-broken' });

  expect(await statuses(3)).toEqual([422, 422, 422]);
  expect((await add('one')).body).toMatchObject({ type: 'urn:problem-type:whereabouts:rule-broken' });
  expect(await system.send('DELETE', '/faults')).toEqual({ status: 204, body: {} });
  expect(await statuses(1)).toEqual([201]);
});

test('given a rule for one value, then others are not hit', async () => {
  await system.setFaults({ operation: 'addNote', match: { text: 'two' }, when: 'before', status: 503 });

  expect(await statuses(1, 'one')).toEqual([201]);
  expect(await statuses(1, 'two')).toEqual([503]);
});

test('given a rule for a value of the path, then it hits that resource', async () => {
  const { body } = await add('one');
  await system.setFaults({ operation: 'changeNote', match: { id: Number(body['id']) }, when: 'before', status: 500 });

  expect((await system.send('PUT', `/notes/${String(body['id'])}`, { text: 'uno' })).status).toBe(500);
});

test('given a rule that hits after the effect, then the effect is there', async () => {
  await system.setFaults({ operation: 'addNote', when: 'after', status: 500, times: 1 });

  expect(await statuses(1)).toEqual([500]);
  expect(await count()).toBe(1);
});

test('given a connection that breaks before, then nothing happened', async () => {
  await system.setFaults({ operation: 'addNote', when: 'before', disconnect: true, times: 1 });

  await expect(add('one')).rejects.toThrow('fetch failed');
  expect(await count()).toBe(0);
});

test('given latency alone, then the answer is right', async () => {
  await system.setFaults({ operation: 'addNote', when: 'before', latencyMs: 30, times: 1 });

  expect(await statuses(1)).toEqual([201]);
  expect((await system.send('GET', '/faults')).body).toEqual({ rules: [] });
});

test('given many requests at once, then a rule for three times hits three', async () => {
  await system.setFaults({ operation: 'addNote', when: 'before', status: 503, times: 3 });

  const answers = await Promise.all(Array.from({ length: 12 }, () => add('one')));

  expect(answers.filter(({ status }) => status === 503)).toHaveLength(3);
});

test('given a restart, then rules and what is left of them are kept', async () => {
  await system.setFaults({ operation: 'addNote', match: { text: 'one' }, when: 'before', status: 503, times: 2 });
  await add('one');
  await system.restart();

  expect((await system.send('GET', '/faults')).body).toEqual({
    rules: [{ operation: 'addNote', match: { text: 'one' }, when: 'before', status: 503, times: 1 }],
  });
  expect(await statuses(2)).toEqual([503, 201]);
});

test('given a rule that says nothing to do, then it is refused', async () => {
  const answer = await system.send('PUT', '/faults', { rules: [{ operation: 'addNote', when: 'before' }] });

  expect(answer.body['errors']).toEqual([
    { field: 'rules.0.status', message: 'must have a status, disconnect or latencyMs' },
  ]);
});

test('given the switch is not enabled, then there is none', async () => {
  const database = await testDatabase();
  const { url, stop } = await startSystem(notes, { databaseUrl: database.url, log: pino({ level: 'silent' }) });

  expect((await fetch(`${url}/faults`)).status).toBe(404);
  await stop();
  await database.drop();
});
