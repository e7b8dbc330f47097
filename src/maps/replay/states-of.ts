import type { CaseRecord, Step } from '../../kit/contract';
import type { ProcessMap } from '../process-map';
import type { NodeState } from '../states';
import { fits } from './fits';
import { leftOf } from './left';
import type { Position } from './position';

/**
 * How far the blocks of the map have got in the case; blocks it has passed by, or does not come to, are absent. A block that
 * ran several times is as its last run. Where a step may be of several blocks, it is shown at one of them.
 */
export function statesOf(map: ProcessMap, record: CaseRecord): ReadonlyMap<string, NodeState> {
  const states = new Map<string, NodeState>();
  const fit = fits(map, record);
  const [position] = fit.fits === true ? fit.positions : [];
  if (fit.fits !== true || !position) return states;
  const left = leftOf(map, record);
  for (const { ids } of [...left.possible, ...left.certain]) for (const id of ids) states.set(id, 'left');
  for (const [index, id] of blocksBegun(position).entries()) {
    const step = record.steps[index];
    if (id !== undefined && step) states.set(id, stateOf(step));
  }
  if (!record.endedAt) for (const { id } of fit.replay.awaited(position)) states.set(id, 'waiting');
  return states;
}

function blocksBegun({ way }: Position): (string | undefined)[] {
  const ids: (string | undefined)[] = [];
  for (let begun = way; begun; begun = begun.before) ids.unshift(begun.block?.id);
  return ids;
}

function stateOf({ status, kind }: Step): NodeState {
  switch (status) {
    case 'open':
      return kind === 'task' || kind === 'event' || kind === 'timer' ? 'waiting' : 'running';
    case 'done':
    case 'replaced':
    case 'compensated':
      return 'done';
    case 'parked':
    case 'failed':
      return 'failed';
    case 'skipped':
    case 'cancelled':
      return 'skipped';
  }
}
