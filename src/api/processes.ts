import { z } from 'zod';
import { processes } from '../processes/catalogue';
import { didYouMean } from '../service/did-you-mean';
import type { ServiceApp } from '../service/http';
import { answerOnceElsewhere, idempotencyHeaders } from '../service/idempotency';
import { Problem } from '../service/problem';
import { caseId } from './params';
import { asProblem } from './problems';
import { mayStart } from './rules';
import type { ApiParts } from './server';
import { tellView } from './starting';

const tags = ['processes'];

const described = processes.map(({ name, title, owner, request }) => ({
  name,
  title,
  owner,
  request: z.toJSONSchema(request, { io: 'input' }),
}));

/** The routes that say which processes there are, and start cases of them. */
export function addProcesses(app: ServiceApp, parts: ApiParts): void {
  app.get(
    '/api/processes',
    {
      config: { allows: ['read', 'Process'] },
      schema: {
        operationId: 'listProcesses',
        summary: 'Every process that cases can be started of here',
        tags,
        response: {
          200: z.object({
            processes: z.array(
              z.object({
                name: z.string(),
                title: z.string(),
                owner: z.string().describe('The team that owns it'),
                request: z.looseObject({}).describe('JSON Schema of what somebody who starts a case has to say'),
              }),
            ),
          }),
        },
      },
    },
    () => ({ processes: described }),
  );

  const answer = z.object({ caseId, runId: z.string(), status: z.enum(['started', 'already there']) });
  app.post(
    '/api/processes/:process/cases',
    {
      config: { allows: ['start', 'Process'] },
      schema: {
        operationId: 'startCase',
        summary: 'Start the case that a request asks for, or find it',
        description: 'What a process asks for is told by `GET /api/processes`. 200: the case was there before.',
        tags,
        headers: idempotencyHeaders,
        params: z.object({ process: z.string() }),
        body: z.looseObject({}),
        response: { 200: answer, 201: answer },
      },
    },
    async (request, reply) => {
      const { person, params, body } = request;
      const process = processNamed(params.process);
      if (!mayStart(person, process.name)) {
        throw new Problem(403, 'not-allowed', `${person.id} may not start a case of ${process.name}.`);
      }
      return answerOnceElsewhere(parts.db, request, reply, person.id, async () => {
        const opened = await parts.door.open(process, body, person.id).catch((error: unknown) => {
          throw asProblem(error);
        });
        if (opened.status === 'refused') {
          const { reason, errors } = opened;
          throw errors.length > 0
            ? new Problem(422, 'request-refused', reason, { errors })
            : new Problem(409, 'not-started', reason);
        }
        const { status, caseId: id, runId } = opened;
        reply.code(status === 'started' ? 201 : 200).header('location', `/api/cases/${encodeURIComponent(id)}`);
        if (status === 'started') await tellView(parts, id, request.log);
        return { caseId: id, runId, status };
      });
    },
  );
}

function processNamed(name: string) {
  const found = processes.find((process) => process.name === name);
  if (found) return found;
  const names = processes.map((process) => process.name);
  const hint = didYouMean(name, names) || `; there is ${names.join(', ')}`;
  throw new Problem(404, 'unknown-process', `There is no process "${name}"${hint}`);
}
