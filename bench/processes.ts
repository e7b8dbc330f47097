import { readdirSync, readFileSync } from 'node:fs';

/** Ticks of the processor time in /proc; every Linux that Node runs on has 100 a second. */
const millisecondsPerTick = 10;

/** Whether processor time and memory of other processes can be told here. */
export const canLook = process.platform === 'linux';

/** Milliseconds of processor time that the processes and their children have taken so far; NaN where it cannot be told. */
export function processorTime(pids: number[]): number {
  if (!canLook) return NaN;
  return withChildren(pids).reduce((sum, pid) => sum + ticksOf(`/proc/${pid}/stat`), 0) * millisecondsPerTick;
}

/** The same of one process by the names of its threads. */
export function processorTimeByThread(pid: number): Map<string, number> {
  const times = new Map<string, number>();
  if (!canLook) return times;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const folder = `/proc/${pid}/task/${thread}`;
    const name = readFileSync(`${folder}/comm`, 'utf8').trim();
    const kind = thread === String(pid) ? 'main' : name.replace(/[-:]?\d+$/, '');
    times.set(kind, (times.get(kind) ?? 0) + ticksOf(`${folder}/stat`) * millisecondsPerTick);
  }
  return times;
}

/** Bytes of memory that are the process's own share (PSS); NaN where it cannot be told. */
export function memoryOf(pid: number): number {
  if (!canLook) return NaN;
  const kilobytes = /^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1];
  return Number(kilobytes) * 1024;
}

/** Own time in user and kernel mode; a process or thread that has gone took none. */
function ticksOf(stat: string): number {
  const [, , , , , , , , , , , user, system] = fieldsOf(stat);
  return Number(user ?? 0) + Number(system ?? 0);
}

/** What follows the name, which may hold anything. */
function fieldsOf(stat: string): string[] {
  try {
    const text = readFileSync(stat, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return [];
  }
}

function withChildren(pids: number[]): number[] {
  const parents = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({ pid: Number(name), parent: Number(fieldsOf(`/proc/${name}/stat`)[1]) }));
  const found = new Set(pids);
  for (const { pid, parent } of parents.sort((a, b) => a.pid - b.pid)) if (found.has(parent)) found.add(pid);
  return [...found];
}
