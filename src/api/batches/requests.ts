import { z } from 'zod';
import { timestampSchema } from '../../service/schemas';
import { searchQuery, words } from '../params';
import { resolutionAction } from '../schemas';
import { itemStates } from './tables';

/** More cases, tasks or steps than this are not acted on at once. */
export const mostItems = 10_000;

const search = searchQuery
  .omit({ order: true, cursor: true, limit: true })
  .extend({
    status: z
      .enum(['open', 'running', 'waiting', 'incident'], 'must be open, running, waiting or incident')
      .optional()
      .describe('Cases that have ended are not acted on; `open` is all others'),
  })
  .refine((fields) => Object.keys(fields).length > 0, 'must say something; {"status":"open"} means every open case')
  .describe('As `GET /api/cases` takes it');

const decide = z.strictObject({
  action: z.literal('decide'),
  search,
  task: z.string().min(1, 'must name the task').max(1_000, 'must have at most 1,000 characters'),
  decision: z.string().min(1, 'must be one of the decisions that the task takes'),
  comment: words.optional(),
  data: z.unknown().optional().describe('Matching the form of the task'),
});
const resolve = z.strictObject({
  action: z.literal('resolve'),
  search: search.describe(
    'As `GET /api/cases` takes it; `step`, `system` and `team` also say which parked steps are meant',
  ),
  resolution: resolutionAction,
  reason: words,
  result: z.unknown().optional().describe('The result of each step, for `replace`'),
});
const cancel = z.strictObject({ action: z.literal('cancel'), search, reason: words });

/** What `POST /api/batches` takes. */
export const batchBody = z.discriminatedUnion('action', [decide, resolve, cancel], {
  error: 'must have an action: decide, resolve or cancel',
});
export type BatchBody = z.infer<typeof batchBody>;

/** What is done to each. */
export type Act =
  | Omit<z.infer<typeof decide>, 'search'>
  | Omit<z.infer<typeof resolve>, 'search'>
  | Omit<z.infer<typeof cancel>, 'search'>;

const problemSchema = z
  .looseObject({ type: z.string(), title: z.string(), status: z.int(), detail: z.string() })
  .describe('As acting on that one alone is answered');

/** One thing that is acted on. */
export const itemSchema = z.object({
  caseId: z.string(),
  step: z.string().optional().describe('Id of the task or parked step'),
  state: z.enum(itemStates),
  problem: problemSchema.optional(),
  endedAt: timestampSchema.optional(),
});
export type BatchItem = z.infer<typeof itemSchema>;

const counts = z.object(
  Object.fromEntries(itemStates.map((state) => [state, z.int()])) as Record<(typeof itemStates)[number], z.ZodInt>,
);

export const batchSchema = z.object({
  id: z.string(),
  by: z.string().describe('Who made it and acts'),
  action: z.enum(['decide', 'resolve', 'cancel']),
  task: z.string().optional(),
  decision: z.string().optional(),
  resolution: resolutionAction.optional(),
  reason: z.string().optional(),
  comment: z.string().optional(),
  search: z.looseObject({}),
  status: z
    .enum(['shown', 'running', 'stopping', 'stopped', 'ended'])
    .describe('`shown`: nothing was done yet; `stopping`: what was begun is finished'),
  items: z.int(),
  counts: counts.describe('How many items are in which state'),
  madeAt: timestampSchema,
  startedAt: timestampSchema.optional(),
  stoppedAt: timestampSchema.optional(),
  stoppedBy: z.string().optional(),
});
export type Batch = z.infer<typeof batchSchema>;
