import { urlVariable } from '../../platform/addresses';
import { UserError } from '../../platform/user-error';
import { exampleCase, exampleInput, exampleRequest, flow, flowTest, operations, proxy } from './flow';
import type { Name, Names } from './names';
import type { Change, Plan } from './plan';

/** A process in the clone at `root`: in the catalogue, calling a system that others run. */
export function planInClone(root: string, names: Names): Plan {
  const { process, system } = names;
  const folder = `src/processes/${process.kebab}`;
  const activities = `src/systems/${system.kebab}/activities.ts`;
  const test = `test/processes/${process.kebab}.test.ts`;
  const example = `examples/${process.kebab}.json`;
  return {
    root,
    files: [
      { path: `${folder}/workflow.ts`, holds: 'the flow', text: flow(names, imports(names)) },
      { path: `${folder}/process.ts`, holds: 'what the door knows of it', text: definition(names) },
      { path: activities, holds: `what it calls on ${system.words}, over HTTP`, text: httpActivities(names) },
      { path: test, holds: 'its test, in which time is skipped', text: flowTest(names, partsOfTest(names)) },
      { path: example, holds: 'an example input', text: exampleInput },
    ],
    changes: changes(names),
    next: [
      { to: 'run its test', type: `npx jest ${test}` },
      { to: `say where ${system.words} answers`, type: `export ${urlVariable(system.camel)}=http://127.0.0.1:4101` },
      { to: 'run everything, again if it runs already', type: 'npm start' },
      {
        to: 'start a case, in another terminal',
        type: `npx whereabouts start ${process.camel} --file ${example} --by you`,
      },
      { to: 'say where it is', type: `npx whereabouts where ${exampleCase(names)}` },
    ],
  };
}

function imports({ system }: Names): string {
  return `import { approve, exclude, outcome } from '../../kit/workflow';
import { ${system.camel} } from '../systems';`;
}

function definition({ process, system }: Names): string {
  return `import { z } from 'zod';
import type { ${system.pascal}Activities } from '../../systems/${system.kebab}/activities';
import type { Process } from '../process';
import type { ${process.pascal}Input } from './workflow';

const ${process.camel}Request = z.strictObject({
  request: z.string().regex(/^[A-Z]{1,8}-[0-9]+$/, 'must be the number of a request such as "${exampleRequest}"'),
});

/** One case for each request. */
export const ${process.camel}Process: Process<
  z.infer<typeof ${process.camel}Request>,
  undefined,
  { ${system.camel}: ${system.pascal}Activities }
> = {
  name: '${process.camel}',
  title: '${titleOf(process)}',
  owner: '${process.words}',
  workflow: '${process.camel}',
  request: ${process.camel}Request,
  async resolve({ request }, { systems: { ${system.camel} } }) {
    const found = await ${system.camel}.findRequest({ request });
    if (found.status === 'unknown') {
      return { status: 'refused', field: 'request', value: request, reason: '${system.words} has no such request' };
    }
    const input: ${process.pascal}Input = { request };
    return { status: 'ok', caseId: \`${process.kebab}-\${request}\`, keys: [\`request:\${request}\`], input };
  },
};
`;
}

function httpActivities(names: Names): string {
  const { system } = names;
  return `import { ApplicationFailure } from '@temporalio/common';
import { z } from 'zod';
import type { SystemClient } from '../../service/client';

${operations(names)}
const requestSchema = z.object({ subject: z.string(), requestedBy: z.string(), managerId: z.string() });
const carriedOutSchema = z.object({ reference: z.string() });

/** The activities on ${system.words}, by its HTTP API; errors as of {@link SystemClient}. */
export function create${system.pascal}Activities(client: SystemClient): ${system.pascal}Activities {
  const pathOf = (request: string) => \`/requests/\${encodeURIComponent(request)}\`;
  return {
    async findRequest({ request }) {
      try {
        const found = await client.request({
          operation: 'findRequest',
          method: 'GET',
          path: pathOf(request),
          answer: requestSchema,
        });
        return { status: 'found', ...found };
      } catch (error) {
        if (error instanceof ApplicationFailure && error.type === 'not-found') return { status: 'unknown' };
        throw error;
      }
    },
    carryOut({ request, approvedBy }) {
      return client.request({
        operation: 'carryOut',
        method: 'POST',
        path: \`\${pathOf(request)}/execution\`,
        body: { approvedBy },
        answer: carriedOutSchema,
      });
    },
  };
}
`;
}

function partsOfTest({ process, system }: Names) {
  return {
    imports: `import { deepEqual, equal } from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import example from '../../examples/${process.kebab}.json';
import { decide, getCase, type CaseRecord } from '../../src/kit/client';
import { idempotencyKey, whereabouts } from '../../src/kit/worker';
import type { ${system.pascal}Activities } from '../../src/systems/${system.kebab}/activities';
import { timeSkipping } from '../support/temporal';`,
    before: '',
    options: '',
    environment: 'timeSkipping()',
    workflowsPath: `require.resolve('../../src/processes/${process.kebab}/workflow')`,
    input: 'example',
  };
}

function changes(names: Names): Change[] {
  const { process, system } = names;
  const activitiesType = `${system.pascal}Activities`;
  const createActivities = `create${activitiesType}`;
  const fromActivities = `'../systems/${system.kebab}/activities'`;
  return [
    {
      path: 'src/processes/systems.ts',
      add: (text) => {
        requireUnused('src/processes/systems.ts', text, system.camel);
        return `${withImport(text, `import type { ${activitiesType} } from ${fromActivities};`)}\nexport ${proxy(names)}`;
      },
    },
    {
      path: 'src/processes/workflows.ts',
      add: (text) => `${text}export { ${process.camel} } from './${process.kebab}/workflow';\n`,
    },
    {
      path: 'src/processes/catalogue.ts',
      add: (text) =>
        withEntry(
          'src/processes/catalogue.ts',
          withImport(text, `import { ${process.camel}Process } from './${process.kebab}/process';`),
          'processes',
          `${process.camel}Process`,
        ),
    },
    {
      path: 'src/systems/catalogue.ts',
      add: (text) => {
        return withEntry(
          'src/systems/catalogue.ts',
          withImport(text, `import { ${createActivities} } from './${system.kebab}/activities';`),
          'systems',
          `{ name: '${system.camel}', createActivities: ${createActivities} }`,
        );
      },
    },
  ];
}

function requireUnused(path: string, text: string, name: string): void {
  if (!new RegExp(`\\b${name}\\b`).test(text)) return;
  throw new UserError(
    `${path} has the name ${name} already; nothing was written.`,
    'Give another with --system <name>.',
  );
}

/** The text with one more import after those it has. */
function withImport(text: string, line: string): string {
  const last = [...text.matchAll(/^(?:import .*|\} from '.*');$/gm)].at(-1);
  const end = last ? last.index + last[0].length : 0;
  return `${text.slice(0, end)}\n${line}${text.slice(end)}`;
}

/** The text with one more entry at the end of an exported list. */
function withEntry(path: string, text: string, list: string, entry: string): string {
  const start = text.indexOf(`export const ${list}:`);
  const end = text.indexOf('];', start);
  if (start < 0 || end < 0) {
    throw new UserError(
      `${path} exports no list ${list}; nothing was written.`,
      `Bring it back, so that ${entry} fits in.`,
    );
  }
  const before = text.slice(0, end).trimEnd();
  return `${before}${/[[,]$/.test(before) ? '' : ','} ${entry}${text.slice(end)}`;
}

function titleOf({ words }: Name): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
