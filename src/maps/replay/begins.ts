import type { Block, StepBlock } from '../process-map';
import { childrenOf } from '../blocks';

const known = new WeakMap<Block, ReadonlySet<string> | 'any'>();

/** Whether a step of that name may ever come of the block; a quick answer that spares a look into it. */
export function mayBegin(block: Block, name: string): boolean {
  const names = namesIn(block);
  return names === 'any' || names.has(name);
}

function namesIn(block: Block): ReadonlySet<string> | 'any' {
  const before = known.get(block);
  if (before) return before;
  const names = findNames(block);
  known.set(block, names);
  return names;
}

function findNames(block: Block): ReadonlySet<string> | 'any' {
  if (block.kind === 'unknown') return 'any';
  const names = new Set(block.kind === 'step' ? [nameOf(block)] : []);
  for (const child of childrenOf(block)) {
    const more = namesIn(child);
    if (more === 'any') return 'any';
    for (const name of more) names.add(name);
  }
  return names.has(undefined) ? 'any' : (names as ReadonlySet<string>);
}

/** As on a record; undefined where the source does not tell. */
function nameOf({ type, name }: StepBlock): string | undefined {
  return type === 'timer' || type === 'wait' ? 'timer' : name;
}
