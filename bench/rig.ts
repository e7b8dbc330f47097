import { startChild, type Child } from './children';
import type { ClientQuestion, Driven } from './client';
import type { Target } from './engines/engine';
import type { AtEnd } from './scope';
import { sumOf } from './statistics';

/** A window of load. */
export interface Load {
  clients: number;
  warmUpMs: number;
  windowMs: number;
}

/** What one round gave. */
export interface Round {
  /** All flows of the round by the time from the first start to the last result, so that none is counted half. */
  perSecond: number;
  /** Milliseconds of the flows that ended in the window. */
  latencies: number[];
  /** Milliseconds of processor time for each flow, by part. */
  processorTime: Record<Part, number>;
  /** Processors kept busy by all parts together. */
  processorsBusy: number;
  /** Actions of each flow as the server counted them; NaN where there is no such thing. */
  actions: number;
  ids: string[];
}

/** Processes per second of each round. */
export function speedsOf(rounds: Round[] = []): number[] {
  return rounds.map(({ perSecond }) => perSecond);
}

export type Part = 'server' | 'worker' | 'client';

/** Worker processes and a client process for one way of running the flow. */
export interface Rig {
  client: Child;
  workers: Child[];
  measure(load: Load): Promise<Round>;
  /** Starts so many flows that wait, and gives their ids. */
  open(flows: number): Promise<string[]>;
  /** Brings flows that wait into the memory of the workers. */
  visit(ids: string[]): Promise<void>;
}

export interface RigOptions {
  atEnd: AtEnd;
  server: { pid: number; actions?(): Promise<number> };
  workers?: number;
  /** Options of Node for the worker processes. */
  nodeOptions?: string[];
}

export async function startRig(target: Target, options: RigOptions): Promise<Rig> {
  const { atEnd, server, nodeOptions = [] } = options;
  const workers: Child[] = [];
  for (let count = 0; count < (options.workers ?? 1); count += 1) {
    const worker = await startChild('worker.ts', target, nodeOptions);
    atEnd(() => worker.stop());
    workers.push(worker);
  }
  const client = await startChild('client.ts', target);
  atEnd(() => client.stop());
  const parts: Record<Part, number[]> = {
    server: [server.pid],
    worker: workers.map(({ pid }) => pid),
    client: [client.pid],
  };
  const actionsNow = () => server.actions?.() ?? Promise.resolve(NaN);
  const ask = <Answer>(question: ClientQuestion) => client.ask<Answer>(question);
  return {
    client,
    workers,
    async measure(load) {
      const before = await actionsNow();
      const { latencies, processorTime, ids, tookMs } = await ask<Driven>({ drive: { ...load, parts } });
      const actions = ((await actionsNow()) - before) / ids.length;
      const each = (part: Part) => (processorTime[part] ?? NaN) / ids.length;
      return {
        perSecond: ids.length / (tookMs / 1000),
        latencies,
        processorTime: { server: each('server'), worker: each('worker'), client: each('client') },
        processorsBusy: sumOf(Object.values(processorTime)) / tookMs,
        actions,
        ids,
      };
    },
    open: (flows) => ask({ open: { flows, clients: 64 } }),
    visit: (ids) => ask({ visit: { ids, clients: 16 } }),
  };
}

/** Each of them in each round, in an order that rotates from round to round. */
export async function inRounds<Name extends string, Measured = Round>(
  names: Name[],
  rounds: number,
  measure: (name: Name) => Promise<Measured>,
): Promise<Record<Name, Measured[]>> {
  const measured = Object.fromEntries(names.map((name) => [name, [] as Measured[]])) as Record<Name, Measured[]>;
  for (let round = 0; round < rounds; round += 1) {
    const first = round % names.length;
    for (const name of [...names.slice(first), ...names.slice(0, first)]) measured[name].push(await measure(name));
  }
  return measured;
}
