import type { ElkNode } from 'elkjs/lib/elk-api';
import type { MapEdge, MapGraph } from './map-graph';

/** Where a node stands in the flow: how far on, and at which height beside others that are as far. */
export interface Layered {
  layer: number;
  height: number;
}

const options = {
  'elk.algorithm': 'layered',
  'elk.direction': 'RIGHT',
  'elk.separateConnectedComponents': 'false',
  'elk.layered.cycleBreaking.strategy': 'MODEL_ORDER',
  'elk.layered.considerModelOrder.strategy': 'PREFER_NODES',
};

/** The nodes of a graph in layers, so that edges lead on, edges back aside; `more` edges are not drawn. */
export async function layersOf(
  { nodes, edges }: MapGraph,
  more: readonly Pick<MapEdge, 'from' | 'to'>[],
): Promise<Map<string, Layered>> {
  const {
    default: { default: Elk },
  } = await import('elkjs');
  const known = new Map(nodes.map(({ id }, index) => [id, index]));
  const { children = [] } = await new Elk().layout<ElkNode>({
    id: 'map',
    layoutOptions: options,
    children: nodes.map((_, index) => ({ id: `n${index}`, width: 10, height: 10 })),
    edges: [...edges, ...more].map(({ from, to }, index) => ({
      id: `e${index}`,
      sources: [`n${known.get(from)}`],
      targets: [`n${known.get(to)}`],
    })),
  });
  const xs = [...new Set(children.map(({ x = 0 }) => x))].sort((a, b) => a - b);
  return new Map(
    nodes.map(({ id }, index) => {
      const { x = 0, y = 0 } = children[index] ?? {};
      return [id, { layer: xs.indexOf(x), height: y }];
    }),
  );
}
