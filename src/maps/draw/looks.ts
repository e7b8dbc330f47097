import type { StepType } from '../process-map';
import type { NodeState } from '../states';
import type { EdgeKind, MapNode } from './map-graph';

/** What a node looks like. */
export type NodeLook =
  | 'start'
  | 'done'
  | 'failed'
  | 'again'
  | 'branch'
  | 'message'
  | 'choice'
  | 'parallel'
  | 'attempt'
  | 'unknown'
  | StepType;

export function lookOf(node: MapNode): NodeLook {
  if (node.kind === 'end') return node.end;
  return node.kind === 'step' ? node.step.type : node.kind;
}

export interface Colours {
  fill: string;
  stroke: string;
}

/** Dark enough on every fill (WCAG 2.2, 1.4.3). */
export const ink = '#1a1a1a';

const plain: Colours = { fill: '#ffffff', stroke: '#4a5568' };
const gateway: Colours = { fill: '#fff8e1', stroke: '#8a6100' };
const time: Colours = { fill: '#f3effc', stroke: '#5b3fa0' };
const alarm: Colours = { fill: '#fdf0ef', stroke: '#a8281e' };
const message: Colours = { fill: '#e8f4f8', stroke: '#0f6680' };

export const lookColours: Record<NodeLook, Colours> = {
  start: { fill: '#e9f5ec', stroke: '#22733c' },
  done: { fill: '#e9f5ec', stroke: '#22733c' },
  failed: alarm,
  again: plain,
  branch: plain,
  message,
  choice: gateway,
  parallel: gateway,
  attempt: alarm,
  unknown: { fill: '#f4f4f4', stroke: '#595959' },
  call: { fill: '#eef3fb', stroke: '#2f5597' },
  alert: message,
  child: { fill: '#eef3fb', stroke: '#2f5597' },
  timer: time,
  wait: time,
  task: { fill: '#fef3e6', stroke: '#9a4f00' },
  event: message,
  signal: message,
  nexus: { fill: '#eef3fb', stroke: '#2f5597' },
  compensation: alarm,
};

export const edgeColours: Record<EdgeKind, string> = {
  flow: '#4a5568',
  failed: '#a8281e',
  feeds: '#0f6680',
  beside: '#5b3fa0',
};

/** Told by more than colour (WCAG 2.2, 1.4.1). */
export const edgeDashes: Record<EdgeKind, { 'stroke-dasharray'?: string }> = {
  flow: {},
  failed: { 'stroke-dasharray': '6 3' },
  feeds: { 'stroke-dasharray': '2 3' },
  beside: { 'stroke-dasharray': '6 3 2 3' },
};

export const stateColours: Record<NodeState, Colours> = {
  done: { fill: '#d8f0dd', stroke: '#22733c' },
  running: { fill: '#d6e6ff', stroke: '#1d4fb8' },
  waiting: { fill: '#ffedc2', stroke: '#8a5a00' },
  failed: { fill: '#fbd9d5', stroke: '#a8281e' },
  left: { fill: '#ffffff', stroke: '#6b7280' },
  skipped: { fill: '#ececec', stroke: '#595959' },
};

/** Told by more than colour (WCAG 2.2, 1.4.1). */
export const stateMarks: Record<NodeState, string> = {
  done: '✓',
  running: '▶',
  waiting: '⏸',
  failed: '✗',
  left: '○',
  skipped: '⤼',
};

/** States as they come in a legend. */
export const statesInOrder: readonly NodeState[] = ['done', 'running', 'waiting', 'failed', 'skipped', 'left'];
