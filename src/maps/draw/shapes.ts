import type { MapNode } from './map-graph';
import { dueOf, wordsOf } from './words';
import { widthOf, wrapped } from './texts';

const cellWidth = 102;
export const fontSize = 11.5;
export const smallSize = 11;
export const headingSize = 15;
export const lineHeight = 14;
/** Over the words in a box. */
export const rowOfMarks = 16;

/** A node as it is drawn, around the point at which it stands; texts that stand under an outline belong to it. */
export interface Shape {
  outline: 'box' | 'diamond' | 'circle';
  /** Half of the outline. */
  across: number;
  down: number;
  /** In the outline of a box, else under it. */
  lines: string[];
  /** In a smaller font, under the lines. */
  details: string[];
}

const textWidth = cellWidth - 8;

/** `ways`: how many edges begin or end at a side. */
export function shapeOf(node: MapNode, ways: number): Shape {
  const words = isSign(node) ? '' : wordsOf(node);
  const forWays = Math.floor(ways / 2) * 12 + 4;
  if (node.kind === 'step' || node.kind === 'unknown' || node.kind === 'message') return box(node, words, forWays);
  const lines = wrapped(words, { width: cellWidth, fontSize: smallSize, lines: 5 });
  if (node.kind === 'start' || node.kind === 'end') {
    const radius = Math.max(isSilent(node) ? 9 : 15, Math.floor(ways / 2) * 12 + 3);
    return { outline: 'circle', across: radius, down: radius, lines, details: [] };
  }
  return { outline: 'diamond', across: 20, down: Math.max(20, forWays), lines, details: [] };
}

/** What a sign in the outline tells. */
function isSign(node: MapNode): boolean {
  return node.kind === 'attempt' || (node.kind === 'parallel' && node.label === '');
}

const isSilent = (node: MapNode) => node.kind === 'end' && node.end === 'branch';

function box(node: MapNode, words: string, forWays: number): Shape {
  const lines = wrapped(words, { width: textWidth, fontSize, lines: 5 });
  const said = node.kind === 'step' ? [node.each, dueOf(node.step)].filter((one) => one !== undefined) : [];
  const details = said.flatMap((one) => wrapped(one, { width: textWidth, fontSize: smallSize, lines: 2 }));
  const height = (lines.length + details.length) * lineHeight + rowOfMarks + 14;
  return { outline: 'box', across: cellWidth / 2, down: Math.max(22, height / 2, forWays), lines, details };
}

/** How far a shape reaches under its point, with the text under it. */
export function reachDown({ outline, down, lines }: Shape): number {
  return outline === 'box' || lines.length === 0 ? down : down + 4 + lines.length * (smallSize + 2);
}

/** How far from its point the outline is met by a level line so far above or under the point. */
export function reachAcross({ outline, across, down }: Shape, offset: number): number {
  if (outline === 'box') return across;
  const share = Math.min(1, Math.abs(offset) / down);
  return outline === 'diamond' ? across * (1 - share) : across * Math.sqrt(1 - share * share);
}

/** How far a shape reaches to the sides, with the text under it. */
export function halfWidth({ outline, across, lines }: Shape): number {
  return outline === 'box' ? across : Math.max(across, ...lines.map((line) => widthOf(line, smallSize) / 2));
}
