import type { Handler, StepBlock } from '../process-map';

/** A process map as nodes and edges: what is drawn. Ids of nodes are ids of blocks, with a suffix where one is added. */
export interface MapGraph {
  process: string;
  label: string;
  /** In the order of the flow. */
  nodes: MapNode[];
  edges: MapEdge[];
}

export type MapNode = { id: string; label: string } & (
  | { kind: 'start' }
  /** A message that comes, with the flow that it brings about. */
  | { kind: 'message'; type: Handler['type'] }
  | { kind: 'end'; end: EndKind }
  /** `each`: runs for each of what is called so, at once. */
  | { kind: 'step'; step: StepBlock; each?: string }
  /** Goes on one way. */
  | { kind: 'choice' }
  /** Goes on all ways, or awaits them. */
  | { kind: 'parallel' }
  /** From here on it goes the way `failed` when a step fails. */
  | { kind: 'attempt' }
  | { kind: 'unknown' }
);

/** `branch`: a flow beside the process ends; the case goes on. */
export type EndKind = 'done' | 'failed' | 'again' | 'branch';

export interface MapEdge {
  from: string;
  to: string;
  /** Empty where there is nothing to say. */
  label: string;
  kind: EdgeKind;
}

/** `feeds`: the message brings about what the step awaits. `beside`: begins a flow that holds up nothing. */
export type EdgeKind = 'flow' | 'failed' | 'feeds' | 'beside';
