import { setTimeout as sleep } from 'node:timers/promises';
import { memoryOf, processorTime } from '../processes';
import { inRounds, startRig, type Rig } from '../rig';
import type { WorkerQuestion } from '../worker';
import { startTemporalServer, type MeasuredServer } from '../servers';
import { figure, inWords, type Findings } from '../table';
import { spreadOf } from '../statistics';
import type { VariantName } from '../variants';
import type { Given, Part } from './part';

const names = ['plain', 'kit, reads'] as const satisfies VariantName[];
type Name = (typeof names)[number];

interface Weight {
  worker: number;
  server: number;
  disk: number;
}

/** What a case costs that waits for its approval, and whether many of them slow new ones. */
export const waiting: Part = async (given) => {
  const { rounds, quick, say } = given;
  const cases = quick ? 1_000 : 10_000;
  const empty = await startTemporalServer(given);
  const rigs: Record<string, Rig> = {};
  const perCase = new Map<Name, Weight>();
  for (const name of names) {
    const full = await startTemporalServer(given);
    const [filled, alone] = [
      await startLargeRig(given, name, full, cases),
      await startLargeRig(given, name, empty, cases),
    ];
    for (const rig of [filled, alone]) await rig.measure({ clients: 32, warmUpMs: 0, windowMs: 3000 });
    say(`${name}: opening ${cases} cases`);
    const before = await weigh(filled, full);
    await filled.open(cases);
    await untilAllWait(filled, full, cases);
    const after = await weigh(filled, full);
    perCase.set(name, {
      worker: (after.worker - before.worker) / cases,
      server: (after.server - before.server) / cases,
      disk: (after.disk - before.disk) / cases,
    });
    rigs[`${name} full`] = filled;
    rigs[`${name} alone`] = alone;
  }
  say(`new cases beside ${cases} waiting, ${rounds} rounds`);
  const load = { clients: 32, warmUpMs: 1000, windowMs: quick ? 1500 : 4000 };
  const measured = await inRounds(Object.keys(rigs), rounds, (name) => (rigs[name] as Rig).measure(load));
  const speeds = (key: string) => (measured[key] ?? []).map(({ perSecond }) => perSecond);
  const slowing: Findings = {
    title: `New processes per second with and without ${cases} cases waiting, at 32 clients`,
    head: ['', 'none waiting', `${cases} waiting`, 'ratio, round by round', 'to reach'],
    rows: names.map((name) => {
      const [alone, full] = [speeds(`${name} alone`), speeds(`${name} full`)];
      const ratio = full.map((value, round) => value / (alone[round] ?? NaN));
      return [name, inWords(spreadOf(alone)), inWords(spreadOf(full)), inWords(spreadOf(ratio), 2), '0.90'];
    }),
  };
  return [weights(perCase, cases), slowing];
};

/** One that keeps all the waiting cases in memory. */
function startLargeRig({ variant, atEnd }: Given, name: Name, server: MeasuredServer, cases: number): Promise<Rig> {
  const target = { ...variant(name, server.address), worker: { maxCachedWorkflows: cases + 1_000 } };
  return startRig(target, { atEnd, server, nodeOptions: ['--expose-gc'] });
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

function weights(perCase: Map<Name, Weight>, cases: number): Findings {
  const kilobytes = (bytes: number) => figure(bytes / 1024);
  const plain = perCase.get('plain');
  return {
    title: `What one waiting case takes, with ${cases} of them`,
    head: ['', 'worker KB', 'to plain', 'to reach', 'server KB', 'disk KB'],
    rows: [...perCase].map(([name, { worker, server, disk }]) => [
      name,
      kilobytes(worker),
      name === 'plain' ? '' : figure(worker / (plain?.worker ?? NaN), 2),
      name === 'plain' ? '' : '1.3',
      kilobytes(server),
      kilobytes(disk),
    ]),
    notes: [
      "Memory as the process's own share (PSS), after minus before. The worker keeps every case in its cache (`maxCachedWorkflows` above their number); garbage of its main thread and of its workflow thread was collected before each look. The memory of the server is as its collector left it.",
    ],
  };
}
