import type { MapEdge } from './map-graph';
import { smallSize, type Shape } from './shapes';
import { widthOf, wrapped } from './texts';

const longest = 84;

/** What is written where an edge begins; the line tells what is beside. */
export function writtenOn({ label, kind }: MapEdge): string {
  return kind === 'beside' || label === ''
    ? ''
    : (wrapped(label, { width: longest, fontSize: smallSize, lines: 1 })[0] ?? '');
}

/** How far from the middle of the node it begins at the label reaches. */
export function roomBeside(edge: MapEdge, { across }: Shape): number {
  const written = writtenOn(edge);
  return written === '' ? 0 : across + 6 + widthOf(written, smallSize);
}
