import { z } from 'zod';
import type { CaseStatus, StepKind, StepStatus } from '../kit/client';
import { forecastSchema } from './forecast';
import { leftSchema } from './left';

const time = z.string().meta({ format: 'date-time' });

export const caseStatuses = [
  'running',
  'waiting',
  'incident',
  'completed',
  'failed',
  'cancelled',
  'terminated',
] as const satisfies CaseStatus[];

const stepKinds = ['call', 'task', 'event', 'timer', 'child', 'compensation', 'alert'] as const satisfies StepKind[];

const stepStatuses = [
  'open',
  'parked',
  'done',
  'failed',
  'skipped',
  'replaced',
  'cancelled',
  'compensated',
] as const satisfies StepStatus[];

const errorSchema = z.object({ type: z.string(), message: z.string() });

const resolutionActions = ['retry', 'skip', 'replace', 'fail'] as const;
export const resolutionAction = z.enum(resolutionActions);

const stepSchema = z.object({
  id: z.string(),
  name: z.string(),
  kind: z.enum(stepKinds),
  title: z.string(),
  status: z.enum(stepStatuses),
  startedAt: time,
  endedAt: time.optional(),
  system: z.string().optional(),
  role: z.string().optional(),
  candidates: z.array(z.string()).optional(),
  dueAt: time.optional(),
  by: z.string().optional(),
  decision: z.string().optional(),
  comment: z.string().optional(),
  result: z.string().optional(),
  error: errorSchema.optional(),
  refusals: z.array(z.object({ by: z.string(), decision: z.string(), reason: z.string(), at: time })).optional(),
  resolutions: z
    .array(
      z.object({
        action: resolutionAction,
        by: z.string(),
        reason: z.string(),
        result: z.unknown().optional(),
        at: time,
      }),
    )
    .optional(),
});

const taskSchema = z.object({
  id: z.string(),
  name: z.string(),
  title: z.string(),
  role: z.string(),
  candidates: z.array(z.string()).optional(),
  excluded: z.array(z.string()).optional(),
  since: time,
  dueAt: time.optional(),
  escalated: z.boolean(),
  decisions: z.array(z.string()),
  shows: z.unknown().optional(),
  shownHash: z.string().optional(),
  form: z.unknown().optional().meta({ type: 'object', description: 'JSON Schema of the data to enter' }),
});

const incidentSchema = z.object({
  step: z.string(),
  name: z.string(),
  title: z.string(),
  system: z.string().optional(),
  error: errorSchema,
  since: time,
  retries: z.int(),
});

const age = {
  asOf: time.describe('The case was so then'),
  confirmed: z.boolean().describe('Whether the case itself said so, and not only its worker'),
  partial: z.boolean().describe('There may be steps that are not known, or known as they were'),
  resetAt: time.optional().describe('It was last set back to an earlier point then, from which its run goes on'),
};

const found = {
  kind: z.enum(['retrying', 'failing code', 'overdue', 'no worker', 'view behind']),
  about: z.string().optional().describe('The operation, the step or the task queue'),
  error: errorSchema.optional(),
  attempts: z.int().optional(),
  since: time,
};

const caseFields = {
  caseId: z.string(),
  process: z.string(),
  runId: z.string(),
  restart: z.int(),
  build: z.string().optional(),
  keys: z.array(z.string()),
  status: z.enum(caseStatuses),
  outcome: z.string().optional(),
  stepsNotRecorded: z.int().optional(),
  waitingFor: z.array(taskSchema),
  incidents: z.array(incidentSchema),
  cancellation: z.string().optional(),
  failure: errorSchema.optional(),
  startedAt: time,
  endedAt: time.optional(),
  historyLength: z.int(),
  left: leftSchema.optional().describe('Of an open case of whose process there is a map'),
  ...age,
};

const steps = z.array(stepSchema);
const cursor = z.string().optional().describe('Where the next page begins; absent on the last one');
const ofCase = { caseId: z.string(), process: z.string(), keys: z.array(z.string()), ...age };

export const casesSchema = z.object({
  cases: z.array(
    z.object({
      ...caseFields,
      steps,
      watch: z.array(z.object(found)).describe('What the watch found that the case cannot say of itself'),
      forecast: forecastSchema.optional().describe('When it will probably end: of an open case that was found alone'),
    }),
  ),
});

export const casePageSchema = z.object({
  cases: z.array(
    z.object({
      ...caseFields,
      currentSteps: steps,
      stepsDone: z.int().describe('How many of its recorded steps have ended well'),
      stepsRecorded: z.int(),
    }),
  ),
  facets: z
    .array(z.object({ process: z.string(), status: z.enum(caseStatuses), count: z.int() }))
    .optional()
    .describe('How many cases fit, on all pages together; absent when very many mention the text'),
  cursor,
});

export const historySchema = z.object({ caseId: z.string(), steps, stepsNotRecorded: z.int().optional(), ...age });
export const taskPageSchema = z.object({ tasks: z.array(taskSchema.extend(ofCase)), cursor });
export const incidentPageSchema = z.object({
  incidents: z.array(incidentSchema.extend(ofCase)),
  cursor,
  watch: z
    .array(
      z.object({
        cause: z.string(),
        process: z.string().optional(),
        ...found,
        cases: z.int().describe('How many have it'),
        caseIds: z.array(z.string()).describe('Those that have it for longest, at most ten'),
      }),
    )
    .describe('What the watch found that cases cannot say of themselves; for those alone who may read all cases'),
});
