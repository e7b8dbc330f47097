import { readsPlanOf, startReads, type ReadsInstallation } from './reads';

let installation: ReadsInstallation;
beforeAll(async () => {
  installation = await startReads();
}, 60_000);
afterAll(() => installation.stop());

/** Killed some milliseconds after a read was answered, and then some microseconds after one; some reads hang. */
const seed = 11;

test('whenever the worker is killed, each effect has its cause in the history and is one', async () => {
  const { wrong, lost } = await installation.run('readThenWrite', readsPlanOf(seed));

  expect(wrong).toEqual([]);
  expect(lost).toBeGreaterThan(0);
}, 120_000);

test('given an effect that is listed as a read, when the worker is killed during it, then it comes again with another cause', async () => {
  const plan = { hangsEvery: 0, kills: [{ at: 'write', count: 1 } as const] };

  const { wrong } = await installation.run('readThenWriteLocally', plan);

  expect(wrong).toContainEqual(expect.stringMatching(/ was sent with .* and with /));
  expect(wrong).toContainEqual(expect.stringMatching(/its cause .* is not in the history/));
}, 120_000);
