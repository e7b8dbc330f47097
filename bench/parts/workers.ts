import { readdir, readFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { startChild } from '../children';
import { inRounds, speedsOf, startRig, type Load, type Rig, type Round } from '../rig';
import { startTemporalServer } from '../servers';
import { figure, inWords, type Findings } from '../table';
import { spreadOf, sumOf } from '../statistics';
import type { VariantName } from '../variants';
import type { Given, Part } from './part';
import type { WorkerQuestion } from '../worker';

const names = ['plain', 'kit, reads'] as const satisfies VariantName[];
const counts = [1, 2, 4];

/** Throughput with several worker processes, and what limits it. */
export const workers: Part = async (given) => {
  const { variant, atEnd, rounds, quick, say } = given;
  const server = await startTemporalServer(given);
  const rigs: Record<string, Rig> = {};
  for (const name of names) {
    for (const count of counts) {
      const key = `${name}, ${count} ${count === 1 ? 'worker' : 'workers'}`;
      rigs[key] = await startRig(variant(name, server.address, key), { atEnd, server, workers: count });
      await rigs[key].measure({ clients: 32, warmUpMs: 0, windowMs: quick ? 1000 : 2000 });
    }
  }
  say(`1, 2 and 4 workers, ${rounds} rounds`);
  const load: Load = { clients: 128, warmUpMs: 3000, windowMs: quick ? 2000 : 4000 };
  const measured = await inRounds(Object.keys(rigs), rounds, (key) => (rigs[key] as Rig).measure(load));
  return [throughput(measured), await byThread(given, rigs, load), await profile(given, server, load)];
};

function throughput(measured: Record<string, Round[]>): Findings {
  return {
    title: 'Throughput with several worker processes, at 128 clients',
    head: ['', 'processes/s', 'server ms', 'worker ms', 'client ms', `processors busy of ${cpus().length}`],
    rows: Object.entries(measured).map(([key, rounds]) => [
      key,
      inWords(spreadOf(speedsOf(rounds))),
      ...(['server', 'worker', 'client'] as const).map((part) =>
        figure(spreadOf(rounds.map(({ processorTime }) => processorTime[part])).median),
      ),
      inWords(spreadOf(rounds.map(({ processorsBusy }) => processorsBusy)), 2),
    ]),
    notes: ['Milliseconds of processor time for each process, all workers together; medians of the rounds.'],
  };
}

/** Which threads of one worker take its time. */
async function byThread({ say }: Given, rigs: Record<string, Rig>, load: Load): Promise<Findings> {
  say('threads of a worker');
  const times = new Map<string, Map<string, number>>();
  for (const name of names) {
    const rig = rigs[`${name}, 1 worker`] as Rig;
    const look = () => (rig.workers[0] ?? rig.client).ask<Map<string, number>>('threads' satisfies WorkerQuestion);
    const before = await look();
    const { ids } = await rig.measure(load);
    const after = await look();
    times.set(
      name,
      new Map([...after].map(([thread, time]) => [thread, (time - (before.get(thread) ?? 0)) / ids.length])),
    );
  }
  const threads = [...new Set([...times.values()].flatMap((ofName) => [...ofName.keys()]))];
  const worth = (thread: string) => sumOf(names.map((name) => times.get(name)?.get(thread) ?? 0));
  return {
    title: 'Threads of one worker: milliseconds of processor time for each process',
    head: ['', ...names],
    rows: threads
      .filter((thread) => worth(thread) >= 0.1)
      .sort((a, b) => worth(b) - worth(a))
      .map((thread) => [thread, ...names.map((name) => figure(times.get(name)?.get(thread) ?? NaN, 2))]),
    notes: [
      '`main` runs activities and talks to the core; `node` are the workflow thread and the helpers of V8; `tokio` is the core.',
    ],
  };
}

interface CpuProfile {
  nodes: { id: number; callFrame: { functionName: string; url: string } }[];
  samples: number[];
  timeDeltas: number[];
}

/** Where the JavaScript of a worker spends its time, by package, from the profile that Node writes (`--cpu-prof`). */
async function profile(given: Given, server: { address: string; pid: number }, load: Load): Promise<Findings> {
  given.say('profile of a worker');
  const target = given.variant('kit, reads', server.address, 'profiled');
  const folder = join(given.dir, 'profile');
  const worker = await startChild('worker.ts', target, ['--cpu-prof', `--cpu-prof-dir=${folder}`]);
  given.atEnd(() => worker.stop());
  const rig = await startRig(target, { ...given, server, workers: 0 });
  const { ids } = await rig.measure(load);
  await worker.stop();
  const byPlace = new Map<string, number>();
  for (const file of await readdir(folder)) {
    const { nodes, samples, timeDeltas } = JSON.parse(await readFile(join(folder, file), 'utf8')) as CpuProfile;
    const places = new Map(nodes.map(({ id, callFrame }) => [id, placeOf(callFrame)]));
    samples.forEach((node, index) => {
      const place = places.get(node) ?? '';
      byPlace.set(place, (byPlace.get(place) ?? 0) + (timeDeltas[index] ?? 0) / 1000);
    });
  }
  byPlace.delete('(idle)');
  const total = sumOf([...byPlace.values()]);
  return {
    title: `Where the JavaScript of a worker spends its time: \`kit, reads\`, ${ids.length} processes and its start`,
    head: ['', 'share'],
    rows: [...byPlace]
      .sort(([, a], [, b]) => b - a)
      .slice(0, 12)
      .map(([place, time]) => [place, `${figure((100 * time) / total)} %`]),
  };
}

/** The package, or what V8 calls it. */
function placeOf({ functionName, url }: CpuProfile['nodes'][number]['callFrame']): string {
  const inPackage = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1];
  if (inPackage !== undefined) return inPackage;
  if (url.startsWith('node:')) return 'Node';
  if (url === '') return functionName === '' ? '(native)' : functionName;
  if (url.includes('src/kit')) return 'our kit';
  return /workflow-bundle|kit\.js/.test(url) ? 'workflow bundle' : 'bench';
}
