import type { ElkNode } from 'elkjs/lib/elk-api';
import type { NodeState } from '../states';
import { edgeColours, ink, lookColours, lookOf, stateColours, stateMarks } from './looks';
import type { MapGraph } from './map-graph';
import { wordsOf } from './words';

/** A picture of a map; with the states of a case and their legend, when they are given. */
export async function svgOf(graph: MapGraph, states?: ReadonlyMap<string, NodeState>): Promise<string> {
  const {
    default: { default: Elk },
  } = await import('elkjs');
  const placed = await new Elk().layout<ElkNode>({
    id: 'map',
    layoutOptions: { 'elk.algorithm': 'layered', 'elk.direction': 'DOWN', 'elk.edgeRouting': 'ORTHOGONAL' },
    children: graph.nodes.map(({ id }) => ({ id, width: 160, height: 48 })),
    edges: graph.edges.map(({ from, to }, index) => ({ id: `${index}`, sources: [from], targets: [to] })),
  });
  const { width = 0, height = 0 } = placed;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">`,
    `<title>${escaped(graph.label)}</title>`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    ...(placed.edges ?? []).flatMap(({ sections = [] }, index) => {
      const points = sections.flatMap(({ startPoint, bendPoints = [], endPoint }) => [
        startPoint,
        ...bendPoints,
        endPoint,
      ]);
      const colour = edgeColours[graph.edges[index]?.kind ?? 'flow'];
      return `<polyline fill="none" stroke="${colour}" points="${points.map(({ x, y }) => `${x},${y}`).join(' ')}"/>`;
    }),
    ...(placed.children ?? []).map((child, index) => box(graph, child, index, states)),
    '</svg>\n',
  ].join('\n');
}

function box(
  { nodes }: MapGraph,
  { id, x = 0, y = 0 }: ElkNode,
  index: number,
  states?: ReadonlyMap<string, NodeState>,
) {
  const node = nodes[index];
  if (!node) return '';
  const state = states?.get(id);
  const { fill, stroke } = state ? stateColours[state] : lookColours[lookOf(node)];
  const said = `${state ? `${stateMarks[state]} ` : ''}${wordsOf(node)}`;
  return `<g><title>${escaped(said)}</title><rect x="${x}" y="${y}" width="160" height="48" rx="8" fill="${fill}" stroke="${stroke}"/><text x="${x + 8}" y="${y + 28}" fill="${ink}">${escaped(said.slice(0, 24))}</text></g>`;
}

function escaped(words: string): string {
  return words.replaceAll(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
