import type { Names } from './names';

/** The example's request, and the case that comes of it. */
export const exampleRequest = 'R-1';

export const exampleInput = `{ "request": "${exampleRequest}" }\n`;

export function exampleCase({ process }: Names): string {
  return `${process.kebab}-${exampleRequest}`;
}

/** The flow: something is asked for, its manager approves, it is carried out. `imports` brings the names it uses. */
export function flow({ process, system }: Names, imports: string): string {
  return `${imports}

export interface ${process.pascal}Input {
  /** Number of the request, e.g. \`${exampleRequest}\`. */
  request: string;
}

export interface ${process.pascal}Result {
  outcome: 'carried out' | 'declined' | 'unknown request';
}

/** Has a request approved and carried out. */
export async function ${process.camel}({ request }: ${process.pascal}Input): Promise<${process.pascal}Result> {
  const found = await ${system.camel}.findRequest({ request });
  const unknownRequest = found.status === 'unknown';
  if (unknownRequest) return { outcome: outcome('unknown request') };

  exclude(found.requestedBy);
  const approval = await approve('approveRequest', {
    role: 'manager',
    candidates: [found.managerId],
    dueIn: '2 days',
    escalateTo: { role: 'director' },
    shows: found,
  });
  const approved = approval.decision === 'approve';
  if (!approved) return { outcome: outcome('declined') };

  await ${system.camel}.carryOut({ request, approvedBy: approval.by });
  return { outcome: outcome('carried out') };
}
`;
}

/** What workflows may call on the system. */
export function operations({ system }: Names): string {
  return `export type FindRequestResult =
  | { status: 'found'; subject: string; requestedBy: string; managerId: string }
  | { status: 'unknown' };

/** What workflows may call on ${system.words}. */
export interface ${system.pascal}Activities {
  /** The request of a number. Changes nothing. */
  findRequest(input: { request: string }): Promise<FindRequestResult>;
  /** Carry out what was requested: once, however often it is asked for with the same idempotency key. */
  carryOut(input: { request: string; approvedBy: string }): Promise<{ reference: string }>;
}
`;
}

/** How the proxy is told about the operations: what it may try as a local activity, and after what there is no way back. */
export function proxy({ system }: Names): string {
  return `const ${system.camel} = system<${system.pascal}Activities>('${system.camel}', {
  reads: ['findRequest'],
  pivots: ['carryOut'],
});
`;
}

/** What the test needs from outside, which differs between a clone and a project. */
export interface TestParts {
  imports: string;
  /** Code that goes before the test. */
  before: string;
  /** A second argument of \`test\`, with its comma. */
  options: string;
  environment: string;
  workflowsPath: string;
  input: string;
}

/** A test of the flow that stands in for the system, and lets the time pass in which nobody decides. */
export function flowTest(names: Names, parts: TestParts): string {
  const { process, system } = names;
  const caseId = exampleCase(names);
  return `${parts.imports}
${parts.before}
Runtime.install({ logger: new DefaultLogger('WARN') });

const taskQueue = '${process.kebab}';
const caseId = '${caseId}';

test('given nobody decides in time, when a director approves instead, then the request is carried out once', ${parts.options}async () => {
  const carriedOut: object[] = [];
  const ${system.camel}Stub: ${system.pascal}Activities = {
    findRequest: async () => ({ status: 'found', subject: 'Two days in Porto', requestedBy: 'E-1', managerId: 'E-2' }),
    carryOut: async (input) => {
      carriedOut.push({ ...input, key: idempotencyKey() });
      return { reference: 'C-1' };
    },
  };
  const environment = await ${parts.environment};
  const { client, nativeConnection: connection } = environment;
  try {
    const worker = await Worker.create({
      connection,
      taskQueue,
      workflowsPath: ${parts.workflowsPath},
      activities: {
        '${system.camel}.findRequest': ${system.camel}Stub.findRequest,
        '${system.camel}.carryOut': ${system.camel}Stub.carryOut,
      },
      plugins: [whereabouts()],
    });
    await worker.runUntil(async () => {
      const handle = await client.workflow.start('${process.camel}', {
        workflowId: caseId,
        taskQueue,
        args: [${parts.input}],
      });
      await caseWhen(client, ({ status }) => status === 'waiting');
      await environment.sleep('3 days');
      const late = await caseWhen(client, ({ waitingFor: [task] }) => task?.escalated === true);
      equal(late.waitingFor[0]?.role, 'director');

      await decide(client, caseId, { task: 'approveRequest', decision: 'approve', by: 'E-3' });
      deepEqual(await handle.result(), { outcome: 'carried out' });

      const { outcome, steps } = await getCase(client, caseId);
      equal(outcome, 'carried out');
      deepEqual(
        steps.map(({ id, status }) => \`\${id} \${status}\`),
        ['${system.camel}.findRequest/1 done', 'approveRequest/1 done', '${system.camel}.carryOut/1 done'],
      );
      deepEqual(carriedOut, [
        { request: '${exampleRequest}', approvedBy: 'E-3', key: '${caseId}~0/${system.camel}.carryOut/1' },
      ]);
    });
  } finally {
    await environment.teardown();
  }
});

/** The case, once it is as wanted. */
async function caseWhen(client: Client, wanted: (record: CaseRecord) => boolean): Promise<CaseRecord> {
  for (;;) {
    const record = await getCase(client, caseId);
    if (wanted(record)) return record;
    await sleep(20);
  }
}
`;
}
