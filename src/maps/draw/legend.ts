import { margin } from './columns';
import { edgeColours, edgeDashes, statesInOrder } from './looks';
import type { EdgeKind, MapEdge } from './map-graph';
import { stateBadge } from './marks';
import { smallSize } from './shapes';
import { element, small, textAt } from './svg-elements';
import { widthOf } from './texts';

/** The height of a line of the key. */
export const lineOfKey = 26;

const lineWords: [EdgeKind, string][] = [
  ['failed', 'when it fails'],
  ['beside', 'meanwhile, holds up nothing'],
  ['feeds', 'brings about what is awaited'],
];

/** What the lines mean that are not plain; empty where all are. */
export function keyOf(edges: readonly MapEdge[]): string {
  const kinds = new Set(edges.map(({ kind }) => kind));
  const entries = lineWords.filter(([kind]) => kinds.has(kind));
  return inLine(
    entries.map(([kind, words]) => {
      const line = { d: 'M0 9H28', fill: 'none', stroke: edgeColours[kind], 'stroke-width': 1.6, ...edgeDashes[kind] };
      return { sign: element('path', line), room: 34, words };
    }),
  );
}

/** What the signs of the states mean. */
export function legendOf(): string {
  return inLine(statesInOrder.map((state) => ({ sign: stateBadge(state, 8, 9), room: 21, words: state })));
}

interface Entry {
  sign: string;
  room: number;
  words: string;
}

function inLine(entries: Entry[]): string {
  let x = margin;
  const drawn = entries.map(({ sign, room, words }) => {
    const entry = element('g', { transform: `translate(${Math.round(x)} 4)` }, [sign, textAt(room, 13, words, small)]);
    x += room + widthOf(words, smallSize) + 18;
    return entry;
  });
  return drawn.join('');
}
