import type { Block, ProcessMap } from '../process-map';

/** The blocks in a block, in the order of the map. */
export function childrenOf(block: Block): Block[] {
  switch (block.kind) {
    case 'sequence':
      return block.blocks;
    case 'parallel':
      return block.branches;
    case 'choice':
      return block.branches.map(({ block }) => block);
    case 'attempt':
      return [block.body, ...(block.handler ? [block.handler] : []), ...(block.finalizer ? [block.finalizer] : [])];
    case 'step':
      return block.tells ? [block.tells] : [];
    case 'forEach':
    case 'loop':
    case 'helper':
    case 'background':
      return [block.body];
    case 'exit':
    case 'unknown':
      return [];
  }
}

/** All blocks of a map as it reads: the body before the handlers, each block before those in it. */
export function blocksOf({ body, handlers }: Pick<ProcessMap, 'body' | 'handlers'>): Block[] {
  return [body, ...handlers.map((handler) => handler.body)].flatMap(withinOf);
}

function withinOf(block: Block): Block[] {
  return [block, ...childrenOf(block).flatMap(withinOf)];
}
