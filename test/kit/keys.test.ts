import { defaultTaskQueue, getCase, startCase } from '../../src/kit/client';
import { caseKeysAttribute } from '../../src/kit/contract';
import { ended, eventTypes, runKit, type RunningKit } from './fixtures/server';
import { until } from './fixtures/until';

let kit: RunningKit;
beforeAll(async () => (kit = await runKit('time-skipping')));
afterAll(() => kit.tearDown());

/** As Temporal numbers its events. */
const searchAttributesUpserted = '40';

const upserts = async (caseId: string) =>
  (await eventTypes(kit.client, caseId)).filter((type) => type === searchAttributesUpserted).length;

async function decideAndEnd(caseId: string) {
  await until(
    () => getCase(kit.client, caseId),
    ({ waitingFor }) => waitingFor.length > 0,
  );
  await kit.client.workflow.getHandle(caseId).signal('decide', { task: 'go', decision: 'approve', by: 'anna' });
  return ended(kit.client, caseId);
}

describe('adding business keys', () => {
  test('given a case with keys, then the new ones are on its record and on the server, each once', async () => {
    const input = [{ booking: 'B-1', order: 'O-1' }, { booking: 'B-1' }, { booking: 'B-2' }];
    await startCase(kit.client, { process: 'addsKeys', caseId: 'keys', keys: ['order:O-1'], input });

    const { keys, outcome } = await decideAndEnd('keys');

    const expected = ['order:O-1', 'booking:B-1', 'booking:B-2'];
    expect(keys).toEqual(expected);
    expect(outcome).toBe('found');
    const { searchAttributes } = await kit.client.workflow.getHandle('keys').describe();
    expect(searchAttributes[caseKeysAttribute]).toEqual(expected);
    expect(await upserts('keys')).toBe(2);
  });

  test('given a case started without any, then it is found by those added later', async () => {
    await startCase(kit.client, { process: 'addsKeys', caseId: 'no-keys', keys: [], input: [{ booking: 'B-3' }] });

    const { keys } = await decideAndEnd('no-keys');

    expect(keys).toEqual(['booking:B-3']);
    const { searchAttributes } = await kit.client.workflow.getHandle('no-keys').describe();
    expect(searchAttributes[caseKeysAttribute]).toEqual(['booking:B-3']);
  });

  test('given a workflow started without the search attributes, then the keys are on its record only', async () => {
    const options = { workflowId: 'bare', taskQueue: defaultTaskQueue, args: [[{ booking: 'B-4' }]] };
    await kit.client.workflow.start('addsKeys', options);

    const { status, keys } = await decideAndEnd('bare');

    expect({ status, keys }).toEqual({ status: 'completed', keys: ['booking:B-4'] });
    expect(await upserts('bare')).toBe(0);
  });
});
