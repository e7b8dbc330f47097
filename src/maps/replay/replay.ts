import type { CaseRecord, Step } from '../../kit/contract';
import type { ProcessMap, StepBlock } from '../process-map';
import { blocksOf } from './anatomy';
import { Behaviour } from './behaviour';
import { isMessageOf, isRecorded, observations, type Observation } from './observed';
import { then, type Start } from './outcomes';
import type { PathsOfMap } from './paths-of-map';
import { distinctPositions, tidied, type Position } from './position';
import type { Term } from './term';
import { Terms } from './terms';

/** More positions at once than this are not told apart. */
const mostPositions = 500;

/** Later than any step ended, and before those that have not. */
const theEnd = Number.MAX_VALUE;

/** Where the case may be after all its steps; or the step at which no position was left, and the positions before it. */
export type Replayed =
  | { result: 'replayed'; positions: readonly Position[] }
  | { result: 'refused'; at: Step; index: number; positions: readonly Position[] }
  | { result: 'too many positions'; at: Step };

/** Replays the steps of cases over one map. */
export class Replay {
  readonly terms: Terms;
  private readonly asWritten: Behaviour;
  private readonly throwing: Behaviour;
  private readonly waiting: Behaviour;
  private readonly mayContinueAsNew: boolean;

  /** `throwsAnywhere`: code may throw where no step failed, and the source has no `throw`. */
  constructor(
    readonly map: ProcessMap,
    private readonly paths: PathsOfMap,
    private readonly throwsAnywhere: boolean,
  ) {
    const blocks = blocksOf(map);
    const mayThrowLater = blocks.some((block) => block.kind === 'background' && block.isAwaited);
    this.terms = new Terms(map, throwsAnywhere || mayThrowLater);
    this.asWritten = new Behaviour(this.terms, this.paths, { throwsAnywhere: false, waitsPass: true });
    this.throwing = new Behaviour(this.terms, this.paths, { throwsAnywhere: true, waitsPass: true });
    this.waiting = new Behaviour(this.terms, this.paths, { throwsAnywhere: false, waitsPass: false });
    this.mayContinueAsNew = blocks.some(
      (block) => block.kind === 'unknown' || (block.kind === 'exit' && block.exit === 'continueAsNew'),
    );
  }

  run({ steps }: Pick<CaseRecord, 'steps'>): Replayed {
    let positions: readonly Position[] = [this.beginning()];
    for (const [index, { at, observation }] of observations(steps).entries()) {
      const step = steps[index] as Step;
      const before = this.at(positions, at);
      positions = this.after(before, observation);
      if (positions.length === 0) return { result: 'refused', at: step, index, positions: before };
      if (positions.length > mostPositions) return { result: 'too many positions', at: step };
    }
    return { result: 'replayed', positions: this.at(positions, theEnd) };
  }

  /** Goes no further than to more positions than are told apart. */
  private after(before: readonly Position[], observed: Observation): Position[] {
    let positions: Position[] = [];
    for (const position of before) {
      positions.push(...this.next(position, observed));
      if (positions.length > 2 * mostPositions) positions = distinctPositions(positions);
      if (positions.length > mostPositions) return positions;
    }
    return distinctPositions(positions);
  }

  /** What a position can do. */
  behaviourAt({ mayThrow }: Position): Behaviour {
    return mayThrow ? this.throwing : this.asWritten;
  }

  /** The blocks whose steps could begin now. */
  expected(positions: readonly Position[]): StepBlock[] {
    return headsOf((nothing) => {
      for (const position of positions) this.next(position, nothing);
    });
  }

  /** The waits without a time-out that are awaited now, if whatever else could go on has done so. */
  awaited({ main, threads }: Position): StepBlock[] {
    const heads = headsOf((nothing) => {
      for (const term of [main, ...threads]) this.waiting.starts(term, nothing);
    });
    return heads.filter((block) => !isRecorded(block));
  }

  private beginning(): Position {
    return { main: this.terms.fresh(this.map.body), threads: [], mayThrow: this.throwsAnywhere, marks: 0n };
  }

  /** The positions at that time, and those of a next run of the case where this one may have been continued as new. */
  private at(positions: readonly Position[], at: number): Position[] {
    const settled = distinctPositions(positions.map((position) => this.settled(position, at)));
    if (!this.mayContinueAsNew) return settled;
    const continued = settled.flatMap((position) => this.continued(position));
    return continued.length > 0 ? distinctPositions([...settled, ...continued]) : settled;
  }

  private settled(position: Position, at: number): Position {
    const main = this.terms.settled(position.main, at);
    if (position.threads.length === 0) return main === position.main ? position : { ...position, main };
    const settled = position.threads.map((thread) => this.terms.settled(thread, at));
    const failed = settled.some((thread) => thread.kind === 'awaited' && this.mayHaveThrown(thread));
    return { ...position, main, threads: tidied(this.terms, settled), mayThrow: position.mayThrow || failed };
  }

  private mayHaveThrown(thread: Term): boolean {
    return this.asWritten.ways(thread).some(({ leaving }) => leaving === 'throw');
  }

  private continued(position: Position): Position[] {
    const behaviour = this.behaviourAt(position);
    return [position.main, ...position.threads].flatMap((term) =>
      behaviour
        .ways(term)
        .filter(({ leaving }) => leaving === 'continueAsNew')
        .map(({ marks }) => ({ ...position, ...this.beginning(), marks: position.marks | marks })),
    );
  }

  /** Where the case may be once the step has begun: in the body, in work beside it, or as a message to it. */
  private next(position: Position, observed: Observation): Position[] {
    const behaviour = this.behaviourAt(position);
    const { main, threads } = position;
    const inBody = behaviour.starts(main, observed).map((start) => this.moved(position, start.term, threads, start));
    const beside = threads.flatMap((thread, index) => {
      if (threads[index - 1] === thread) return [];
      const others = threads.toSpliced(index, 1);
      return behaviour
        .starts(thread, observed)
        .map((start) => this.moved(position, main, [...others, start.term], start));
    });
    return [...inBody, ...beside, ...this.handled(position, observed)];
  }

  private handled(position: Position, observed: Observation): Position[] {
    const behaviour = this.behaviourAt(position);
    return this.map.handlers.flatMap((handler) => {
      const work = this.terms.fresh(handler.body);
      const marks = this.paths.mark(handler.id);
      if (handler.type === 'alert')
        return behaviour
          .starts(work, observed)
          .map((start) =>
            this.moved(position, position.main, [...position.threads, start.term], then({ threads: [], marks }, start)),
          );
      if (!observed.step || !isMessageOf(handler, observed.step)) return [];
      const begun = { term: position.main, threads: [this.terms.awaited(work)], marks };
      return [this.moved(position, position.main, position.threads, begun)];
    });
  }

  private moved(position: Position, main: Term, threads: readonly Term[], start: Start): Position {
    return {
      main,
      threads: tidied(this.terms, [...threads, ...start.threads]),
      mayThrow: position.mayThrow,
      marks: position.marks | start.marks,
      way: { block: start.block, before: position.way },
    };
  }
}

/** The blocks at which something asks whether their step has begun. */
function headsOf(ask: (nothing: Observation) => void): StepBlock[] {
  const heads = new Set<StepBlock>();
  const matches = (block: StepBlock) => {
    heads.add(block);
    return false;
  };
  ask({ fate: { id: -1, endedAt: Infinity }, matches });
  return [...heads];
}
