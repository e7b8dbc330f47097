import type { Block, ProcessMap } from '../process-map';
import { blocksOf } from './anatomy';

/** A path that a run may take: a step, a branch of a choice, a failure handled, a loop gone round or passed by, a message. */
export interface Path {
  id: string;
  label: string;
}

/** Paths that a run took, two bits each: bit 2n for the path at n that it surely took, bit 2n+1 for one that it may have. */
export type Marks = bigint;

/** The bits of paths that may have been taken, of as many paths as a map has. */
const mayHave = BigInt(`0x${'a'.repeat(4_096)}`);

/** What was taken where it came here in one of two ways. */
export function inEitherWay(one: Marks, other: Marks): Marks {
  return (one & other) | ((one | other) & mayHave);
}

/** The paths of a map and their bits. */
export class PathsOfMap {
  readonly paths: readonly Path[];
  private readonly marks: ReadonlyMap<string, Marks>;

  constructor(map: ProcessMap) {
    const byId = new Map<string, Path>();
    const listed = [
      ...blocksOf(map).flatMap(pathsAt),
      ...map.handlers.filter(isRecorded).map(({ id, label }) => ({ id, label })),
    ];
    for (const path of listed) if (!byId.has(path.id)) byId.set(path.id, path);
    this.paths = [...byId.values()];
    this.marks = new Map(this.paths.map(({ id }, index) => [id, 3n << BigInt(2 * index)]));
  }

  isSurelyIn(marks: Marks, { id }: Path): boolean {
    return (marks & this.mark(id) & ~mayHave) !== 0n;
  }

  mayBeIn(marks: Marks, { id }: Path): boolean {
    return (marks & this.mark(id)) !== 0n;
  }

  /** Nothing where the map has no such path. */
  mark(id: string): Marks {
    return this.marks.get(id) ?? 0n;
  }
}

const known = new WeakMap<ProcessMap, PathsOfMap>();

export function pathsOf(map: ProcessMap): PathsOfMap {
  const paths = known.get(map) ?? new PathsOfMap(map);
  known.set(map, paths);
  return paths;
}

/** A `while` that goes round at least once. */
export const roundOf = (loop: string) => `${loop}: gone round`;
/** A `while` that does not go round. */
export const passedBy = (loop: string) => `${loop}: passed by`;
/** A loop that goes round in any case goes round once more. */
export const againIn = (loop: string) => `${loop}: again`;

function pathsAt(block: Block): Path[] {
  switch (block.kind) {
    case 'step':
      return [{ id: block.id, label: block.label }];
    case 'choice':
      return block.branches.map((branch) => ({ id: branch.block.id, label: `${block.label}: ${branch.label}` }));
    case 'loop': {
      const { id, label } = block;
      if (block.once || block.forever) return [{ id: againIn(id), label: `${label}: again` }];
      return [
        { id: roundOf(id), label: `${label}: gone round` },
        { id: passedBy(id), label: `${label}: passed by` },
      ];
    }
    case 'attempt':
      return block.handler ? [{ id: block.handler.id, label: 'a failure is handled' }] : [];
    default:
      return [];
  }
}

function isRecorded({ type }: ProcessMap['handlers'][number]): boolean {
  return type !== 'query';
}
