import { childrenOf } from '../blocks';
import type { Block, ProcessMap } from '../process-map';

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
