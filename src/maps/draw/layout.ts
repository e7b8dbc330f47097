import { orderOfBranches } from './alternatives';
import { bandsOf } from './bands';
import { columnsOf, margin } from './columns';
import { gridOf } from './grid';
import { lanesAt, type PlacedLane } from './placed-lanes';
import { layersOf, type Layered } from './layers';
import type { MapEdge, MapGraph, MapNode } from './map-graph';
import { routesOf, type Route } from './routes';
import { headingSize, reachAcross, shapeOf, type Shape } from './shapes';
import { tracksOf } from './route-tracks';
import { rowsOf } from './rows';

export interface Point {
  x: number;
  y: number;
}

export interface PlacedNode extends Point {
  node: MapNode;
  shape: Shape;
}

/** A line of level and upright pieces. */
export interface PlacedEdge {
  edge: MapEdge;
  points: Point[];
  /** Where its label begins. */
  labelAt: Point;
}

export interface Layout {
  width: number;
  height: number;
  lanes: PlacedLane[];
  nodes: PlacedNode[];
  edges: PlacedEdge[];
}

/** The width of a page on which small letters are read well. */
const readableWidth = 1000;
const mostColumns = 9;

/** Lays out a graph in lanes, wrapped into bands where it would be too wide to read. */
export async function layOut(graph: MapGraph): Promise<Layout> {
  const compact = await layersOf(graph, []);
  const inOneBand = inBands(graph, compact, [0]);
  if (inOneBand.width <= readableWidth) return inOneBand;
  const layers = await layersOf(graph, orderOfBranches(graph));
  for (let columns = mostColumns; ; columns -= 1) {
    const layout = inBands(graph, layers, bandsOf(graph.edges, layers, columns));
    if (layout.width <= readableWidth || columns <= 2) return layout;
  }
}

function inBands(graph: MapGraph, layers: Map<string, Layered>, starts: readonly number[]): Layout {
  const shapes = new Map(graph.nodes.map((node) => [node.id, shapeOf(node, waysAt(node.id, graph.edges))]));
  const grid = gridOf(graph, layers, starts);
  const routes = routesOf(graph.edges, grid);
  const drawn = { grid, shapes, routes, tracks: tracksOf(routes) };
  const columns = columnsOf(drawn);
  const rows = rowsOf(drawn, columns, margin + headingSize);
  const nodes = graph.nodes.flatMap((node): PlacedNode[] => {
    const cell = grid.cells.get(node.id);
    const shape = shapes.get(node.id);
    const band = cell && grid.rows[cell.row]?.band;
    if (!cell || !shape || band === undefined) return [];
    return [{ node, shape, x: columns.middle(band, cell.column), y: rows.middle(cell.row) }];
  });
  const placed = new Map(nodes.map((one) => [one.node.id, one]));
  const edges = routes.flatMap((route): PlacedEdge[] => {
    const from = placed.get(route.edge.from);
    const to = placed.get(route.edge.to);
    if (!from || !to) return [];
    const labelAt = { x: from.x + from.shape.across + 4, y: rows.lineY(route.out) - 3 };
    return [{ edge: route.edge, points: pointsOf(route, from, to), labelAt }];
  });
  return { width: columns.width, height: rows.height, lanes: lanesAt(grid, columns, rows), nodes, edges };

  function pointsOf({ out, into, uprights, levels }: Route, from: PlacedNode, to: PlacedNode): Point[] {
    const begin = rows.lineY(out);
    const end = rows.lineY(into);
    const stops = [begin, ...levels.map(rows.levelY), end];
    return [
      { x: from.x + reachAcross(from.shape, begin - from.y), y: begin },
      ...uprights.flatMap((upright, index) =>
        stops.slice(index, index + 2).map((y) => ({ x: columns.uprightX(upright), y })),
      ),
      { x: to.x - reachAcross(to.shape, end - to.y), y: end },
    ];
  }
}

/** At the side at which there are more. */
function waysAt(id: string, edges: readonly MapEdge[]): number {
  return Math.max(edges.filter(({ from }) => from === id).length, edges.filter(({ to }) => to === id).length);
}
