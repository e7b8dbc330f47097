import { sql, type Kysely } from 'kysely';
import type { CaseRecord } from '../kit/client';
import type { ViewTables } from './database';
import type { Waits } from './durations';

/** How long something still takes, in milliseconds, as earlier runs took it. */
export interface Estimate {
  /** On how many runs it rests. */
  runs: number;
  /** Half of them took no longer. */
  p50: number;
  /** Nine in ten took no longer. */
  p90: number;
}

export interface TimeLeft {
  /** Until the case ends; absent where too few runs are known. */
  case?: Estimate;
  /** Until each of its open steps ends, by the id of the step; without those of which too few runs are known. */
  steps: Record<string, Estimate>;
}

/** What rests on fewer runs is not said. */
const fewestRuns = 5;
/** Of how many runs at most, the ones that ended last. */
const mostRuns = 2_000;
/** For how many open steps at most, those that began last. */
const mostSteps = 20;

/**
 * How long a case and its open steps still take. It is estimated from the runs of the same process that completed, the
 * last 2,000 of them that had the same step (of the same name and occurrence), of which those count in which it took at
 * least as long as it has taken by now: what they took from there on is the sample, and its quantiles (nearest rank) are
 * given. For the case the step counts that began last; without one of which enough runs are known, the case as a whole.
 */
export async function timeLeft(
  db: Kysely<ViewTables>,
  { process, startedAt, endedAt, steps }: CaseRecord,
  now: Date = new Date(),
): Promise<TimeLeft> {
  if (endedAt !== undefined) return { steps: {} };
  const open = steps
    .filter(({ status }) => status === 'open' || status === 'parked')
    .sort((a, b) => b.startedAt.localeCompare(a.startedAt) || b.id.localeCompare(a.id))
    .slice(0, mostSteps);
  const states = [...open, { id: '', startedAt }].map((state) => ({
    step_id: state.id,
    elapsed: Math.max(0, now.getTime() - Date.parse(state.startedAt)),
  }));
  const { rows } = await sql<Sample>`
    SELECT step_id, runs, step, whole
    FROM jsonb_to_recordset(${JSON.stringify(states)}::jsonb) AS state (step_id text, elapsed bigint)
    CROSS JOIN LATERAL (
      SELECT count(*) AS runs,
        percentile_disc(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY lasted_ms - elapsed) AS step,
        percentile_disc(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY left_ms - elapsed) AS whole
      FROM (
        SELECT lasted_ms, left_ms FROM step_durations AS earlier
        WHERE earlier.process = ${process} AND earlier.step_id = state.step_id
        ORDER BY ended_at DESC LIMIT ${mostRuns}) AS latest
      WHERE lasted_ms >= elapsed) AS estimate
    WHERE runs >= ${fewestRuns}`.execute(db);
  const samples = new Map(rows.map((row) => [row.step_id, row]));
  const known = states.flatMap(({ step_id: id }) => samples.get(id) ?? []);
  const ofSteps = known.filter(({ step_id: id }) => id !== '');
  const [ofCase] = known;
  return {
    ...(ofCase && { case: estimate(ofCase.runs, ofCase.whole) }),
    steps: Object.fromEntries(ofSteps.map(({ step_id: id, runs, step }) => [id, estimate(runs, step)])),
  };
}

interface Sample {
  step_id: string;
  runs: number;
  step: string[] | number[];
  whole: string[] | number[];
}

function estimate(runs: number, quantiles: string[] | number[]): Estimate {
  const [p50, p90] = quantiles.map(Number) as [number, number];
  return { runs, p50, p90 };
}

/**
 * Into what the time of the runs of a process that completed went, of the last 2,000 on average, and how many they are;
 * undefined for fewer than five.
 */
export async function usualWaits(
  db: Kysely<ViewTables>,
  process: string,
): Promise<(Waits & { runs: number }) | undefined> {
  const latest = db
    .selectFrom('case_durations')
    .selectAll()
    .where('process', '=', process)
    .orderBy('ended_at', 'desc')
    .limit(mostRuns)
    .as('latest');
  const mean = (column: 'people_ms' | 'retries_ms' | 'systems_ms' | 'queue_ms') =>
    sql<number>`round(avg(${sql.ref(column)}))::bigint`;
  const { runs, ...waits } = await db
    .selectFrom(latest)
    .select(({ fn }) => [
      fn.countAll<number>().as('runs'),
      mean('people_ms').as('people'),
      mean('retries_ms').as('retries'),
      mean('systems_ms').as('systems'),
      mean('queue_ms').as('queue'),
    ])
    .executeTakeFirstOrThrow();
  return runs < fewestRuns ? undefined : { ...waits, runs };
}
