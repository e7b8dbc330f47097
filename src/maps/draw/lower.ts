import type {
  Attempt,
  Background,
  Block,
  Choice,
  Exit,
  ForEach,
  Join,
  Loop,
  Parallel,
  StepBlock,
} from '../process-map';
import { isSilent } from '../blocks';
import { stepsThatFail } from './failing';
import type { Sketch } from './sketch';

/** Where a block goes on: after it, and by the exits in it. */
export interface Way {
  next: string;
  leave: Leave;
}

/** The node an exit leads to. */
export type Leave = (exit: Exit) => string;

/** Adds a block to the sketch, so that it goes on as told, and gives the node it begins with. */
export function lower(block: Block, outer: Way, sketch: Sketch): string {
  const way = { ...outer, leave: endedBy(block, outer) };
  switch (block.kind) {
    case 'sequence':
      return block.blocks.reduceRight((next, one) => lower(one, { ...way, next }, sketch), way.next);
    case 'step':
      return lowerStep(block, way, sketch);
    case 'parallel':
      return lowerParallel(block, way, sketch);
    case 'forEach':
      return lowerForEach(block, way, sketch);
    case 'choice':
      return lowerChoice(block, way, sketch);
    case 'loop':
      return lowerLoop(block, way, sketch);
    case 'attempt':
      return lowerAttempt(block, way, sketch);
    case 'helper':
      return lower(block.body, returning(way, way.next), sketch);
    case 'background':
      return lowerBackground(block, way, sketch);
    case 'exit':
      return lowerExit(block, way, sketch);
    case 'unknown':
      sketch.node({ id: block.id, kind: 'unknown', label: block.label });
      sketch.edge(block.id, way.next);
      return block.id;
  }
}

/** `break` out of a block goes on after it. */
function endedBy({ id }: Block, { next, leave }: Way): Leave {
  return (exit) => (exit.exit === 'break' && exit.target === id ? next : leave(exit));
}

/** `return` in a function of its own ends that alone. */
function returning({ next, leave }: Way, end: string): Way {
  return { next, leave: (exit) => (exit.exit === 'return' ? end : leave(exit)) };
}

function lowerStep(step: StepBlock, { next }: Way, sketch: Sketch, each?: string): string {
  const { id, label, tells } = step;
  sketch.node({ id, kind: 'step', label, step, ...(each !== undefined && { each }) });
  sketch.edge(id, next);
  if (tells) beside(id, tells, 'meanwhile', sketch);
  return id;
}

/** A flow that begins at a node, holds up nothing, and ends alone. */
function beside(id: string, body: Block, label: string, sketch: Sketch): void {
  const end = sketch.node({ id: `${id}#beside`, kind: 'end', end: 'branch', label: '' });
  const leave: Leave = (exit) =>
    exit.exit === 'throw' ? sketch.node({ id: exit.id, kind: 'end', end: 'failed', label: exit.label }) : end;
  const entry = lower(body, { next: end, leave }, sketch);
  if (entry !== end) sketch.edge(id, entry, label, 'beside');
}

const joinLabels: Record<Join, string> = { all: '', allSettled: '', race: 'first to end', any: 'first done' };

function lowerParallel({ id, join, branches }: Parallel, way: Way, sketch: Sketch): string {
  const joined = `${id}#join`;
  const isOver = join === 'race' || join === 'any';
  const entries = branches
    .filter((branch) => isOver || !isSilent(branch))
    .map((branch) => lower(branch, branchWay(join, joined, way), sketch));
  const ways = isOver ? entries : entries.filter((entry) => entry !== joined);
  if (ways.length > 1) sketch.node({ id: joined, kind: 'parallel', label: joinLabels[join] });
  else sketch.junction(joined);
  sketch.edge(joined, way.next);
  if (ways.length < 2) return ways[0] ?? joined;
  sketch.node({ id, kind: 'parallel', label: '' });
  for (const entry of ways) sketch.edge(id, entry);
  return id;
}

function branchWay(join: Join, joined: string, way: Way): Way {
  const settles = join === 'allSettled' || join === 'any';
  const leave: Leave = (exit) => (settles && exit.exit === 'throw' ? joined : way.leave(exit));
  return returning({ next: joined, leave }, joined);
}

/** One step for each of a list is drawn as one node. */
function lowerForEach({ id, join, label, body }: ForEach, way: Way, sketch: Sketch): string {
  const only = onlyStep(body);
  if (only) return lowerStep(only, way, sketch, label);
  const joined = sketch.node({ id: `${id}#join`, kind: 'parallel', label: joinLabels[join] });
  sketch.edge(joined, way.next);
  const entry = lower(body, branchWay(join, joined, way), sketch);
  if (entry === joined) return way.next;
  sketch.node({ id, kind: 'parallel', label });
  sketch.edge(id, entry);
  return id;
}

function onlyStep(block: Block): StepBlock | undefined {
  if (block.kind === 'step') return block;
  if (block.kind === 'helper') return onlyStep(block.body);
  const [first, ...others] = block.kind === 'sequence' ? block.blocks : [];
  return first && others.length === 0 ? onlyStep(first) : undefined;
}

function lowerChoice({ id, label, branches }: Choice, way: Way, sketch: Sketch): string {
  sketch.node({ id, kind: 'choice', label });
  for (const branch of branches) sketch.edge(id, lower(branch.block, way, sketch), branch.label);
  return id;
}

function lowerLoop({ id, label, body, once, forever }: Loop, way: Way, sketch: Sketch): string {
  const again = forever ? `${id}#again` : id;
  const leave: Leave = (exit) => (exit.exit === 'continue' && exit.target === id ? again : way.leave(exit));
  const entry = lower(body, { next: again, leave }, sketch);
  if (forever) {
    sketch.way(again, id, 'again');
    return sketch.way(id, entry, '');
  }
  sketch.node({ id, kind: 'choice', label });
  sketch.edge(id, entry, 'yes');
  sketch.edge(id, way.next, 'no');
  return once ? entry : id;
}

function lowerBackground({ id, body, isAwaited }: Background, way: Way, sketch: Sketch): string {
  const end = sketch.node({ id: `${id}#end`, kind: 'end', end: 'branch', label: '' });
  const leave: Leave = (exit) => {
    if (exit.exit !== 'throw' || isAwaited) return way.leave(exit);
    return sketch.node({ id: exit.id, kind: 'end', end: 'failed', label: exit.label });
  };
  const entry = lower(body, returning({ next: end, leave }, end), sketch);
  if (entry === end) return way.next;
  sketch.node({ id, kind: 'parallel', label: '' });
  sketch.edge(id, way.next);
  sketch.edge(id, entry, 'meanwhile', 'beside');
  return id;
}

/**
 * `try`: an explicit failure leads to the handler; that of any other step in the body is one edge, which leaves the step
 * when it is the only one, else a node before the body.
 */
function lowerAttempt(attempt: Attempt, way: Way, sketch: Sketch): string {
  const { id, body, handler, finalizer } = attempt;
  if (finalizer && !isSilent(finalizer)) return lowerFinalizer(attempt, finalizer, way, sketch);
  if (!handler) return lower(body, way, sketch);

  const handled = lower(handler, way, sketch);
  const leave: Leave = (exit) => (exit.exit === 'throw' ? handled : way.leave(exit));
  const entry = lower(body, { next: way.next, leave }, sketch);
  const [only, ...others] = stepsThatFail(body);
  if (only !== undefined && others.length === 0) {
    sketch.edge(only, handled, 'failed', 'failed');
    return entry;
  }
  if (only === undefined && sketch.reachable([entry]).includes(handled)) return entry;
  sketch.node({ id, kind: 'attempt', label: '' });
  sketch.edge(id, entry);
  sketch.edge(id, handled, 'failed', 'failed');
  return id;
}

interface WayOn {
  /** The junction by which the finalizer is reached. */
  via: string;
  label: string;
  onward: () => string;
}

/** `finally` is drawn once: whatever way it is reached by goes on after it. */
function lowerFinalizer(attempt: Attempt, finalizer: Block, way: Way, sketch: Sketch): string {
  const { id, body, handler } = attempt;
  const entry = `${id}#finally`;
  const through = (suffix: string) => sketch.way(`${entry}#${suffix}`, entry, '');
  sketch.junction(entry);
  const next = through('next');
  const ways: WayOn[] = [{ via: next, label: 'goes on', onward: () => way.next }];
  const leave: Leave = (exit) => {
    const via = through(exit.id);
    ways.push({ via, label: labelOf(exit), onward: () => way.leave(exit) });
    return via;
  };
  const begin = lowerAttempt({ kind: 'attempt', id, body, ...(handler && { handler }) }, { next, leave }, sketch);

  const reached = new Set(sketch.reachable([begin]));
  const taken = ways.filter(({ via }) => reached.has(via));
  const after = sketch.node({ id: `${id}#after`, kind: 'choice', label: '' });
  for (const { label, onward } of taken) sketch.edge(after, onward(), label);
  sketch.edge(entry, lower(finalizer, { next: after, leave: way.leave }, sketch));
  return begin;
}

const labelOf = ({ exit, label }: Exit) => (label !== '' ? label : exit === 'throw' ? 'failed' : exit);

function lowerExit(exit: Exit, { leave }: Way, sketch: Sketch): string {
  const target = leave(exit);
  if (target === exit.id) return target;
  const by = `${exit.id}#way`;
  return exit.exit === 'throw' ? sketch.way(by, target, 'failed', 'failed') : sketch.way(by, target, '');
}
