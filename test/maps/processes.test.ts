import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils';
import { bundleWorkflowCode, DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import type { CaseRecord } from '../../src/kit/client';
import { whereabouts } from '../../src/kit/worker';
import { findingsIn } from '../../src/maps/check';
import { childrenOf } from '../../src/maps/blocks';
import type { Block, ProcessMap, StepBlock } from '../../src/maps/process-map';
import { packageRoot } from '../../src/platform/package';
import { extractMaps } from '../../src/platform/process-maps';
import { processes } from '../../src/processes/catalogue';
import { docsFile, docsWithMap, schemaFile, schemaNow } from './docs';
import { mustBeOnMap } from '../support/on-map';

Runtime.install({
  logger: new DefaultLogger('ERROR', () => undefined),
  telemetryOptions: { logging: { filter: 'ERROR', forward: {} } },
});

const folder = join(__dirname, '..', 'histories');
const recorded = readdirSync(folder).filter((file) => file.endsWith('.json'));

let maps: ProcessMap[];
let workflowBundle: { code: string };
beforeAll(async () => {
  maps = extractMaps();
  workflowBundle = await bundleWorkflowCode({
    workflowsPath: require.resolve('../../src/processes/workflows'),
    workflowInterceptorModules: [require.resolve('./records-in-replay')],
    plugins: [whereabouts()],
  });
});

test('every process has a map, on which nothing is flagged or dangerous', () => {
  expect(maps.map((map) => map.process).sort()).toEqual(processes.map(({ workflow }) => workflow).sort());
  expect(findingsIn(maps, packageRoot)).toEqual([]);
});

test('the documents tell the maps as they are: npm run maps:docs', () => {
  expect(readFileSync(schemaFile, 'utf8')).toBe(schemaNow());
  const docs = readFileSync(docsFile, 'utf8');
  expect(docsWithMap(docs)).toBe(docs);
});

test('every call on a map has a system with its team, and what waits for one role alone names it', () => {
  const steps = maps.flatMap((map) => [map.body, ...map.handlers.map(({ body }) => body)]).flatMap(stepsIn);

  const calls = steps.filter(({ type }) => type === 'call' || type === 'alert');
  expect(calls.filter(({ system, team }) => system === undefined || !team)).toEqual([]);
  const tasks = steps.filter(({ type }) => type === 'task').map(({ name, role }) => [name, role]);
  expect(Object.fromEntries(tasks)).toEqual({
    enterBaseData: 'accountant',
    // Who approves is a setting.
    approveBonus: undefined,
    enterAchievement: 'office manager',
  });
});

function stepsIn(block: Block): StepBlock[] {
  return [...(block.kind === 'step' ? [block] : []), ...childrenOf(block).flatMap(stepsIn)];
}

test.each(recorded)('the run of %s is on the map', async (file) => {
  await mustBeOnMap(await recordOf(readFileSync(join(folder, file), 'utf8')));
});

/** What the case told of itself, as the workflow code of now does over its history. */
async function recordOf(json: string): Promise<CaseRecord> {
  const history = historyFromJSON(JSON.parse(json));
  const workflowId = String(history.events?.[0]?.workflowExecutionStartedEventAttributes?.workflowId);
  let last: CaseRecord | undefined;
  const fn = (_: unknown, record: CaseRecord) => {
    last = record;
  };
  const sinks = { records: { tell: { fn, callDuringReplay: true } } };
  const options = { workflowBundle, plugins: [whereabouts()], sinks };
  for await (const { error } of Worker.runReplayHistories(options, [{ workflowId, history }])) if (error) throw error;
  if (!last) throw new Error('the replay told nothing');
  return last;
}
