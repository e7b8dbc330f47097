import { setTimeout as sleep } from 'node:timers/promises';
import { memoryOf, processorTime } from '../processes';
import { inRounds, startRig, type Rig } from '../rig';
import type { WorkerQuestion } from '../worker';
import { startTemporalServer, type MeasuredServer } from '../servers';
import { inWords, type Findings } from '../table';
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
  const servers = {} as Record<Name, MeasuredServer>;
  for (const name of names) {
    servers[name] = await startTemporalServer(given);
    rigs[`${name} full`] = await startLargeRig(given, name, servers[name], cases);
    rigs[`${name} alone`] = await startLargeRig(given, name, empty, cases);
  }
  for (const rig of Object.values(rigs)) await rig.measure({ clients: 32, warmUpMs: 0, windowMs: 3000 });
  say(`opening ${cases} cases each, in ${rounds} rounds`);
  const perCase = Object.fromEntries(names.map((name) => [name, [] as Weight[]])) as Record<Name, Weight[]>;
  for (let round = 1; round <= rounds; round += 1) {
    const [opened, wanted] = [Math.round((cases * (round - 1)) / rounds), Math.round((cases * round) / rounds)];
    for (const name of names) {
      const [rig, server] = [rigs[`${name} full`] as Rig, servers[name]];
      const before = await weigh(rig, server);
      await rig.open(wanted - opened);
      await untilAllWait(rig, server, wanted);
      perCase[name].push(lessEach(await weigh(rig, server), before, wanted - opened));
    }
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

/** What one of so many new cases takes. */
function lessEach(after: Weight, before: Weight, cases: number): Weight {
  const each = (part: keyof Weight) => (after[part] - before[part]) / cases;
  return { worker: each('worker'), server: each('server'), disk: each('disk') };
}

function weights(perCase: Record<Name, Weight[]>, cases: number): Findings {
  const kilobytes = (part: keyof Weight, ofName: Weight[]) => inWords(spreadOf(ofName.map((one) => one[part] / 1024)));
  return {
    title: `What one waiting case takes, up to ${cases} of them`,
    head: ['', 'worker KB', 'to plain, round by round', 'to reach', 'server KB', 'disk KB'],
    rows: names.map((name) => {
      const ofName = perCase[name];
      const ratio = ofName.map(({ worker }, round) => worker / (perCase.plain[round]?.worker ?? NaN));
      return [
        name,
        kilobytes('worker', ofName),
        name === 'plain' ? '' : inWords(spreadOf(ratio), 2),
        name === 'plain' ? '' : 'at most 1.3',
        kilobytes('server', ofName),
        kilobytes('disk', ofName),
      ];
    }),
    notes: [
      "Each round opens its share of the cases beside those of the rounds before. Memory as the process's own share (PSS), after minus before. The worker keeps every case in its cache (`maxCachedWorkflows` above their number); garbage of its main thread and of its workflow thread was collected before each look. The memory of the server is as its collector left it.",
    ],
  };
}
