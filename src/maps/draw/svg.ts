import type { NodeState } from '../states';
import { laneLabelWidth, margin } from './columns';
import { drawnNode } from './drawn-node';
import { writtenOn } from './edge-labels';
import { layOut, type Layout, type PlacedEdge } from './layout';
import { keyOf, legendOf, lineOfKey } from './legend';
import { edgeColours, edgeDashes, ink } from './looks';
import type { MapGraph } from './map-graph';
import type { PlacedLane } from './placed-lanes';
import { fontSize, headingSize, lineHeight, smallSize } from './shapes';
import { element, escaped, moved, roundedPath, small, textAt, titled } from './svg-elements';
import { wrapped } from './texts';

/** A picture of a map, in lanes for people and systems; with the states of a case and their legend, when they are given. */
export async function svgOf(graph: MapGraph, states?: ReadonlyMap<string, NodeState>): Promise<string> {
  const layout = await layoutOf(graph);
  const width = Math.ceil(layout.width);
  const keys = [keyOf(graph.edges), states ? legendOf() : ''].filter((one) => one !== '');
  const height = Math.ceil(layout.height) + keys.length * lineOfKey;
  const attributes = {
    xmlns: 'http://www.w3.org/2000/svg',
    role: 'img',
    'aria-label': graph.label,
    viewBox: `0 0 ${width} ${height}`,
    width,
    height,
    'font-family': 'Arial, Helvetica, sans-serif',
    'font-size': fontSize,
    fill: ink,
  };
  const drawn = element('svg', attributes, [
    titled(graph.label),
    element('desc', {}, [escaped(descriptionOf(graph, layout))]),
    element('rect', { width, height, fill: '#ffffff' }),
    heading(graph.label, width),
    ...layout.lanes.map(drawnLane),
    ...layout.edges.map(drawnEdge),
    ...layout.edges.map(drawnLabel),
    ...layout.nodes.map((placed) => drawnNode(placed, states?.get(placed.node.id))),
    ...keys.map((key, index) => moved(0, layout.height + index * lineOfKey, key)),
  ]);
  return `${drawn}\n`;
}

const layouts = new WeakMap<MapGraph, Promise<Layout>>();

/** Found once for a graph, since it takes a while. */
function layoutOf(graph: MapGraph): Promise<Layout> {
  const layout = layouts.get(graph) ?? layOut(graph);
  layouts.set(graph, layout);
  return layout;
}

function heading(label: string, width: number): string {
  const [line = ''] = wrapped(label, { width: width - 2 * margin, fontSize: headingSize, lines: 1 });
  return textAt(margin, margin + headingSize, line, { 'font-size': headingSize, 'font-weight': 'bold' });
}

function descriptionOf({ nodes }: MapGraph, { lanes }: Layout): string {
  const steps = nodes.filter(({ kind }) => kind === 'step').length;
  const names = [...new Set(lanes.map(({ lane }) => lane.label))];
  return `${steps} ${steps === 1 ? 'step' : 'steps'}, in lanes for ${names.join(', ')}.`;
}

function drawnLane({ lane, x, y, width, height }: PlacedLane, index: number): string {
  const room = { width: laneLabelWidth - 14, fontSize };
  const name = wrapped(lane.label, { ...room, lines: 2 });
  const team = lane.team === undefined ? [] : wrapped(lane.team, { ...room, fontSize: smallSize, lines: 2 });
  const first = y + height / 2 - ((name.length + team.length - 1) * lineHeight) / 2 + 4;
  return element('g', {}, [
    element('rect', { x, y, width, height, fill: index % 2 === 0 ? '#fafbfc' : '#f2f5f8', stroke: '#b4bcc8' }),
    element('rect', { x, y, width: laneLabelWidth - 6, height, fill: '#e4e9f0', stroke: '#b4bcc8' }),
    ...[...name, ...team].map((line, row) =>
      textAt(x + 6, first + row * lineHeight, line, row < name.length ? { 'font-weight': 'bold' } : small),
    ),
  ]);
}

function drawnEdge({ edge: { kind }, points }: PlacedEdge): string {
  const colour = edgeColours[kind];
  const { x = 0, y = 0 } = points.at(-1) ?? {};
  const line = {
    d: roundedPath(points),
    fill: 'none',
    stroke: colour,
    'stroke-width': 1.4,
    ...edgeDashes[kind],
  };
  return (
    element('path', { d: line.d, fill: 'none', stroke: '#ffffff', 'stroke-width': 4 }) +
    element('path', line) +
    element('polygon', { points: `${x},${y} ${x - 8},${y - 4} ${x - 8},${y + 4}`, fill: colour })
  );
}

/** Where the edge begins, over its line. */
function drawnLabel({ edge, labelAt: { x, y } }: PlacedEdge): string {
  const written = writtenOn(edge);
  if (written === '') return '';
  const halo = { stroke: '#ffffff', 'stroke-width': 3, 'paint-order': 'stroke' };
  return textAt(x, y, written, { ...small, ...halo, fill: edgeColours[edge.kind] });
}
