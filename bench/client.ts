import { setTimeout as sleep } from 'node:timers/promises';
import { answerQuestions } from './children';
import { engineFor, type Driver, type Target } from './engines/engine';
import { processorTime } from './processes';

/** Keep so many flows going; count what ends in the window, which begins after the warm-up. */
export interface Drive {
  clients: number;
  warmUpMs: number;
  windowMs: number;
  /** Processes whose processor time is wanted, by part. */
  parts: Record<string, number[]>;
}

export interface Driven {
  /** Of each flow that ended in the window, in milliseconds. */
  latencies: number[];
  /** Every flow that was run, in the window or not. */
  ids: string[];
  /** Milliseconds that all of them took, from the first start to the last result, and their processor time. */
  tookMs: number;
  processorTime: Record<string, number>;
}

/** What a client process can be asked. */
export type ClientQuestion =
  | { drive: Drive }
  | { open: { flows: number; clients: number } }
  | { visit: { ids: string[]; clients: number } }
  | 'collect garbage';

const unique = `${process.pid}-${Date.now().toString(36)}`;
let started = 0;
const nextId = () => `salary-${unique}-${(started += 1)}`;

async function drive(driver: Driver, { clients, warmUpMs, windowMs, parts }: Drive): Promise<Driven> {
  const latencies: number[] = [];
  const ids: string[] = [];
  let phase: 'warm-up' | 'window' | 'over' = 'warm-up';
  const phaseNow = () => phase;
  async function loop(): Promise<void> {
    while (phaseNow() !== 'over') {
      const id = nextId();
      ids.push(id);
      const begun = performance.now();
      await driver.run(id);
      if (phaseNow() === 'window') latencies.push(performance.now() - begun);
    }
  }
  const timesNow = () => Object.entries(parts).map(([part, pids]) => [part, processorTime(pids)] as const);
  const before = Object.fromEntries(timesNow());
  const begun = performance.now();
  const loops = Promise.all(Array.from({ length: clients }, loop));
  await sleep(warmUpMs);
  phase = 'window';
  await sleep(windowMs);
  phase = 'over';
  await loops;
  const taken = timesNow().map(([part, after]) => [part, after - (before[part] ?? NaN)] as const);
  const tookMs = performance.now() - begun;
  return { latencies, ids, tookMs, processorTime: Object.fromEntries(taken) };
}

async function open(driver: Driver, flows: number, clients: number): Promise<string[]> {
  const ids = Array.from({ length: flows }, nextId);
  await forEach(ids, clients, async (id) => driver.open?.(id));
  return ids;
}

async function forEach(ids: string[], clients: number, act: (id: string) => Promise<void>): Promise<void> {
  const left = ids.values();
  const loop = async () => {
    for (const id of left) await act(id);
  };
  await Promise.all(Array.from({ length: clients }, loop));
}

void answerQuestions<Target, ClientQuestion>(async (target) => {
  const driver = await engineFor(target).connect(target);
  return {
    answer(question) {
      if (question === 'collect garbage') return driver.collectGarbage?.() ?? Promise.resolve();
      if ('drive' in question) return drive(driver, question.drive);
      if ('open' in question) return open(driver, question.open.flows, question.open.clients);
      return forEach(question.visit.ids, question.visit.clients, async (id) => driver.visit?.(id));
    },
    stop: () => driver.close(),
  };
});
