import { resolve } from 'node:path';
import { ESLint, type Linter } from 'eslint';

const root = resolve(__dirname, '../..');
const rules = ['boundaries/dependencies', '@typescript-eslint/no-restricted-imports'];
const { default: config } = jest.requireActual<{ default: Linter.Config[] }>('../../eslint.config.mjs');
const eslint = new ESLint({
  cwd: root,
  overrideConfigFile: true,
  overrideConfig: [...config, { languageOptions: { parserOptions: { projectService: false } } }],
  ruleFilter: ({ ruleId }) => rules.includes(ruleId),
});

/** What the rules say about a file that begins with this line. */
async function verdict(file: string, line: string): Promise<string[]> {
  const [result] = await eslint.lintText(`${line}\n`, { filePath: resolve(root, file) });
  return result?.messages.map(({ message }) => message) ?? [];
}

describe('imports that go against the arrows are reported', () => {
  test.each([
    ['src/kit/contract.ts', "import '../systems/catalogue';", 'kit/contract must not import systems'],
    ['src/kit/workflow/index.ts', "import '../../processes/systems';", 'kit/workflow must not import processes'],
    ['src/kit/workflow/index.ts', "import '../client';", 'kit/workflow must not import kit/client'],
    ['src/kit/client/index.ts', "import '../../platform/door';", 'kit/client must not import platform'],
    ['src/kit/worker/index.ts', "import '../../systems/catalogue';", 'kit/worker must not import systems'],
    ['src/processes/systems.ts', "import '../systems/bonus/activities';", 'processes must not import activities'],
    ['src/processes/systems.ts', "import type {} from '../systems/bonus/domain';", 'processes must not import system'],
    ['src/processes/salary/rules.ts', "import '../../service/money';", 'processes must not import service'],
    ['src/processes/catalogue.ts', "import '../platform/door';", 'processes must not import platform'],
    ['src/processes/catalogue.ts', "import '../kit/client';", 'processes must not import kit/client'],
    ['src/systems/bonus/domain.ts', "import '../accounting/domain';", 'system must not import system'],
    [
      'src/systems/bonus/domain.ts',
      "import type {} from '../accounting/activities';",
      'system must not import activities',
    ],
    ['src/systems/bonus/service.ts', "import '../../kit/client';", 'system must not import kit/client'],
    ['src/systems/bonus/service.ts', "import '../../processes/catalogue';", 'system must not import processes'],
    ['src/systems/catalogue.ts', "import '../platform/door';", 'systems must not import platform'],
    ['src/service/http.ts', "import '../systems/catalogue';", 'service must not import systems'],
    ['src/service/http.ts', "import '../kit/contract';", 'service must not import kit/contract'],
    ['src/api/rules.ts', "import '../platform/door';", 'api must not import platform'],
    ['src/api/rules.ts', "import '../systems/catalogue';", 'api must not import systems'],
    ['src/view/read.ts', "import '../api/rules';", 'view must not import api'],
    ['src/cli/print.ts', "import '../api/rules';", 'cli must not import api'],
    ['src/platform/door.ts', "import '../cli/print';", 'platform must not import cli'],
    ['src/cli/print.ts', "import '../systems/bonus/service';", 'cli must not import system'],
    ['src/cli/print.ts', "import '../kit/workflow';", 'cli must not import kit/workflow'],
  ])('%s: %s', async (file, line, message) => {
    expect(await verdict(file, line)).toEqual([message]);
  });
});

describe('input and output in workflow code is reported', () => {
  test.each([
    ['src/kit/workflow/index.ts', "import 'node:fs';"],
    ['src/kit/workflow/index.ts', "import 'crypto';"],
    ['src/kit/contract.ts', "import 'zod';"],
    ['src/processes/salary/workflow.ts', "import '@temporalio/client';"],
    ['src/processes/salary/rules.ts', "import 'pg';"],
    ['src/processes/systems.ts', "import 'fastify';"],
  ])('%s: %s', async (file, line) => {
    expect(await verdict(file, line)).toEqual([expect.stringContaining('Workflow code does no input or output')]);
  });
});

describe('imports along the arrows pass', () => {
  test.each([
    ['src/processes/systems.ts', "import type {} from '../systems/bonus/activities';"],
    ['src/processes/salary/workflow.ts', "import type {} from '../../service/money';"],
    ['src/processes/salary/workflow.ts', "import '@temporalio/workflow';"],
    ['src/processes/salary/settings.ts', "import 'zod';"],
    ['src/systems/bonus/service.ts', "import './domain';"],
    ['src/systems/bonus/activities.ts', "import '../../service/client';"],
    ['src/platform/door.ts', "import '../processes/catalogue';"],
    ['src/api/rules.ts', "import '../processes/catalogue';"],
    ['src/api/rules.ts', "import '../view/read';"],
    ['src/cli/print.ts', "import '../platform/door';"],
  ])('%s: %s', async (file, line) => {
    expect(await verdict(file, line)).toEqual([]);
  });
});
