import type { NodeState } from '../states';
import type { PlacedNode } from './layout';
import { lookColours, lookOf, stateColours } from './looks';
import { markOf, stateBadge } from './marks';
import { lineHeight, rowOfMarks, smallSize } from './shapes';
import { centred, element, small, textAt, titled } from './svg-elements';
import { detailOf, wordsOf } from './words';

/** A node with its words; the title, which a browser shows, says all that is known. */
export function drawnNode(placed: PlacedNode, state?: NodeState): string {
  const { node } = placed;
  const said = [wordsOf(node), detailOf(node), state ?? ''].filter((one) => one !== '');
  return element('g', {}, [
    titled(said.join(' · ')),
    outline(placed, state),
    ...(placed.shape.outline === 'box' ? inBox(placed) : underOutline(placed)),
    badge(placed, state),
  ]);
}

function outline({ node, shape, x, y }: PlacedNode, state?: NodeState): string {
  const look = lookOf(node);
  const { across, down } = shape;
  const { fill, stroke } = state ? stateColours[state] : lookColours[look];
  const isOpen = look === 'unknown' || state === 'left' || state === 'skipped';
  const drawn = {
    fill,
    stroke,
    'stroke-width': state || look === 'done' || look === 'failed' ? 2.5 : 1.4,
    ...(isOpen && { 'stroke-dasharray': '5 3' }),
  };
  if (shape.outline === 'circle') return element('circle', { cx: x, cy: y, r: across, ...drawn });
  if (shape.outline === 'diamond') {
    const points = [
      [x - across, y],
      [x, y - down],
      [x + across, y],
      [x, y + down],
    ];
    return element('polygon', { points: points.map((point) => point.join(',')).join(' '), ...drawn });
  }
  return element('rect', { x: x - across, y: y - down, width: 2 * across, height: 2 * down, rx: 8, ...drawn });
}

function inBox({ node, shape, x, y }: PlacedNode): string[] {
  const { lines, details, down, across } = shape;
  const rows = lines.length + details.length;
  const middle = y + rowOfMarks / 2;
  const first = middle - ((rows - 1) * lineHeight) / 2 + 4;
  const look = lookOf(node);
  return [
    markOf(look, x - across + 13, y - down + 12, lookColours[look].stroke),
    ...[...lines, ...details].map((line, index) =>
      textAt(x, first + index * lineHeight, line, { ...centred, ...(index >= lines.length && small) }),
    ),
  ];
}

function underOutline({ node, shape, x, y }: PlacedNode): string[] {
  const look = lookOf(node);
  const step = smallSize + 2;
  return [
    markOf(look, x, y, lookColours[look].stroke),
    ...shape.lines.map((line, index) => textAt(x, y + shape.down + 12 + index * step, line, { ...centred, ...small })),
  ];
}

/** In the upper right corner. */
function badge({ shape: { across, down }, x, y }: PlacedNode, state?: NodeState): string {
  return state ? stateBadge(state, x + across - 11, y - down + 11) : '';
}
