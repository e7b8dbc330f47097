import type { Kysely } from 'kysely';
import { z } from 'zod';
import type { CaseRecord } from '../kit/client';
import type { ViewTables } from '../view/database';
import { timeLeft, usualWaits, type Estimate } from '../view/time-left';

const runs = z.int().describe('On how many earlier runs it rests');
const time = z.string().meta({ format: 'date-time' });
const lasting = z.int().describe('In milliseconds, on average');

const estimateSchema = z.object({
  runs,
  p50: time.describe('Half of the earlier runs had come to an end so soon'),
  p90: time.describe('Nine in ten had'),
});

/** When an open case and its steps will probably end, and what the time of earlier runs went into. */
export const forecastSchema = z.object({
  end: estimateSchema.optional().describe('Of the case; absent while fewer than five runs are known'),
  steps: z.record(z.string(), estimateSchema).describe('Of its open steps, by their ids'),
  usual: z
    .object({
      runs,
      people: lasting.describe('Waiting for people, in milliseconds on average'),
      retries: lasting.describe('Systems called again after an operator had them called again'),
      systems: lasting.describe('Systems at work'),
      queue: lasting.describe('Else: waiting for a worker, an event, a timer or another case'),
    })
    .optional()
    .describe('Into what the time of earlier runs of the process went'),
});

/** By earlier runs of the same process. */
export async function forecastOf(db: Kysely<ViewTables>, record: CaseRecord): Promise<z.infer<typeof forecastSchema>> {
  const now = new Date();
  const [left, usual] = await Promise.all([timeLeft(db, record, now), usualWaits(db, record.process)]);
  const at = ({ runs: rests, p50, p90 }: Estimate) => ({ runs: rests, p50: after(now, p50), p90: after(now, p90) });
  return {
    ...(left.case && { end: at(left.case) }),
    steps: Object.fromEntries(Object.entries(left.steps).map(([id, estimate]) => [id, at(estimate)])),
    ...(usual && { usual }),
  };
}

function after(now: Date, milliseconds: number): string {
  return new Date(now.getTime() + milliseconds).toISOString();
}
