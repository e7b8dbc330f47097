import type { MapNode } from './map-graph';

/** A horizontal strip of the picture: who does what is in it. */
export interface Lane {
  label: string;
  /** The team that owns the system. */
  team?: string;
}

/** A system, the role of a task, people of any role, or the process itself. */
function laneOf(node: MapNode): Lane {
  if (node.kind !== 'step') return processLane;
  const { type, system, team, role } = node.step;
  if (type === 'task') return { label: role ?? 'people' };
  if (system === undefined) return processLane;
  return { label: system, ...(team !== undefined && { team }) };
}

const processLane: Lane = { label: 'process' };

/** The process first, then people, then systems as they come in the flow; by node. */
export function lanesOf(nodes: readonly MapNode[]): { lanes: Lane[]; ofNode: Map<string, Lane> } {
  const known = new Map<string, Lane>();
  const ofNode = new Map<string, Lane>();
  const inOrder = [...nodes].sort((a, b) => rank(a) - rank(b));
  for (const node of inOrder) {
    const lane = laneOf(node);
    const key = `${rank(node)} ${lane.label}`;
    const first = known.get(key) ?? lane;
    known.set(key, first);
    ofNode.set(node.id, first);
  }
  return { lanes: [...known.values()], ofNode };
}

function rank(node: MapNode): number {
  if (node.kind === 'step' && node.step.type === 'task') return 1;
  return node.kind === 'step' && node.step.system !== undefined ? 2 : 0;
}
