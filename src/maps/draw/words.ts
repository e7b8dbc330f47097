import type { StepBlock } from '../process-map';
import type { MapNode } from './map-graph';

/** What a node says. */
export function wordsOf({ kind, label }: MapNode): string {
  if (kind === 'attempt') return '!';
  return kind === 'parallel' && label === '' ? '+' : label;
}

/** Who does a step, and how long it may take, where that is literal. */
export function detailOf(node: MapNode): string {
  if (node.kind !== 'step') return '';
  return [ownerOf(node.step), dueOf(node.step), node.each].filter((one) => one !== undefined).join(' · ');
}

export function dueOf({ type, dueIn }: StepBlock): string | undefined {
  return type !== 'timer' && dueIn !== undefined && /^\d/.test(dueIn) ? `within ${dueIn}` : undefined;
}

function ownerOf({ system, role, team }: StepBlock): string | undefined {
  if (system !== undefined) return team === undefined ? system : `${system} (${team})`;
  return role;
}
