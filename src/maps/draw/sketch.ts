import type { StepBlock } from '../process-map';
import type { EdgeKind, MapEdge, MapNode } from './map-graph';

/** A point that flows come together at; it is not drawn. */
export interface Junction {
  id: string;
  label: string;
  kind: 'junction';
}

/** A graph in the making. */
export class Sketch {
  readonly nodes = new Map<string, MapNode | Junction>();
  readonly edges: MapEdge[] = [];

  node(node: MapNode): string {
    this.nodes.set(node.id, node);
    return node.id;
  }

  edge(from: string, to: string, label = '', kind: EdgeKind = 'flow'): void {
    this.edges.push({ from, to, label, kind });
  }

  junction(id: string): string {
    this.nodes.set(id, { id, kind: 'junction', label: '' });
    return id;
  }

  /** A junction that leads to where an edge of this label leads. */
  way(id: string, to: string, label: string, kind: EdgeKind = 'flow'): string {
    this.edge(this.junction(id), to, label, kind);
    return id;
  }

  steps(): StepBlock[] {
    return [...this.nodes.values()].flatMap((node) => (node.kind === 'step' ? [node.step] : []));
  }

  /** What there is a way to, in the order of the flow. */
  reachable(starts: string[]): string[] {
    return inFlowOrder(starts, this.edges);
  }
}

/** What edges lead to from the starts: a node comes before what it leads to, edges back aside. */
export function inFlowOrder(starts: string[], edges: readonly MapEdge[]): string[] {
  const targets = new Map<string, string[]>();
  for (const { from, to } of edges) targets.set(from, [...(targets.get(from) ?? []), to]);
  const seen = new Set<string>();
  const ordered: string[] = [];
  const visit = (id: string) => {
    if (seen.has(id)) return;
    seen.add(id);
    (targets.get(id) ?? []).toReversed().forEach(visit);
    ordered.push(id);
  };
  starts.toReversed().forEach(visit);
  return ordered.reverse();
}
