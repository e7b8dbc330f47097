import { writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import { endAll } from '../support/salary';
import { startStack, type Stack } from '../support/stack';
import { fileOf, scenarios } from './scenarios';

/**
 * Records the histories that `test/processes/replay.test.ts` replays, on a real server: `npm run histories`, or
 * `npm run histories -- -t "<scenario>"` for one. Each stands for cases that may be running somewhere and have to go on
 * with changed workflow code (`patched` or worker versioning). So record when a scenario is added, and anew only when no
 * case can be left that began before the change. Until the first release a change may break the replay: then raise
 * `layout` in `src/platform/data-dir.ts`, so that kept cases of before are refused, and record all anew.
 */
let stack: Stack;
beforeAll(async () => {
  stack = await startStack('dev');
});
afterEach(() => endAll(stack));
afterAll(() => stack.tearDown());

test.each(Object.entries(scenarios))('%s', async (name, scenario) => {
  const caseId = await scenario(stack);

  const history = await stack.client.workflow.getHandle(caseId).fetchHistory();

  const file = join(__dirname, fileOf(name));
  await writeFile(file, `${JSON.stringify(JSON.parse(historyToJSON(history), withoutTraces), undefined, 1)}\n`);
});

/** Leaves out where a history was recorded: the process and machine of the worker, and stack traces. */
function withoutTraces(key: string, value: unknown): unknown {
  if (key === 'stackTrace') return '';
  return typeof value === 'string' ? value.replaceAll(`${process.pid}@${hostname()}`, 'recorder') : value;
}
