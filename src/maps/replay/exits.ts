import type { Block, Exit } from '../process-map';

/** How control leaves a block; `break` and `continue` name what they mean. */
export type Leaving = 'normal' | 'return' | 'throw' | 'continueAsNew' | `break ${string}` | `continue ${string}`;

export function leavingOf({ exit, target = '' }: Exit): Leaving {
  return exit === 'break' || exit === 'continue' ? `${exit} ${target}` : exit;
}

/** What code that the source does not tell may come to. */
export const anyLeaving: readonly Leaving[] = ['normal', 'return', 'throw', 'continueAsNew'];

/** Blocks other than loops that a `break` ends: a `switch`, a labelled block. */
export function brokenOutOf(blocks: readonly Block[]): ReadonlySet<string> {
  const loops = new Set(blocks.flatMap((block) => (block.kind === 'loop' ? [block.id] : [])));
  const targets = blocks.flatMap((block) =>
    block.kind === 'exit' && block.exit === 'break' && block.target !== undefined ? [block.target] : [],
  );
  return new Set(targets.filter((target) => !loops.has(target)));
}
