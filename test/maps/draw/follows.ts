import { exitsOf, hasWork, isSilent } from '../../../src/maps/blocks';
import { stepsThatFail } from '../../../src/maps/draw/failing';
import type { MapGraph } from '../../../src/maps/draw/map-graph';
import type { Attempt, Block, Exit, Loop, ProcessMap } from '../../../src/maps/process-map';

/** What may come right after what, as `A -> B`: steps, starts and ends. */
export type Follows = Set<string>;

/** Where a block may have been last, when it ends and when it is left by an exit. */
interface Outcome {
  last: Set<string>;
  exits: { exit: Exit; last: Set<string> }[];
}

const union = (...sets: Set<string>[]) => new Set(sets.flatMap((set) => [...set]));

/** As the nesting of the blocks tells it, by sets and without nodes. */
export function followsInBlocks({ body, handlers }: ProcessMap): Follows {
  const follows: Follows = new Set();
  const follow = (before: Set<string>, id: string) => before.forEach((one) => follows.add(`${one} -> ${id}`));

  function run(block: Block, before: Set<string>): Outcome {
    if (before.size === 0) return { last: before, exits: [] };
    const outcome = inside(block, before);
    return ended(outcome, ({ exit, target }) => exit === 'break' && target === block.id);
  }

  function inside(block: Block, before: Set<string>): Outcome {
    switch (block.kind) {
      case 'step':
        follow(before, block.id);
        if (block.tells) beside(block.tells, block.id);
        return { last: new Set([block.id]), exits: [] };
      case 'unknown':
        follow(before, block.id);
        return { last: new Set([block.id]), exits: [] };
      case 'exit':
        return { last: new Set(), exits: [{ exit: block, last: before }] };
      case 'sequence':
        return block.blocks.reduce<Outcome>(
          ({ last, exits }, one) => {
            const outcome = run(one, last);
            return { last: outcome.last, exits: [...exits, ...outcome.exits] };
          },
          { last: before, exits: [] },
        );
      case 'choice':
        return all(block.branches.map((branch) => run(branch.block, before)));
      case 'helper':
        return ended(run(block.body, before), isReturn);
      case 'parallel':
      case 'forEach':
        return branches(block.kind === 'forEach' ? [block.body] : block.branches, block.join, before);
      case 'background': {
        const { exits } = ended(run(block.body, before), isReturn);
        if (block.isAwaited) return { last: before, exits };
        for (const { exit, last } of exits) follow(last, exit.id);
        return { last: before, exits: [] };
      }
      case 'loop':
        return rounds(block, before);
      case 'attempt':
        return finished(block, attempted(block, before));
    }
  }

  function rounds(block: Loop, entry: Set<string>): Outcome {
    const round = ended(run(block.body, entry), ({ exit, target }) => exit === 'continue' && target === block.id);
    const next = union(entry, round.last);
    if (next.size > entry.size) return rounds(block, next);
    const last = block.forever ? new Set<string>() : block.once ? round.last : next;
    return { last, exits: round.exits };
  }

  function branches(given: Block[], join: string, before: Set<string>): Outcome {
    const isOver = join === 'race' || join === 'any';
    const seen = isOver ? given : given.filter((branch) => hasWork(branch) || exitsOf(branch).length > 0);
    if (seen.length === 0) return { last: before, exits: [] };
    const outcome = ended(all(seen.map((branch) => run(branch, before))), isReturn);
    return join === 'allSettled' || join === 'any' ? ended(outcome, isThrow) : outcome;
  }

  function attempted({ body, handler }: Attempt, before: Set<string>): Outcome {
    const outcome = run(body, before);
    if (!handler) return outcome;
    const thrown = ended({ last: new Set(), exits: outcome.exits }, isThrow).last;
    const failing = stepsThatFail(body);
    const neverFails = failing.length === 0 && (thrown.size > 0 || isSilent(handler));
    const failed = failing.length === 1 ? new Set(failing) : neverFails ? new Set<string>() : before;
    const exits = outcome.exits.filter(({ exit }) => !isThrow(exit));
    return all([{ last: outcome.last, exits }, run(handler, union(failed, thrown))]);
  }

  function finished({ finalizer }: Attempt, { last, exits }: Outcome): Outcome {
    if (!finalizer || isSilent(finalizer)) return { last, exits };
    const outcome = run(finalizer, union(last, ...exits.map((one) => one.last)));
    return {
      last: last.size > 0 ? outcome.last : new Set(),
      exits: [...exits.map(({ exit }) => ({ exit, last: outcome.last })), ...outcome.exits],
    };
  }

  function beside(block: Block, id: string): void {
    for (const { exit, last } of run(block, new Set([id])).exits) if (!isReturn(exit)) follow(last, exit.id);
  }

  const { last, exits } = run(body, new Set(['#start']));
  follow(last, '#end');
  for (const one of exits) follow(one.last, one.exit.id);
  for (const handler of handlers) beside(handler.body, handler.id);
  return follows;
}

const isReturn = ({ exit }: Exit) => exit === 'return';
const isThrow = ({ exit }: Exit) => exit === 'throw';

function all(outcomes: Outcome[]): Outcome {
  return { last: union(...outcomes.map(({ last }) => last)), exits: outcomes.flatMap(({ exits }) => exits) };
}

/** What is left by such an exit has ended. */
function ended({ last, exits }: Outcome, isEnd: (exit: Exit) => boolean): Outcome {
  const ends = exits.filter(({ exit }) => isEnd(exit));
  return { last: union(last, ...ends.map((one) => one.last)), exits: exits.filter((one) => !ends.includes(one)) };
}

const gateways = ['choice', 'parallel', 'attempt'];

/** As the drawn nodes and edges tell it. */
export function followsInGraph({ nodes, edges }: MapGraph): Follows {
  const kinds = new Map(nodes.map((node) => [node.id, node.kind === 'end' ? node.end : node.kind]));
  const follows: Follows = new Set();
  for (const node of nodes.filter(({ kind }) => !gateways.includes(kind))) {
    const ways = [node.id];
    for (const id of ways) {
      for (const { to } of edges.filter(({ from, kind }) => from === id && kind !== 'feeds')) {
        const kind = kinds.get(to) ?? 'nowhere';
        if (gateways.includes(kind)) ways.push(...(ways.includes(to) ? [] : [to]));
        else if (kind !== 'branch') follows.add(`${node.id} -> ${to}`);
      }
    }
  }
  return follows;
}
