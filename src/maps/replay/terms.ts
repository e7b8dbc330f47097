import type { Attempt, Block, ForEach, Helper, Loop, Parallel, ProcessMap, Sequence } from '../process-map';
import { blocksOf } from './anatomy';
import { brokenOutOf, type Leaving } from './exits';
import type { Ending, Fate } from './observed';
import type { BetweenRounds, Ended, Fresh, InAttempt, Running, Source, Stage, Term } from './term';

type Shape<T extends Term = Term> = T extends Term ? Omit<T, 'id'> : never;

/** More than a sequence has. */
const mostBlocks = 100_000;

/**
 * Makes terms, each alike one once, in the simplest form: what is over is left out, so that positions which come to the same
 * are the same.
 */
export class Terms {
  readonly done: Ended;
  private ids = 0;
  private readonly made = new Map<string | number, Term>();
  private readonly madeOf = new Map<Block, Map<string | number, Term>>();
  private readonly notBegun = new Map<Block, Fresh>();
  private readonly brokenOutOf: ReadonlySet<string>;

  /** `throwsAnywhere`: what is done may throw still, so that the handler of an attempt stays where its body is done. */
  constructor(
    map: ProcessMap,
    private readonly throwsAnywhere: boolean,
  ) {
    this.brokenOutOf = brokenOutOf(blocksOf(map));
    this.done = this.ended('done');
  }

  ended(ending: Ending): Ended {
    return this.one(ending, { kind: 'ended', ending, due: Infinity });
  }

  fresh(block: Block): Fresh {
    const before = this.notBegun.get(block);
    if (before) return before;
    const term: Fresh = { kind: 'fresh', block, due: Infinity, id: this.nextId() };
    this.notBegun.set(block, term);
    return term;
  }

  running(fate: Fate, goesOn: boolean): Running {
    const due = fate.ending ? fate.endedAt : Infinity;
    return this.one(`running ${fate.id} ${goesOn}`, { kind: 'running', fate, goesOn, due });
  }

  sequence(block: Sequence, at: number, current: Term): Term {
    if (isEnded(current, 'done')) return this.restOf(block, at + 1);
    if (at === block.blocks.length - 1 || isEnded(current, 'failed')) return current;
    return this.oneOf(block, at + current.id * mostBlocks, { kind: 'sequence', block, at, current, due: current.due });
  }

  restOf(block: Sequence, at: number): Term {
    const next = block.blocks[at];
    return next ? this.sequence(block, at, this.fresh(next)) : this.done;
  }

  parallel(block: Parallel, branches: readonly Term[]): Term {
    const isOver = (branch: Term) =>
      branch.kind === 'ended' && (branch.ending === 'done' || block.join === 'allSettled');
    const isAllOver = branches.every(isOver) && (block.join === 'all' || block.join === 'allSettled');
    if (isAllOver) return this.done;
    return this.oneOf(block, idsOf(branches), { kind: 'parallel', block, branches, due: dueOf(branches) });
  }

  forEach(block: ForEach, instances: readonly Term[]): Term {
    const active = this.stillActive(block, instances).toSorted((one, other) => one.id - other.id);
    return this.oneOf(block, idsOf(active), { kind: 'forEach', block, active, due: dueOf(active) });
  }

  /** Instances that are over tell nothing where all are awaited; elsewhere one of each ending tells as much as many. */
  private stillActive({ join }: ForEach, instances: readonly Term[]): Term[] {
    return instances.filter((instance, index) => {
      if (instance.kind !== 'ended') return true;
      if (join === 'allSettled' || (join === 'all' && instance.ending === 'done')) return false;
      return instances.indexOf(instance) === index;
    });
  }

  loop(block: Loop, current: Term): Term {
    if (isEnded(current, 'done')) return this.betweenRounds(block, false);
    if (isEnded(current, 'failed')) return current;
    return this.oneOf(block, current.id, { kind: 'loop', block, current, due: current.due });
  }

  betweenRounds(block: Loop, isFirst: boolean): BetweenRounds {
    return this.oneOf(block, isFirst ? 'first' : 'next', { kind: 'between rounds', block, isFirst, due: Infinity });
  }

  attempt(block: Attempt, part: InAttempt['part'], current: Term, saved: Leaving = 'normal'): Term {
    if (current.kind === 'ended' && this.isSettled(block, part, current.ending)) {
      const left = part === 'finalizer' && current.ending === 'done' ? saved : leavingBy(current.ending);
      const next = left && this.afterPart(block, part, left);
      if (next && typeof next !== 'string') return next;
      if (next === 'normal') return this.done;
      if (next === 'throw') return this.ended('failed');
    }
    return this.oneOf(block, `${part} ${current.id} ${saved}`, {
      kind: 'attempt',
      block,
      part,
      current,
      saved,
      due: current.due,
    });
  }

  private isSettled(block: Attempt, part: InAttempt['part'], ending: Ending): boolean {
    if (ending === 'either') return false;
    const mayStillThrow = ending === 'done' && part !== 'finalizer' && this.throwsAnywhere;
    return !mayStillThrow || !(part === 'body' ? (block.handler ?? block.finalizer) : block.finalizer);
  }

  helper(block: Helper, current: Term): Term {
    if (current.kind === 'ended') return current;
    return this.oneOf(block, current.id, { kind: 'helper', block, current, due: current.due });
  }

  labelled(block: Block, current: Term): Term {
    if (!this.brokenOutOf.has(block.id) || current.kind === 'ended') return current;
    return this.oneOf(block, `labelled ${current.id}`, { kind: 'labelled', block, current, due: current.due });
  }

  awaited(work: Term): Term {
    return this.one(`awaited ${work.id}`, { kind: 'awaited', work, due: work.due });
  }

  /** A source of a source is the same source. */
  source(work: Term, during?: Fate): Source {
    if (work.kind === 'source') return work;
    const due = during?.ending ? during.endedAt : Infinity;
    const key = `source ${work.id} ${during?.id}`;
    return this.one(key, { kind: 'source', work, ...(during && { during }), due: Math.min(due, work.due) });
  }

  /** The block opened, so that its parts are terms; undefined for a block without parts that come one after the other. */
  opened(block: Block): Term | undefined {
    const inside = this.inside(block);
    return inside && this.labelled(block, inside);
  }

  private inside(block: Block): Term | undefined {
    switch (block.kind) {
      case 'sequence':
        return this.restOf(block, 0);
      case 'parallel':
        return this.parallel(
          block,
          block.branches.map((branch) => this.fresh(branch)),
        );
      case 'forEach':
        return this.forEach(block, []);
      case 'loop':
        return block.once ? this.loop(block, this.fresh(block.body)) : this.betweenRounds(block, true);
      case 'attempt':
        return this.attempt(block, 'body', this.fresh(block.body));
      case 'helper':
        return this.helper(block, this.fresh(block.body));
      default:
        return undefined;
    }
  }

  /** The same stage with another rest of its part. */
  within(stage: Stage, current: Term): Term {
    switch (stage.kind) {
      case 'sequence':
        return this.sequence(stage.block, stage.at, current);
      case 'loop':
        return this.loop(stage.block, current);
      case 'attempt':
        return this.attempt(stage.block, stage.part, current, stage.saved);
      case 'helper':
        return this.helper(stage.block, current);
      case 'labelled':
        return this.labelled(stage.block, current);
    }
  }

  /** What comes after the part of the stage is left so: a term, or the stage itself is left. */
  after(stage: Stage, leaving: Leaving): Term | Leaving {
    switch (stage.kind) {
      case 'sequence':
        return leaving === 'normal' ? this.restOf(stage.block, stage.at + 1) : leaving;
      case 'loop': {
        const { block } = stage;
        const isRound = leaving === 'normal' || leaving === `continue ${block.id}`;
        if (isRound) return this.betweenRounds(block, false);
        return leaving === `break ${block.id}` ? 'normal' : leaving;
      }
      case 'attempt':
        if (stage.part === 'finalizer' && leaving === 'normal') return stage.saved;
        return this.afterPart(stage.block, stage.part, leaving);
      case 'helper':
        return leaving === 'return' ? 'normal' : leaving;
      case 'labelled':
        return leaving === `break ${stage.block.id}` ? 'normal' : leaving;
    }
  }

  private afterPart(block: Attempt, part: InAttempt['part'], leaving: Leaving): Term | Leaving {
    const { handler, finalizer } = block;
    if (part === 'body' && leaving === 'throw' && handler) return this.attempt(block, 'handler', this.fresh(handler));
    if (part !== 'finalizer' && finalizer) return this.attempt(block, 'finalizer', this.fresh(finalizer), leaving);
    return leaving;
  }

  /** The term at that time, when steps that ran in it have ended. */
  settled(term: Term, at: number): Term {
    if (term.due > at) return term;
    switch (term.kind) {
      case 'fresh':
      case 'ended':
      case 'between rounds':
        return term;
      case 'running':
        return this.ended(term.goesOn && term.fate.ending !== 'done' ? 'either' : (term.fate.ending ?? 'either'));
      case 'parallel':
        return this.parallel(
          term.block,
          term.branches.map((branch) => this.settled(branch, at)),
        );
      case 'forEach':
        return this.forEach(
          term.block,
          term.active.map((instance) => this.settled(instance, at)),
        );
      case 'awaited':
        return this.awaited(this.settled(term.work, at));
      case 'source':
        return this.settledSource(term, at);
      default:
        return this.within(term, this.settled(term.current, at));
    }
  }

  /** What may begin beside a step may still do so at the very time at which the step ends. */
  private settledSource({ work, during }: Source, at: number): Term {
    const isOver = during?.ending !== undefined && during.endedAt < at;
    return isOver ? this.done : this.source(this.settled(work, at), during);
  }

  private one<T extends Term>(key: string, shape: Shape<T>): T {
    return this.oneIn(this.made, key, shape);
  }

  private oneOf<T extends Term>(block: Block, key: string | number, shape: Shape<T>): T {
    const made = this.madeOf.get(block) ?? new Map<string | number, Term>();
    this.madeOf.set(block, made);
    return this.oneIn(made, key, shape);
  }

  private oneIn<T extends Term>(made: Map<string | number, Term>, key: string | number, shape: Shape<T>): T {
    const before = made.get(key);
    if (before) return before as T;
    const term = Object.assign(shape, { id: this.nextId() }) as unknown as T;
    made.set(key, term);
    return term;
  }

  private nextId(): number {
    this.ids += 1;
    return this.ids;
  }
}

function isEnded(term: Term, ending: Ending): boolean {
  return term.kind === 'ended' && term.ending === ending;
}

function leavingBy(ending: Ending): Leaving | undefined {
  if (ending === 'either') return undefined;
  return ending === 'done' ? 'normal' : 'throw';
}

function idsOf(terms: readonly Term[]): string {
  return terms.map(({ id }) => id).join(' ');
}

function dueOf(terms: readonly Term[]): number {
  return terms.reduce((due, term) => Math.min(due, term.due), Infinity);
}
