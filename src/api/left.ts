import { z } from 'zod';
import type { CaseRecord } from '../kit/client';
import { leftOf } from '../maps/replay';
import type { ProcessMap } from '../maps/process-map';

const leftStep = z.object({
  ids: z.array(z.string()).describe('Ids of blocks of the map; several where it is one of them'),
  name: z.string().optional(),
  label: z.string(),
  type: z.enum(['call', 'alert', 'child', 'timer', 'wait', 'task', 'event', 'signal', 'nexus', 'compensation']),
  system: z.string().optional(),
  role: z.string().optional(),
});

/** What is left of an open case, by the map of the build that its worker is of. */
export const leftSchema = z.object({
  certain: z.array(leftStep).describe('What comes in any case as long as nothing fails'),
  possible: z.array(leftStep).describe('What may come besides'),
  unknown: z.string().optional().describe('Why nothing can be told'),
});

/**
 * What is left of a case; nothing where it has ended, or where there is no map of its process in its build. That people may
 * be told of something holds up nothing, and is left out.
 */
export async function leftIn(
  mapOfCase: (record: CaseRecord) => Promise<ProcessMap | undefined>,
  record: CaseRecord,
): Promise<{ left?: z.infer<typeof leftSchema> }> {
  if (record.endedAt !== undefined) return {};
  const map = await mapOfCase(record);
  if (!map) return {};
  const { possible, ...left } = leftOf(map, record);
  return { left: { ...left, possible: possible.filter(({ type }) => type !== 'alert') } };
}
