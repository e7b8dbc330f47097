import type { Block } from '../process-map';
import { childrenOf } from '../blocks';
import type { Term } from './term';

const idleBlocks = new WeakMap<Block, boolean>();

/** Whether nothing that a record shows can come of the block: no step, and no end of the case. */
function isIdleBlock(block: Block): boolean {
  const known = idleBlocks.get(block);
  if (known !== undefined) return known;
  const endsCase = block.kind === 'exit' && (block.exit === 'throw' || block.exit === 'continueAsNew');
  const isActive =
    block.kind === 'step' ? block.type !== 'wait' || block.dueIn !== undefined : block.kind === 'unknown';
  const isIdle = !endsCase && !isActive && childrenOf(block).every(isIdleBlock);
  idleBlocks.set(block, isIdle);
  return isIdle;
}

/** Whether the term, beside the rest, will begin no step and end no case. */
export function isIdle(term: Term): boolean {
  switch (term.kind) {
    case 'running':
    case 'ended':
      return true;
    case 'fresh':
    case 'between rounds':
      return isIdleBlock(term.block);
    case 'sequence':
      return isIdle(term.current) && term.block.blocks.slice(term.at + 1).every(isIdleBlock);
    case 'parallel':
      return term.branches.every(isIdle);
    case 'forEach':
      return isIdleBlock(term.block.body) && term.active.every(isIdle);
    case 'loop':
      return isIdle(term.current) && isIdleBlock(term.block.body);
    case 'attempt': {
      const { handler, finalizer } = term.block;
      const toCome = [...(term.part === 'body' ? [handler] : []), ...(term.part === 'finalizer' ? [] : [finalizer])];
      return isIdle(term.current) && toCome.every((block) => !block || isIdleBlock(block));
    }
    case 'helper':
    case 'labelled':
      return isIdle(term.current);
    case 'source':
      return isIdle(term.work);
    case 'awaited':
      return isIdle(term.work) && term.due === Infinity;
  }
}
