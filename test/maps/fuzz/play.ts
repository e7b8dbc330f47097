import { defaultPayloadConverter } from '@temporalio/common';
import { whereaboutsQuery, type CaseRecord } from '../../../src/kit/contract';
import type { ProcessMap } from '../../../src/maps/process-map';
import { Random } from '../replay/random';
import { messageTo } from './messages';
import { FailedWorkflowTask, type Job, type Run, type Sandbox } from './sandbox';
import { Server, type Answer } from './server';

/** A workflow to be played, and what random values it is given. */
export interface Play {
  sandbox: Sandbox;
  map: ProcessMap;
  input(random: Random): unknown[];
  answer(random: Random): Answer;
  /** What a message of that name carries. */
  carried(random: Random, message: string): unknown[];
}

export interface Played {
  /** The record of the case at its end, or where it was cut, and at some point before. */
  records: CaseRecord[];
  /** What its workflow code threw that no workflow may throw. */
  stuck?: string;
}

const mostActivations = 60;
const mostRuns = 3;
const beginning = Date.UTC(2026, 0, 1);

/** Plays one case at random; the same seed plays the same case. */
export async function play({ sandbox, map, ...given }: Play, seed: number): Promise<Played> {
  const random = new Random(seed);
  const records: CaseRecord[] = [];
  let now = beginning;
  let begin = initializeWorkflow(map.process, given.input(random).map(toPayload));
  for (let runs = 0; ; runs += 1) {
    const server = new Server(random, given.answer(random));
    const run = await sandbox.start({
      workflowType: map.process,
      runId: `${map.process}-${seed}-${runs}`,
      startedAt: now,
    });
    try {
      const cutAt = random.below(12);
      let jobs = [begin];
      for (let turn = 0; turn < mostActivations; turn += 1) {
        server.take(await run.activate(now, jobs), now);
        if (server.end) break;
        const atOnce = server.takeAtOnce();
        if (atOnce.length > 0) {
          jobs = atOnce;
          continue;
        }
        if (turn === cutAt) records.push(await recordOf(run, now));
        const next = await whatComes(run);
        if (!next) break;
        ({ jobs } = next);
        now = next.at;
      }
      const end = server.end;
      if (end?.end === 'continued' && runs < mostRuns - 1) {
        const memo = { fields: end.next.memo ?? {} };
        begin = initializeWorkflow(map.process, end.next.arguments ?? [], memo);
        continue;
      }
      if (end?.end !== 'continued') records.push(await recordOf(run, now));
      return { records };
    } catch (error) {
      if (error instanceof FailedWorkflowTask) return { records, stuck: error.message };
      throw error;
    } finally {
      await run.dispose();
    }

    async function whatComes(of: Run): Promise<{ at: number; jobs: Job[] } | undefined> {
      let at = now + (random.chance(15) ? 0 : random.below(1000) + 1);
      const cancellation = random.chance(2) ? [{ cancelWorkflow: { reason: 'E-1: changed their mind' } }] : [];
      const message = random.chance(server.isWaitedFor ? 15 : 90)
        ? await messageTo(map, () => recordOf(of, now), random, given.carried)
        : undefined;
      const jobs: Job[] = [];
      for (let more = true; more && server.isWaitedFor && !(message && random.chance(70)); more = random.chance(30)) {
        const next = server.next(at);
        if (!next) break;
        at = next.at;
        jobs.push(next.job);
      }
      const all = [...(message ? [message] : []), ...cancellation, ...jobs];
      return all.length > 0 ? { at, jobs: all } : undefined;
    }
  }
}

function toPayload(value: unknown) {
  return defaultPayloadConverter.toPayload(value);
}

function initializeWorkflow(
  workflowType: string,
  given: NonNullable<Job['initializeWorkflow']>['arguments'],
  memo?: NonNullable<Job['initializeWorkflow']>['memo'],
): Job {
  return {
    initializeWorkflow: { workflowId: 'case', workflowType, arguments: given ?? [], attempt: 1, ...(memo && { memo }) },
  };
}

/** The answer of the query for the record. */
async function recordOf(run: Run, now: number): Promise<CaseRecord> {
  const commands = await run.activate(now, [{ queryWorkflow: { queryId: 'q', queryType: whereaboutsQuery } }]);
  const answer = commands[0]?.respondToQuery?.succeeded?.response;
  if (!answer) throw new Error(`The case did not answer: ${JSON.stringify(commands)}`);
  return defaultPayloadConverter.fromPayload<CaseRecord>(answer);
}
