import type { Block, StepBlock } from '../process-map';

/** Ids of the steps of which a failure leaves the block. */
export function stepsThatFail(block: Block): string[] {
  switch (block.kind) {
    case 'sequence':
      return block.blocks.flatMap(stepsThatFail);
    case 'step':
      return neverFails(block) ? [] : [block.id];
    case 'unknown':
      return [block.id];
    case 'parallel':
      return block.join === 'allSettled' ? [] : block.branches.flatMap(stepsThatFail);
    case 'forEach':
      return block.join === 'allSettled' ? [] : stepsThatFail(block.body);
    case 'choice':
      return block.branches.flatMap((branch) => stepsThatFail(branch.block));
    case 'loop':
    case 'helper':
      return stepsThatFail(block.body);
    case 'attempt':
      return [block.handler ?? block.body, ...(block.finalizer ? [block.finalizer] : [])].flatMap(stepsThatFail);
    case 'background':
      return block.isAwaited ? stepsThatFail(block.body) : [];
    case 'exit':
      return [];
  }
}

const neverFails = ({ type }: StepBlock) => type === 'alert';
