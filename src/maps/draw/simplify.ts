import type { EdgeKind, MapEdge, MapGraph, MapNode } from './map-graph';
import { inFlowOrder, type Junction, type Sketch } from './sketch';

/** Leaves out what nobody needs to see: points without a choice, what no way leads to, ends that say nothing. */
export function simplify(sketch: Sketch): Pick<MapGraph, 'nodes' | 'edges'> {
  const nodes = new Map<string, Drawn>(sketch.nodes);
  let edges = together(sketch.edges);
  const keepOnly = (ids: string[]) => {
    const kept = new Set(ids);
    for (const id of nodes.keys()) if (!kept.has(id)) nodes.delete(id);
    edges = edges.filter(({ from }) => kept.has(from));
  };
  const starts = () => [...nodes.values()].filter(isStart).map(({ id }) => id);

  keepOnly(inFlowOrder(starts(), edges));
  for (let point; (point = pointWithoutChoice(nodes, edges));) {
    nodes.delete(point.id);
    edges = together(withoutPoint(point, edges));
  }
  for (const { id } of [...nodes.values()].filter((node) => isSilent(node, nodes, edges))) {
    nodes.delete(id);
    edges = edges.filter(({ to }) => to !== id);
  }
  const ordered = messagesFirst(starts(), edges);
  keepOnly(ordered);
  return {
    nodes: ordered.flatMap((id) => nodes.get(id) ?? []).map(drawable),
    edges: ordered.flatMap((id) => edges.filter(({ from }) => from === id)),
  };
}

/** In the order of the flow, a message before what it feeds. */
function messagesFirst(starts: string[], edges: MapEdge[]): string[] {
  const feeds = edges.filter(({ kind }) => kind === 'feeds');
  const flow = edges.filter(({ kind }) => kind !== 'feeds');
  const ordered = inFlowOrder(starts, flow);
  return [...new Set(ordered.flatMap((id) => [...feeds.filter(({ to }) => to === id).map(({ from }) => from), id]))];
}

type Drawn = MapNode | Junction;

/** A junction that is left is a loop in which nothing happens. */
const drawable = (node: Drawn): MapNode => (node.kind === 'junction' ? { ...node, kind: 'choice' } : node);

const isStart = ({ kind }: Drawn) => kind === 'start' || kind === 'message';

interface Point {
  id: string;
  /** Its one way on. */
  on: MapEdge;
}

function pointWithoutChoice(nodes: Map<string, Drawn>, edges: MapEdge[]): Point | undefined {
  for (const { id, kind } of nodes.values()) {
    if (kind !== 'junction' && kind !== 'choice' && kind !== 'parallel') continue;
    const ways = edges.filter(({ from, to }) => from === id && to !== id);
    const [on] = ways;
    const isOne = on !== undefined && ways.every(({ to }) => to === on.to);
    const isJoin = kind === 'parallel' && edges.filter(({ to }) => to === id).length > 1;
    if (isOne && !isJoin) return { id, on: kind === 'choice' ? { ...on, label: '' } : on };
  }
  return undefined;
}

/** The edges to the point lead to where it goes on. */
function withoutPoint({ id, on }: Point, edges: MapEdge[]): MapEdge[] {
  return edges.flatMap((edge) => {
    if (edge.from === id) return [];
    if (edge.to !== id) return [edge];
    return [{ ...edge, to: on.to, label: edge.label || on.label, kind: joined(edge.kind, on.kind) }];
  });
}

const joined = (first: EdgeKind, second: EdgeKind) => (first === 'flow' ? second : first);

/** Edges that begin and end alike are one. */
function together(edges: MapEdge[]): MapEdge[] {
  const different = new Map<string, MapEdge>();
  for (const edge of edges) {
    const key = JSON.stringify([edge.from, edge.to, edge.kind]);
    const label = different.get(key)?.label.split(' / ') ?? [];
    different.set(key, { ...edge, label: [...new Set([...label, edge.label])].filter(Boolean).join(' / ') });
  }
  return [...different.values()];
}

/** The end of a flow beside the process that does not depend on a choice, and a query that runs nothing. */
function isSilent(node: Drawn, nodes: Map<string, Drawn>, edges: MapEdge[]): boolean {
  if (node.kind === 'message') {
    const isQuery = node.type === 'query';
    return isQuery && edges.every(({ from, to }) => from !== node.id || to === `${node.id}#end`);
  }
  if (node.kind !== 'end' || node.end !== 'branch') return false;
  const before = edges.filter(({ to }) => to === node.id).map(({ from }) => nodes.get(from)?.kind);
  return before.every((kind) => kind !== 'choice' && kind !== 'parallel' && kind !== 'attempt');
}
