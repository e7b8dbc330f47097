import type { Block, Choice, ForEach, ProcessMap } from '../process-map';
import { blocksOf } from './anatomy';

/**
 * The map with less said of its lists: from where a list begins, each step in it may begin any number of times. For cases of
 * which too many instances could have begun too many steps.
 */
export function coarse(map: ProcessMap): ProcessMap {
  return {
    ...map,
    body: coarseBlock(map.body),
    handlers: map.handlers.map((handler) => ({ ...handler, body: coarseBlock(handler.body) })),
  };
}

function coarseBlock(block: Block): Block {
  switch (block.kind) {
    case 'sequence':
      return { ...block, blocks: block.blocks.map(coarseBlock) };
    case 'parallel':
      return { ...block, branches: block.branches.map(coarseBlock) };
    case 'choice':
      return {
        ...block,
        branches: block.branches.map((branch) => ({ ...branch, block: coarseBlock(branch.block) })),
      };
    case 'attempt':
      return {
        ...block,
        body: coarseBlock(block.body),
        ...(block.handler && { handler: coarseBlock(block.handler) }),
        ...(block.finalizer && { finalizer: coarseBlock(block.finalizer) }),
      };
    case 'loop':
    case 'helper':
    case 'background':
      return { ...block, body: coarseBlock(block.body) };
    case 'forEach':
      return { ...block, join: 'all', body: anyStepOf(block) };
    case 'step':
    case 'exit':
    case 'unknown':
      return block;
  }
}

function anyStepOf({ id, label, body }: ForEach): Choice {
  const blocks = blocksOf({ body, handlers: [] }).flatMap((block): Block[] => {
    if (block.kind === 'exit') return block.exit === 'throw' || block.exit === 'continueAsNew' ? [block] : [];
    if (block.kind !== 'step' && block.kind !== 'unknown') return [];
    return [{ kind: 'background', id: `${id}: ${block.id}`, body: block, isAwaited: true }];
  });
  return { kind: 'choice', id: `${id}: any`, label, branches: blocks.map((block) => ({ label, block })) };
}
