import type { Block, Loop, StepBlock } from '../process-map';
import { mayBegin } from './begins';
import { isIdle } from './idle';
import { anyLeaving, leavingOf, type Leaving } from './exits';
import { joined } from './joins';
import { isRecorded, type Observation } from './observed';
import { distinctStarts, distinctWays, noTraces, then, type Start, type Traces, type Way } from './outcomes';
import { againIn, passedBy, roundOf, type PathsOfMap } from './paths-of-map';
import type { InForEach, InParallel, Stage, Term } from './term';
import type { Terms } from './terms';

export interface Assumptions {
  /** Code may throw wherever it is, as where a case is cancelled. */
  throwsAnywhere: boolean;
  /** What is awaited, and leaves no step on a record, comes. */
  waitsPass: boolean;
}

/** What terms can do, as they are: which ways lead out of them without another step, and what is left once a step began. */
export class Behaviour {
  private readonly known = new Map<number, Way[]>();
  private readonly started = new WeakMap<Observation, Map<number, Start[]>>();

  constructor(
    private readonly terms: Terms,
    private readonly paths: PathsOfMap,
    private readonly assumed: Assumptions,
  ) {}

  ways(term: Term): Way[] {
    const known = this.known.get(term.id);
    if (known) return known;
    const ways = distinctWays(this.waysOf(term));
    this.known.set(term.id, ways);
    return ways;
  }

  private waysOf(term: Term): Way[] {
    switch (term.kind) {
      case 'fresh': {
        const thrown: Way[] = this.assumed.throwsAnywhere ? [way('throw')] : [];
        return [...this.waysOfBlock(term.block), ...thrown];
      }
      case 'running':
        return term.goesOn ? [way('normal'), ...(this.assumed.throwsAnywhere ? [way('throw')] : [])] : [];
      case 'ended':
        return [
          ...(term.ending === 'failed' ? [] : [way('normal')]),
          ...(term.ending !== 'done' || this.assumed.throwsAnywhere ? [way('throw')] : []),
        ];
      case 'parallel':
        return this.waysOfParallel(term);
      case 'forEach':
        return this.waysOfForEach(term);
      case 'between rounds':
        return this.waysBetweenRounds(term.block, term.isFirst);
      case 'awaited':
      case 'source':
        return this.ways(term.work);
      default:
        return this.ways(term.current).flatMap((left) => {
          const next = this.terms.after(term, left.leaving);
          const before = then(left, this.entered(term));
          if (typeof next === 'string') return [{ ...before, leaving: next }];
          return this.ways(next).map((way) => then(before, way));
        });
    }
  }

  private waysOfBlock(block: Block): Way[] {
    switch (block.kind) {
      case 'step': {
        const passes = block.type === 'wait' && (this.assumed.waitsPass || isRecorded(block));
        return passes ? [way('normal', this.marked(block.id))] : [];
      }
      case 'choice':
        return block.branches.flatMap((branch) =>
          this.ways(this.terms.fresh(branch.block)).map(({ leaving, ...traces }) => ({
            ...then(this.marked(branch.block.id), traces),
            leaving: leaving === `break ${block.id}` ? 'normal' : leaving,
          })),
        );
      case 'background':
        return [way('normal', { threads: this.beside(this.work(block, this.terms.fresh(block.body))), marks: 0n })];
      case 'exit':
        return [way(leavingOf(block))];
      case 'unknown':
        return anyLeaving.map((leaving) => way(leaving));
      default: {
        const opened = this.terms.opened(block);
        return opened ? this.ways(opened) : [];
      }
    }
  }

  private waysOfParallel(term: InParallel): Way[] {
    const { block, branches } = term;
    const parts = branches.map((branch, index) => ({
      ways: this.ways(branch),
      others: () => this.beside(this.terms.parallel(block, branches.with(index, this.terms.done))),
    }));
    return joined(block.join, parts);
  }

  /** Whatever of the list has not begun may be over without a step as well, or bring it all to an end. */
  private waysOfForEach({ block, active }: InForEach): Way[] {
    const parts = active.map((instance, index) => ({
      ways: this.ways(instance),
      others: () => this.beside(this.terms.forEach(block, active.toSpliced(index, 1))),
    }));
    const silent = this.ways(this.terms.fresh(block.body));
    const leftBySilent = this.sourcesOf(silent.filter(({ leaving }) => leaving === 'normal'));
    const all = this.beside(this.terms.forEach(block, active));
    const endsByOne = (leaving: Leaving) =>
      block.join === 'race' || leaving === (block.join === 'any' ? 'normal' : 'throw');
    const ends = silent.filter(({ leaving }) =>
      leaving === 'normal' || leaving === 'throw' ? block.join !== 'allSettled' && endsByOne(leaving) : true,
    );
    return [
      ...joined(block.join, parts).map((way) => then(leftBySilent, way)),
      ...ends.map((way) => then({ threads: all, marks: 0n }, way)),
    ];
  }

  private waysBetweenRounds(block: Loop, isFirst: boolean): Way[] {
    const rounds = this.ways(this.terms.fresh(block.body));
    const goesRound = rounds.filter(({ leaving }) => isRound(block, leaving));
    const leftByRounds = this.sourcesOf(goesRound);
    const passed = isFirst && goesRound.length === 0 ? this.marked(passedBy(block.id)) : noTraces;
    const gone = isFirst ? this.marked(roundOf(block.id)) : noTraces;
    return [
      ...(block.forever ? [] : [then(leftByRounds, way('normal', passed))]),
      ...rounds
        .filter(({ leaving }) => !isRound(block, leaving))
        .map((round) => {
          const leaving = round.leaving === `break ${block.id}` ? 'normal' : round.leaving;
          return then(leftByRounds, then(gone, { ...round, leaving }));
        }),
    ];
  }

  /** What is left of the term once it has begun the step observed. */
  starts(term: Term, observed: Observation): Start[] {
    const known = this.started.get(observed) ?? new Map<number, Start[]>();
    this.started.set(observed, known);
    const before = known.get(term.id);
    if (before) return before;
    const starts = distinctStarts(this.startsOf(term, observed));
    known.set(term.id, starts);
    return starts;
  }

  private startsOf(term: Term, observed: Observation): Start[] {
    switch (term.kind) {
      case 'running':
      case 'ended':
        return [];
      case 'fresh':
        return !observed.step || mayBegin(term.block, observed.step.name)
          ? this.startsOfBlock(term.block, observed)
          : [];
      case 'parallel':
        return term.branches.flatMap((branch, index) =>
          this.starts(branch, observed).map((start) => ({
            ...start,
            term: this.terms.parallel(term.block, term.branches.with(index, start.term)),
          })),
        );
      case 'forEach':
        return [
          ...term.active.flatMap((instance, index) =>
            term.active.indexOf(instance) < index
              ? []
              : this.startsOfInstance(term, instance, term.active.toSpliced(index, 1), observed),
          ),
          ...this.startsOfInstance(term, this.terms.fresh(term.block.body), term.active, observed),
        ];
      case 'between rounds':
        return this.startsOfRound(term.block, term.isFirst, observed);
      case 'awaited':
        return this.starts(term.work, observed).map((start) => ({ ...start, term: this.terms.awaited(start.term) }));
      case 'source':
        return this.starts(term.work, observed).map((start) => ({
          ...start,
          term,
          threads: [...this.beside(start.term), ...start.threads],
        }));
      default:
        return this.startsOfStage(term, observed);
    }
  }

  private startsOfStage(stage: Stage, observed: Observation): Start[] {
    const here = this.starts(stage.current, observed).map((start) => ({
      ...then(this.entered(stage), start),
      term: this.terms.within(stage, start.term),
    }));
    const later = this.ways(stage.current).flatMap((left) => {
      const next = this.terms.after(stage, left.leaving);
      if (typeof next === 'string') return [];
      return this.starts(next, observed).map((start) => then(then(left, this.entered(stage)), start));
    });
    return [...here, ...later];
  }

  private startsOfBlock(block: Block, observed: Observation): Start[] {
    switch (block.kind) {
      case 'step':
        return observed.matches(block) ? [this.begun(block, observed)] : [];
      case 'choice':
        return block.branches.flatMap((branch) =>
          this.starts(this.terms.fresh(branch.block), observed).map((start) => ({
            ...then(this.marked(branch.block.id), start),
            term: this.terms.labelled(block, start.term),
          })),
        );
      case 'background':
        return this.starts(this.terms.fresh(block.body), observed).map((start) => ({
          ...start,
          term: this.terms.done,
          threads: [...this.beside(this.work(block, start.term)), ...start.threads],
        }));
      case 'unknown':
        return [{ term: this.terms.fresh(block), ...noTraces }];
      case 'exit':
        return [];
      default: {
        const opened = this.terms.opened(block);
        return opened ? this.starts(opened, observed) : [];
      }
    }
  }

  /** A local call that is tried again after a while has a timer of the SDK run, which no source shows. */
  private begun(block: StepBlock, { fate }: Observation): Start {
    const beside = [...(block.tells ? [block.tells] : []), ...(block.isLocal ? [timerOf(block)] : [])];
    return {
      term: this.terms.running(fate, block.goesOnAtStart ?? false),
      threads: beside.flatMap((work) => this.beside(this.terms.source(this.terms.fresh(work), fate))),
      marks: this.paths.mark(block.id),
      block,
    };
  }

  private startsOfInstance(
    { block }: InForEach,
    instance: Term,
    others: readonly Term[],
    observed: Observation,
  ): Start[] {
    return this.starts(instance, observed).map((start) => ({
      ...start,
      term: this.terms.forEach(block, [...others, start.term]),
    }));
  }

  private startsOfRound(block: Loop, isFirst: boolean, observed: Observation): Start[] {
    const body = this.terms.fresh(block.body);
    const leftByRounds = this.sourcesOf(this.ways(body).filter(({ leaving }) => isRound(block, leaving)));
    const isAgain = !isFirst && (block.once ?? block.forever ?? false);
    const path = isAgain ? this.marked(againIn(block.id)) : isFirst ? this.marked(roundOf(block.id)) : noTraces;
    return this.starts(body, observed).map((start) => ({
      ...then(leftByRounds, then(path, start)),
      term: this.terms.loop(block, start.term),
    }));
  }

  private entered(stage: Stage): Traces {
    const handler = stage.kind === 'attempt' && stage.part === 'handler' ? stage.block.handler : undefined;
    return handler ? this.marked(handler.id) : noTraces;
  }

  private marked(path: string): Traces {
    return { threads: [], marks: this.paths.mark(path) };
  }

  private work({ isAwaited }: { isAwaited: boolean }, work: Term): Term {
    return isAwaited ? this.terms.awaited(work) : work;
  }

  private beside(work: Term): Term[] {
    return isIdle(work) ? [] : [work];
  }

  /** What rounds and instances without a step leave behind, as often as there are such. */
  private sourcesOf(ways: readonly Way[]): Traces {
    const threads = new Set(ways.flatMap((way) => way.threads.map((thread) => this.terms.source(thread))));
    return { threads: [...threads], marks: 0n };
  }
}

function way(leaving: Leaving, traces: Traces = noTraces): Way {
  return { ...traces, leaving };
}

function isRound({ id }: Loop, leaving: Leaving): boolean {
  return leaving === 'normal' || leaving === `continue ${id}`;
}

const timers = new WeakMap<StepBlock, StepBlock>();

function timerOf(call: StepBlock): StepBlock {
  const { id, label, source } = call;
  const timer = timers.get(call) ?? { kind: 'step', id: `${id}: tried again`, type: 'timer', label, source };
  timers.set(call, timer);
  return timer;
}
