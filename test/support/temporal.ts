import type { ClientPlugin, ConnectionPlugin } from '@temporalio/client';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import type { NativeConnectionPlugin } from '@temporalio/worker';
import { caseKeysAttribute, caseProcessAttribute } from '../../src/kit/contract';
import { devServerOptions } from '../../src/platform/temporal-server';
import { fromSetup } from './from-setup';

type Plugins = (ClientPlugin | ConnectionPlugin | NativeConnectionPlugin)[];

/** Values of `IndexedValueType` in Temporal's API. */
const keyword = 2;
const keywordList = 7;

function programFrom(variable: string): { type: 'existing-path'; path: string } {
  return { type: 'existing-path', path: fromSetup(variable) };
}

/**
 * A server that skips time while the test waits for a result, with our search attributes. Plugins reach its client and
 * its workers. It serves one test at a time; tear it down in `afterAll` or `finally`.
 */
export async function timeSkipping(plugins: Plugins = []): Promise<TestWorkflowEnvironment> {
  const environment = await TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: programFrom('TEST_TEMPORAL_TEST_SERVER') },
    plugins,
  });
  await environment.connection.operatorService.addSearchAttributes({
    namespace: environment.namespace ?? 'default',
    searchAttributes: { [caseProcessAttribute]: keyword, [caseKeysAttribute]: keywordList },
  });
  return environment;
}

/**
 * The development server as `whereabouts up` runs it, with its state in memory, and further options of its command line.
 * Plugins as in {@link timeSkipping}.
 */
export async function devServer(plugins: Plugins = [], options: string[] = []): Promise<TestWorkflowEnvironment> {
  return TestWorkflowEnvironment.createLocal({
    server: { executable: programFrom('TEST_TEMPORAL_CLI'), extraArgs: [...devServerOptions, ...options] },
    plugins,
  });
}
