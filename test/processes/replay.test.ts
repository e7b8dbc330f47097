import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { whereabouts } from '../../src/kit/worker';
import { bundleWorkflows } from '../../src/platform/workflow-bundle';
import { fileOf, scenarios } from '../histories/scenarios';

Runtime.install({
  logger: new DefaultLogger('ERROR', () => undefined),
  telemetryOptions: { logging: { filter: 'ERROR', forward: {} } },
});

const folder = join(__dirname, '..', 'histories');
const recorded = readdirSync(folder).filter((file) => file.endsWith('.json'));
const read = (file: string) => readFileSync(join(folder, file), 'utf8');

let workflowBundle: { code: string };
beforeAll(async () => {
  workflowBundle = await bundleWorkflows();
});

/** Why the history cannot be replayed with the workflow code as it is now; nothing when it can. */
async function refusalOf(json: string): Promise<Error | undefined> {
  const history = historyFromJSON(JSON.parse(json));
  const workflowId = String(history.events?.[0]?.workflowExecutionStartedEventAttributes?.workflowId);
  const replays = Worker.runReplayHistories({ workflowBundle, plugins: [whereabouts()] }, [{ workflowId, history }]);
  for await (const { error } of replays) return error;
  throw new Error('nothing was replayed');
}

test('every scenario is recorded', () => {
  expect(recorded).toEqual(expect.arrayContaining(Object.keys(scenarios).map(fileOf)));
});

test.each(recorded)('%s replays', async (file) => {
  expect(await refusalOf(read(file))).toBeUndefined();
});

test('a history in which base and bonus changed places does not', async () => {
  const inPlaceOf: Record<string, string> = {
    '"accounting.calculateBase"': '"bonus.calculateBonus"',
    '"bonus.calculateBonus"': '"accounting.calculateBase"',
  };
  const swapped = (text: string) =>
    text.replaceAll(/"[a-z]+\.calculate[A-Z][a-z]+"/g, (name) => inPlaceOf[name] ?? name);
  const json = read('paid.json');

  const changed = json.replaceAll(/(?<="data": ")[^"]+/g, (payload) =>
    Buffer.from(swapped(Buffer.from(payload, 'base64').toString())).toString('base64'),
  );

  expect(changed).not.toBe(json);
  expect((await refusalOf(changed))?.name).toBe('DeterminismViolationError');
});
