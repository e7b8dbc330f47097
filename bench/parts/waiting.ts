import { setTimeout as sleep } from 'node:timers/promises';
import { workerSettings } from '../../src/platform/worker-settings';
import { memoryOf, processorTime } from '../processes';
import { inRounds, speedsOf, startRig, type Rig, type Round } from '../rig';
import type { WorkerQuestion } from '../worker';
import { startTemporalServer, type MeasuredServer } from '../servers';
import { inWords, type Findings } from '../table';
import { ratiosOf, spreadOf } from '../statistics';
import type { VariantName } from '../variants';
import type { Given, Part } from './part';

const names = ['plain', 'kit, reads'] as const satisfies VariantName[];
type Name = (typeof names)[number];

interface Weight {
  worker: number;
  server: number;
  disk: number;
}

interface Filled {
  server: MeasuredServer;
  ids: string[];
  weights: Weight[];
}

/** What a case costs that waits for its approval, and whether many of them slow new ones. */
export const waiting: Part = async (given) => {
  const cases = given.quick ? 1_000 : 10_000;
  const filled = await fill(given, cases);
  return [weights(filled, cases), await newOnes(given, filled, cases)];
};

/** Opens the cases on workers that keep each of them in memory, and weighs them. */
async function fill({ variant, rounds, say, ...given }: Given, cases: number): Promise<Record<Name, Filled>> {
  const filled = {} as Record<Name, Filled>;
  const rigs = {} as Record<Name, Rig>;
  for (const name of names) {
    const server = await startTemporalServer(given);
    const target = { ...variant(name, server.address), worker: { maxCachedWorkflows: cases + 1_000 } };
    rigs[name] = await startRig(target, { ...given, server, nodeOptions: ['--expose-gc'] });
    await rigs[name].measure({ clients: 32, warmUpMs: 0, windowMs: 3000 });
    filled[name] = { server, ids: [], weights: [] };
  }
  say(`opening ${cases} cases each, in ${rounds} rounds`);
  for (let round = 1; round <= rounds; round += 1) {
    for (const name of names) {
      const [rig, { server, ids, weights: ofName }] = [rigs[name], filled[name]];
      const before = await weigh(rig, server);
      const opened = await rig.open(Math.round((cases * round) / rounds) - ids.length);
      ids.push(...opened);
      await untilAllWait(rig, server, ids.length);
      ofName.push(lessEach(await weigh(rig, server), before, opened.length));
    }
  }
  for (const name of names) await rigs[name].workers[0]?.stop();
  return filled;
}

/** New cases, on workers as shipped whose memory is as full of waiting cases as it gets, and on servers without them. */
async function newOnes(given: Given, filled: Record<Name, Filled>, cases: number): Promise<Findings> {
  const { variant, atEnd, rounds, quick, say } = given;
  const empty = await startTemporalServer(given);
  const rigs: Record<string, Rig> = {};
  for (const name of names) {
    const { server, ids } = filled[name];
    const full = await startRig(variant(name, server.address), { atEnd, server });
    say(`${name}: filling the memory of a worker`);
    await full.visit(ids.slice(0, 2 * workerSettings.maxCachedWorkflows));
    rigs[`${name} full`] = full;
    rigs[`${name} alone`] = await startRig(variant(name, empty.address), { atEnd, server: empty });
  }
  for (const rig of Object.values(rigs)) await rig.measure({ clients: 32, warmUpMs: 0, windowMs: 3000 });
  say(`new cases beside ${cases} waiting, ${2 * rounds} rounds`);
  const load = { clients: 32, warmUpMs: 0, windowMs: quick ? 1500 : 5000 };
  const measured = await inRounds(Object.keys(rigs), 2 * rounds, (name) => (rigs[name] as Rig).measure(load));
  const kept = await (rigs['plain full'] as Rig).workers[0]?.ask<number>('cached' satisfies WorkerQuestion);
  return slowing(measured, cases, kept ?? NaN);
}

function slowing(measured: Record<string, Round[]>, cases: number, kept: number): Findings {
  const speeds = (key: string) => speedsOf(measured[key]);
  return {
    title: `New processes per second with and without ${cases} cases waiting, at 32 clients`,
    head: ['', 'none waiting', `${cases} waiting`, 'ratio, round by round', 'to reach'],
    rows: names.map((name) => {
      const [alone, full] = [speeds(`${name} alone`), speeds(`${name} full`)];
      const ratio = spreadOf(ratiosOf(full, alone));
      return [name, inWords(spreadOf(alone)), inWords(spreadOf(full)), inWords(ratio, 2), '0.90'];
    }),
    notes: [
      `Workers as shipped: they keep ${kept} cases in memory, all of them waiting ones at the beginning, and replay another when something happens to it.`,
    ],
  };
}

/** After a collection of all garbage. */
async function weigh({ workers: [worker], client }: Rig, server: MeasuredServer): Promise<Weight> {
  if (!worker) throw new TypeError('no worker');
  for (let time = 0; time < 2; time += 1) {
    await client.ask('collect garbage');
    await worker.ask('collect garbage' satisfies WorkerQuestion);
  }
  return { worker: memoryOf(worker.pid), server: memoryOf(server.pid), disk: await server.diskSpace() };
}

/** All are in the worker's memory, and neither worker nor server has anything left to do. */
async function untilAllWait({ workers: [worker] }: Rig, server: MeasuredServer, cases: number): Promise<void> {
  if (!worker) throw new TypeError('no worker');
  const quiet = 50;
  const pids = [worker.pid, server.pid];
  for (;;) {
    const before = processorTime(pids);
    await sleep(1000);
    const cached = await worker.ask<number>('cached' satisfies WorkerQuestion);
    if (cached >= cases && !(processorTime(pids) - before > quiet)) return;
  }
}

/** What one of so many new cases takes. */
function lessEach(after: Weight, before: Weight, cases: number): Weight {
  const each = (part: keyof Weight) => (after[part] - before[part]) / cases;
  return { worker: each('worker'), server: each('server'), disk: each('disk') };
}

function weights(filled: Record<Name, Filled>, cases: number): Findings {
  const each = (name: Name, part: keyof Weight) => filled[name].weights.map((one) => one[part] / 1024);
  const kilobytes = (name: Name, part: keyof Weight) => inWords(spreadOf(each(name, part)));
  return {
    title: `What one waiting case takes, up to ${cases} of them`,
    head: ['', 'worker KB', 'to plain, round by round', 'to reach', 'server KB', 'disk KB'],
    rows: names.map((name) => {
      const ratio = spreadOf(ratiosOf(each(name, 'worker'), each('plain', 'worker')));
      return [
        name,
        kilobytes(name, 'worker'),
        name === 'plain' ? '' : inWords(ratio, 2),
        name === 'plain' ? '' : 'at most 1.3',
        kilobytes(name, 'server'),
        kilobytes(name, 'disk'),
      ];
    }),
    notes: [
      "Each round opens its share of the cases beside those of the rounds before. Memory as the process's own share (PSS), after minus before. The worker keeps every case in its cache (`maxCachedWorkflows` above their number); garbage of its main thread and of its workflow thread was collected before each look. The memory of the server is as its collector left it.",
    ],
  };
}
