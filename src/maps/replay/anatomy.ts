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

const known = new WeakMap<object, readonly Block[]>();

/** All blocks of a map as it reads: the body before the handlers, each block before those in it. */
export function blocksOf(map: Pick<ProcessMap, 'body' | 'handlers'>): readonly Block[] {
  const before = known.get(map);
  if (before) return before;
  const blocks: Block[] = [];
  for (const block of [map.body, ...map.handlers.map(({ body }) => body)]) addTo(blocks, block);
  known.set(map, blocks);
  return blocks;
}

function addTo(blocks: Block[], block: Block): void {
  blocks.push(block);
  for (const child of childrenOf(block)) addTo(blocks, child);
}
