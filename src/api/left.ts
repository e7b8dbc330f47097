import { LRUCache } from 'lru-cache';
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

type Told = z.infer<typeof leftSchema>;

/**
 * Tells what is left of cases; nothing where one has ended, or where there is no map of its process in its build. That
 * people may be told of something holds up nothing, and is left out. A case that has not gone on is not replayed again.
 */
export function leftOfCases(
  mapOfCase: (record: CaseRecord) => Promise<ProcessMap | undefined>,
): (record: CaseRecord) => Promise<{ left?: Told }> {
  const known = new LRUCache<string, { map: ProcessMap; left: Told }>({ max: 10_000 });
  return async (record) => {
    if (record.endedAt !== undefined) return {};
    const map = await mapOfCase(record);
    if (!map) return {};
    const { caseId, runId, historyLength, steps, cancellation } = record;
    const key = JSON.stringify([caseId, runId, historyLength, steps.length, cancellation]);
    const before = known.get(key);
    if (before?.map === map) return { left: before.left };
    const left = leftIn(map, record);
    known.set(key, { map, left });
    return { left };
  };
}

function leftIn(map: ProcessMap, record: CaseRecord): Told {
  const { possible, ...left } = leftOf(map, record);
  return { ...left, possible: possible.filter(({ type }) => type !== 'alert') };
}
