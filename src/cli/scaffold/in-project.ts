import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../../platform/user-error';
import { exampleCase, exampleInput, flow, flowTest, operations, proxy } from './flow';
import type { Names } from './names';
import type { Plan } from './plan';

interface Manifest {
  type?: string;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}

/** How a test is run and written for each runner of tests. */
const runners = {
  jest: { command: 'npx jest', imports: [], before: '\njest.setTimeout(60_000);\n', options: '' },
  vitest: {
    command: 'npx vitest run',
    imports: [`import { test } from 'vitest';`],
    before: '',
    options: '{ timeout: 60_000 }, ',
  },
  node: {
    command: 'npx tsx --test',
    imports: [`import { test } from 'node:test';`],
    before: '',
    options: '{ timeout: 60_000 }, ',
  },
};
type Runner = keyof typeof runners;

/**
 * A process in a project of its own, in one folder; its test is for the runner that the project has, else for Node's own.
 * @throws UserError when `root` is no project of npm.
 */
export async function planInProject(root: string, names: Names): Promise<Plan> {
  const { process, system } = names;
  const manifest = await manifestOf(root);
  const installed = { ...manifest.dependencies, ...manifest.devDependencies };
  const runner: Runner = 'jest' in installed ? 'jest' : 'vitest' in installed ? 'vitest' : 'node';
  const extension = manifest.type === 'module' ? '.js' : '';
  const folder = existsSync(join(root, 'src')) ? `src/${process.kebab}` : process.kebab;
  const test = `${folder}/workflow.test.ts`;
  const example = `${folder}/example.json`;
  const caseId = exampleCase(names);
  return {
    root,
    files: [
      { path: `${folder}/workflow.ts`, holds: 'the flow', text: flow(names, headOfFlow(names, extension)) },
      {
        path: `${folder}/activities.ts`,
        holds: `what it calls on ${system.words}, over HTTP`,
        text: httpActivities(names),
      },
      {
        path: test,
        holds: 'its test, in which time is skipped',
        text: flowTest(names, partsOfTest(names, runner, folder, extension)),
      },
      { path: example, holds: 'an example input', text: exampleInput },
    ],
    changes: [],
    next: [
      ...(runner === 'node' && !('tsx' in installed)
        ? [{ to: 'install what its test is run with', type: 'npm install --save-dev tsx' }]
        : []),
      { to: 'run its test', type: `${runners[runner].command} ${test}` },
      {
        to: 'have your worker run it: among its workflows',
        type: `export { ${process.camel} } from './${process.kebab}/workflow${extension}';`,
      },
      {
        to: `among its activities, with the address of ${system.words}`,
        type: `...${system.camel}Activities('http://127.0.0.1:4101')`,
      },
      { to: `in its options, from 'whereabouts/worker'`, type: 'plugins: [whereabouts()]' },
      {
        to: 'start a case, on the task queue of your worker',
        type: `temporal workflow start --type ${process.camel} --task-queue <queue> --workflow-id ${caseId} --input-file ${example}`,
      },
      { to: 'say where it is', type: `npx whereabouts where ${caseId}` },
    ],
  };
}

async function manifestOf(root: string): Promise<Manifest> {
  const file = join(root, 'package.json');
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Manifest;
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is none' : (error as Error).message;
    throw new UserError(`${file} cannot be read: ${reason}.`, 'Type this in the folder of your project.');
  }
}

function headOfFlow(names: Names, extension: string): string {
  return `import { approve, exclude, outcome, system } from 'whereabouts/workflow';
import type { ${names.system.pascal}Activities } from './activities${extension}';

${proxy(names).trimEnd()}`;
}

function httpActivities(names: Names): string {
  const { system } = names;
  return `import { ApplicationFailure } from '@temporalio/common';
import { idempotencyKey } from 'whereabouts/worker';

${operations(names)}
/** The activities on ${system.words}, by its HTTP API at a URL such as \`http://127.0.0.1:4101\`, under their registered names. */
export function ${system.camel}Activities(url: string) {
  const urlOf = (request: string) => \`\${url}/requests/\${encodeURIComponent(request)}\`;
  const operations: ${system.pascal}Activities = {
    async findRequest({ request }) {
      const response = await fetch(urlOf(request), { signal: AbortSignal.timeout(10_000) });
      if (response.status === 404) return { status: 'unknown' };
      const found = (await answerOf(response)) as { subject: string; requestedBy: string; managerId: string };
      return { status: 'found', ...found };
    },
    async carryOut({ request, approvedBy }) {
      const response = await fetch(\`\${urlOf(request)}/execution\`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': \`"\${keyOfCall()}"\` },
        body: JSON.stringify({ approvedBy }),
        signal: AbortSignal.timeout(10_000),
      });
      return (await answerOf(response)) as { reference: string };
    },
  };
  return {
    '${system.camel}.findRequest': operations.findRequest,
    '${system.camel}.carryOut': operations.carryOut,
  };
}

/** The same on every attempt of a call, so that the system does it once. */
function keyOfCall(): string {
  const key = idempotencyKey();
  if (key === undefined) throw ApplicationFailure.nonRetryable('The worker runs without the plugin whereabouts()');
  return key;
}

/** Tried again: 408, 425, 429, 5xx and the network. Whatever else is no success will not change by itself. */
async function answerOf(response: Response): Promise<unknown> {
  if (response.ok) return response.json();
  const { status, url } = response;
  throw ApplicationFailure.create({
    message: \`\${url} answered \${status}: \${await response.text()}\`,
    type: \`http-\${status}\`,
    nonRetryable: status < 500 && ![408, 425, 429].includes(status),
  });
}
`;
}

function partsOfTest({ system }: Names, runner: Runner, folder: string, extension: string) {
  const { imports, before, options } = runners[runner];
  return {
    imports: [
      ...imports,
      `import { deepEqual, equal } from 'node:assert/strict';`,
      `import { readFileSync } from 'node:fs';`,
      `import { resolve } from 'node:path';`,
      `import { setTimeout as sleep } from 'node:timers/promises';`,
      `import type { Client } from '@temporalio/client';`,
      `import { TestWorkflowEnvironment } from '@temporalio/testing';`,
      `import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';`,
      `import { decide, getCase, type CaseRecord } from 'whereabouts/client';`,
      `import { idempotencyKey, whereabouts } from 'whereabouts/worker';`,
      `import type { ${system.pascal}Activities } from './activities${extension}';`,
    ].join('\n'),
    before: `
/** The test is run in the folder of the project. */
const folder = resolve('${folder}');
const example = JSON.parse(readFileSync(\`\${folder}/example.json\`, 'utf8')) as object;
${before}`,
    options,
    environment: 'TestWorkflowEnvironment.createTimeSkipping()',
    workflowsPath: '`${folder}/workflow.ts`',
    input: 'example',
  };
}
