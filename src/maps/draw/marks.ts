import type { NodeState } from '../states';
import { stateColours, type NodeLook } from './looks';
import { element } from './svg-elements';

/** Lines of a sign of 12 by 12, around its middle. */
const paths: Partial<Record<NodeLook, string>> = {
  task: 'M0-6a3 3 0 1 1-.01 0zM-6 6.5a6 5.5 0 0 1 12 0z',
  timer: 'M0-6a6 6 0 1 1-.01 0zM0-3.5V0H3',
  wait: 'M-4.5-6h9M-4.5 6h9M-3.5-6v2L3.5 4v2M3.5-6v2L-3.5 4v2',
  message: 'M-7-5h14v10h-14zM-7-5l7 6 7-6',
  event: 'M-6.5-4.5h13v9h-13zM-6.5-4.5l6.5 5.5 6.5-5.5',
  alert: 'M-6.5-4.5h13v9h-13zM-6.5-4.5l6.5 5.5 6.5-5.5',
  signal: 'M-6.5-4.5h13v9h-13zM-6.5-4.5l6.5 5.5 6.5-5.5',
  call: 'M-2.4 0a2.4 2.4 0 1 0 4.8 0a2.4 2.4 0 1 0-4.8 0M0-6.5v2.2M0 4.3v2.2M-6.5 0h2.2M4.3 0h2.2M-4.6-4.6l1.6 1.6M3 3l1.6 1.6M-4.6 4.6l1.6-1.6M3-3l1.6-1.6M-4.4 0a4.4 4.4 0 1 0 8.8 0a4.4 4.4 0 1 0-8.8 0',
  child: 'M-5.5-5.5h11v11h-11zM0-3.5v7M-3.5 0h7',
  nexus: 'M-6 0h11M1-4l4 4-4 4',
  compensation: 'M0-4.5v9l-6-4.5zM6.5-4.5v9l-6-4.5z',
  unknown: 'M-3-3a3 3 0 1 1 3 3.2v1.6M0 4.4v1.2',
  choice: 'M-5-6 5 6M5-6-5 6',
  parallel: 'M0-8V8M-8 0H8',
  attempt: 'M0-8V3M0 6v2',
  failed: 'M-4.5-4.5 4.5 4.5M4.5-4.5-4.5 4.5',
  again: 'M5-3a6 6 0 1 0 .8 4M6-7v4.5H1.5',
};

/** The sign of what a node is; nothing for what is seen from its outline. */
export function markOf(look: NodeLook, x: number, y: number, colour: string): string {
  const d = paths[look];
  if (d === undefined) return '';
  const width = look === 'parallel' || look === 'attempt' || look === 'choice' || look === 'failed' ? 2.5 : 1.3;
  return element('path', {
    d,
    transform: `translate(${round(x)} ${round(y)})`,
    fill: 'none',
    stroke: colour,
    'stroke-width': width,
  });
}

const statePaths: Record<NodeState, string> = {
  done: 'M-3.5 0-1 3 4-3',
  running: 'M-2-3.5 4 0l-6 3.5z',
  waiting: 'M-2-3.5v7M2-3.5v7',
  failed: 'M-3-3 3 3M3-3-3 3',
  left: 'M-3.5 0h.1M0 0h.1M3.5 0h.1',
  skipped: 'M-4-3 0 0l-4 3M0-3 4 0 0 3',
};

/** How far a node has got, as a sign in a disc. */
export function stateBadge(state: NodeState, x: number, y: number): string {
  const { stroke } = stateColours[state];
  return [
    element('circle', { cx: x, cy: y, r: 7.5, fill: stroke }),
    element('path', {
      d: statePaths[state],
      transform: `translate(${round(x)} ${round(y)})`,
      fill: 'none',
      stroke: '#ffffff',
      'stroke-width': 2,
      'stroke-linecap': 'round',
    }),
  ].join('');
}

const round = (value: number) => Math.round(value * 10) / 10;
