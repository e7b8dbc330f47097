import type { Block, Exit, Sequence } from './process-map';

/** Nothing happens. */
export function nothingAt(id: string): Sequence {
  return { kind: 'sequence', id, blocks: [] };
}

/** One after the other, without what is not seen and without what cannot be reached. */
export function inSequence(id: string, blocks: readonly Block[]): Block {
  const flat: Block[] = [];
  for (const block of blocks.flatMap((one) => (one.kind === 'sequence' ? one.blocks : [one]))) {
    if (isSilent(block)) continue;
    flat.push(block);
    if (block.kind === 'exit') break;
  }
  const [first, second] = flat;
  return first && !second ? first : { kind: 'sequence', id, blocks: flat };
}

/** Whether nobody outside can tell that a block ran: it has no step, and no way out but its end. */
export function isSilent(block: Block): boolean {
  return !hasWork(block) && exitsOf(block).length === 0;
}

/** The blocks in a block, in the order of the map. */
export function childrenOf(block: Block): Block[] {
  switch (block.kind) {
    case 'sequence':
      return block.blocks;
    case 'parallel':
      return block.branches;
    case 'choice':
      return block.branches.map((branch) => branch.block);
    case 'attempt':
      return [block.body, block.handler, block.finalizer].filter((part) => part !== undefined);
    case 'forEach':
    case 'loop':
    case 'helper':
    case 'background':
      return [block.body];
    case 'step':
      return block.tells ? [block.tells] : [];
    case 'exit':
    case 'unknown':
      return [];
  }
}

/** Whether there is a step in it, or what may hold some. */
export function hasWork(block: Block): boolean {
  return block.kind === 'step' || block.kind === 'unknown' || childrenOf(block).some(hasWork);
}

/** Exits that lead out of the block. */
export function exitsOf(block: Block): Exit[] {
  if (block.kind === 'exit') return [block];
  const exits = childrenOf(block).flatMap(exitsOf);
  switch (block.kind) {
    case 'helper':
      return exits.filter(({ exit }) => exit !== 'return');
    case 'loop':
    case 'choice':
      return exits.filter(({ target }) => target !== block.id);
    case 'background':
      return [];
    default:
      return exits;
  }
}

/** The block without `return` where its end is as good. */
export function withoutLastReturn(block: Block): Block {
  switch (block.kind) {
    case 'exit':
      return block.exit === 'return' ? nothingAt(block.id) : block;
    case 'sequence': {
      const last = block.blocks.at(-1);
      return last ? inSequence(block.id, [...block.blocks.slice(0, -1), withoutLastReturn(last)]) : block;
    }
    case 'choice': {
      const branches = block.branches.map((branch) => ({ ...branch, block: withoutLastReturn(branch.block) }));
      return { ...block, branches };
    }
    default:
      return block;
  }
}
