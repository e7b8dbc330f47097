import type { CaseStatus, StepKind } from '../../../src/kit/contract';
import type { Block, Handler, Join, Parallel, ProcessMap, StepBlock } from '../../../src/maps/process-map';
import type { Told } from './cases';
import type { Random } from './random';

/** What the record told when nothing more could happen at that time, and how many blocks had begun. */
export interface Snapshot {
  status: CaseStatus;
  steps: Told[];
  begun: number;
}

export interface Run {
  snapshots: Snapshot[];
  /** Ids of the blocks of steps, as they began; of waits, as they passed. */
  begun: string[];
}

/** A control exit on its way to where it leads. */
class Leaving {
  constructor(
    readonly exit: string,
    readonly target?: string,
  ) {}

  is(exit: string, target?: string): boolean {
    return this.exit === exit && this.target === target;
  }
}

interface Pending {
  told?: Told;
  block: StepBlock;
  end(failed: boolean): void;
}

const mostRounds = 30;
const idle = () => new Promise((resolve) => setImmediate(resolve));
const ignored = () => undefined;

/** Runs a map as the code it stands for would run, with the promises of JavaScript, and records steps as the kit does. */
export async function simulate(map: ProcessMap, random: Random, { mayFail }: { mayFail: boolean }): Promise<Run> {
  let now = 0;
  let status: CaseStatus = 'running';
  let failure: Error | undefined;
  const steps: Told[] = [];
  const begun: string[] = [];
  const snapshots: Snapshot[] = [];
  let pending: Pending[] = [];
  let toldBefore = '';

  function record(name: string, kind: StepKind): Told {
    const told: Told = { name, kind, from: now };
    steps.push(told);
    return told;
  }

  function finish(told: Told, as: Told['status']): void {
    Object.assign(told, { status: as, to: now });
  }

  function begin(block: StepBlock): Promise<void> {
    const { type, dueIn, name = 'timer' } = block;
    if (type === 'wait' && (dueIn === undefined || random.chance(30))) return pass(block);
    begun.push(block.id);
    const kind = type === 'wait' || type === 'timer' ? 'timer' : type === 'task' || type === 'alert' ? type : 'call';
    const told = record(name, kind);
    const work = new Promise<void>((resolve, reject) => {
      const end = (failed: boolean) => {
        const isCut = type === 'wait' && random.chance(50);
        finish(told, failed ? 'failed' : isCut ? 'cancelled' : 'done');
        if (failed) reject(new Error(`${block.id} failed`));
        else resolve();
      };
      pending.push({ told, block, end });
    });
    if (!block.goesOnAtStart) return work;
    work.catch(ignored);
    return Promise.resolve();
  }

  function pass(block: StepBlock): Promise<void> {
    const passed = () => void begun.push(block.id);
    if (random.chance(30)) return Promise.resolve().then(passed);
    return new Promise<void>((resolve) => pending.push({ block, end: () => resolve() })).then(passed);
  }

  async function run(block: Block): Promise<void> {
    switch (block.kind) {
      case 'step':
        return begin(block);
      case 'sequence':
        return inTurn(block.blocks);
      case 'parallel':
        return joined(block.join, block.branches);
      case 'forEach': {
        const isOneNeeded = block.join === 'race' || block.join === 'any';
        return joined(
          block.join,
          random.times((isOneNeeded ? 1 : 0) + random.below(3), () => block.body),
        );
      }
      case 'choice':
        return run(random.oneOf(block.branches).block).catch(unless('break', block.id));
      case 'loop': {
        let isFirst = true;
        const mustGoRound = () => block.forever ?? (isFirst ? block.once : false) ?? false;
        const goesRound = () => (mustGoRound() ? true : random.chance(50));
        const rounds = async () => {
          for (; goesRound(); isFirst = false) {
            await run(block.body).catch(unless('continue', block.id));
            if (block.forever) await pass(nowhere);
          }
        };
        return rounds().catch(unless('break', block.id));
      }
      case 'attempt':
        try {
          return await run(block.body);
        } catch (error) {
          if (error instanceof Leaving || !block.handler) throw error;
          return await run(block.handler);
        } finally {
          if (block.finalizer) await run(block.finalizer);
        }
      case 'helper':
        return run(block.body).catch(unless('return'));
      case 'background':
        run(block.body).catch(ignored);
        return;
      case 'exit':
        // oxlint-disable-next-line only-throw-error -- A control exit is no failure
        throw block.exit === 'throw' ? new Error('thrown') : new Leaving(block.exit, block.target);
      case 'unknown':
        for (let steps = random.below(3); steps > 0; steps -= 1) await begin({ ...nowhere, name: 'U', type: 'call' });
    }
  }

  /** What is awaited of the background is so at the end of the sequence. */
  async function inTurn(blocks: readonly Block[]): Promise<void> {
    const awaited: Promise<void>[] = [];
    for (const block of blocks) {
      if (block.kind === 'background' && block.isAwaited) {
        const work = run(block.body);
        work.catch(ignored);
        awaited.push(work);
      } else await run(block);
    }
    for (const work of awaited) await work;
  }

  async function joined(join: Join, branches: Parallel['branches']): Promise<void> {
    const work = branches.map(run);
    if (join === 'all') await Promise.all(work);
    if (join === 'allSettled') await Promise.allSettled(work);
    if (join === 'race') await Promise.race(work);
    if (join === 'any') await Promise.any(work);
  }

  /** The case ends with a failure of the handler of a message, as Temporal has it. */
  function receive(handler: Handler): void {
    if (handler.type === 'signal') finish(record(handler.name ?? '', 'event'), 'done');
    run(handler.body)
      .catch(unless('return'))
      .catch((error: Error) => {
        if (handler.type === 'signal' && error instanceof Error) failure ??= error;
      });
  }

  function giveUp(): void {
    for (const { told } of pending) if (told && told.to === undefined) finish(told, 'cancelled');
    pending = [];
  }

  async function wholeCase(): Promise<CaseStatus> {
    for (;;) {
      try {
        await run(map.body);
        return 'completed';
      } catch (error) {
        if (!(error instanceof Leaving)) return 'failed';
        if (error.is('return')) return 'completed';
        giveUp();
        await idle();
      }
    }
  }

  function somethingHappens(): void {
    now += random.below(2);
    if (map.handlers.length > 0 && random.chance(15)) receive(random.oneOf(map.handlers));
    const told = pending.find(({ block, told }) => told?.to === undefined && block.tells);
    if (told?.block.tells && random.chance(30)) void run(told.block.tells).catch(ignored);
    const local = pending.find(({ block }) => block.isLocal);
    if (local && random.chance(30)) finish(record('timer', 'timer'), 'done');
    const next = pending.splice(random.below(pending.length || 1), 1)[0];
    const isCall = next?.told && next.block.type !== 'wait' && next.block.type !== 'timer';
    next?.end(Boolean(mayFail && isCall && random.chance(20)));
  }

  /** Only where the record tells something new. */
  function snapshot(): void {
    const told = JSON.stringify([status, steps]);
    if (told === toldBefore) return;
    toldBefore = told;
    snapshots.push({ status, steps: steps.map((step) => ({ ...step })), begun: begun.length });
  }

  void wholeCase().then((ended) => {
    if (failure) return;
    status = ended;
    giveUp();
  });
  for (let round = 0; round < mostRounds && status === 'running'; round += 1) {
    await idle();
    if (failure && status === 'running') {
      status = 'failed';
      giveUp();
    }
    snapshot();
    if (status === 'running') somethingHappens();
  }
  return { snapshots, begun };
}

/** For steps that no map shows. */
const nowhere: StepBlock = {
  kind: 'step',
  id: 'nowhere',
  type: 'wait',
  label: 'nowhere',
  source: { file: 'workflow.ts', line: 1 },
};

function unless(exit: string, target?: string): (error: unknown) => void {
  return (error) => {
    if (!(error instanceof Leaving && error.is(exit, target))) throw error;
  };
}
