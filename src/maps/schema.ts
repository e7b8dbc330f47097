import { z } from 'zod';
import { mapVersion, type Block } from './process-map';

/** Ids of blocks are paths of names. */
const id = z.string();
const label = z.string();
const source = z.object({ file: z.string(), line: z.int().min(1) });
const join = z.enum(['all', 'allSettled', 'race', 'any']);
const yes = z.literal(true).exactOptional();
const text = z.string().exactOptional();

const block: z.ZodType<Block> = z.lazy(() => blocks).meta({ id: 'Block' });

const blocks = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('sequence'), id, blocks: z.array(block) }),
  z.object({
    kind: z.literal('step'),
    id,
    type: z.enum(['call', 'alert', 'child', 'timer', 'wait', 'task', 'event', 'signal', 'nexus', 'compensation']),
    name: text.describe('As steps on the record of a case are called'),
    label,
    source,
    system: text,
    team: text,
    role: text,
    dueIn: text,
    isLocal: yes,
    isRead: yes,
    isKeyed: yes,
    isPivot: yes,
    goesOnAtStart: yes,
    fedBy: z.array(z.string()).exactOptional().describe('Messages whose handlers bring about what is awaited'),
    tells: block.exactOptional().describe('Runs any number of times while the step is open, beside it'),
  }),
  z.object({ kind: z.literal('parallel'), id, join, branches: z.array(block) }),
  z.object({ kind: z.literal('forEach'), id, join, label, body: block }),
  z.object({ kind: z.literal('choice'), id, label, branches: z.array(z.object({ label, block })) }),
  z.object({ kind: z.literal('loop'), id, label, body: block, once: yes, forever: yes }),
  z.object({
    kind: z.literal('attempt'),
    id,
    body: block,
    handler: block.exactOptional(),
    finalizer: block.exactOptional(),
  }),
  z.object({ kind: z.literal('helper'), id, name: z.string(), label, body: block }),
  z.object({ kind: z.literal('background'), id, body: block, isAwaited: z.boolean() }),
  z.object({
    kind: z.literal('exit'),
    id,
    exit: z.enum(['return', 'throw', 'break', 'continue', 'continueAsNew']),
    label,
    target: text.describe('Of `break` and `continue`: the id of the block that is meant'),
  }),
  z.object({ kind: z.literal('unknown'), id, label, source }),
]);

/** The map of a process, as it is published; `docs/process-map.schema.json` is its JSON Schema. */
export const processMapSchema = z
  .object({
    version: z.literal(mapVersion),
    process: z.string().describe('Workflow type'),
    label,
    source,
    body: block,
    handlers: z
      .array(
        z.object({
          id,
          name: text,
          type: z.enum(['signal', 'update', 'query', 'alert']),
          label,
          source,
          body: block,
        }),
      )
      .describe('What runs when a message comes, beside the body'),
    flags: z
      .array(
        z.object({
          code: z.enum([
            'unresolved-call',
            'computed-name',
            'stored-work',
            'foreign-callback',
            'recursion',
            'generator',
            'unresolved-type',
            'not-mapped',
          ]),
          message: z.string(),
          source,
        }),
      )
      .describe('What the source does not tell; a map without flags is exact'),
  })
  .meta({ id: 'ProcessMap' });
