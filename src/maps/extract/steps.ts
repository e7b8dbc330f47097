import type ts from 'typescript';
import { humanise } from '../../kit/humanise';
import type { Block, StepBlock } from '../process-map';
import { isAny } from './declared';
import { labelIn } from './labels';
import { placeOf } from './project';
import type { Value } from './values';
import { flag, unknownAt, type Here } from './walk';

/** A call of an activity. */
export function activityStep(here: Here, { name, proxy, named }: Value & { kind: 'activity' }, node: ts.Node): Block {
  const { walk, ids } = here;
  const { checker } = walk.project;
  markMapped(here, node);
  if (named) markMapped(here, named);
  if (proxy && isAny(proxy.type)) flag(walk, node, 'unresolved-type', 'The type of the activities does not resolve');
  if (name === undefined) {
    return unknownAt(here, node, 'computed-name', 'The name of the activity is computed');
  }
  const system = proxy?.system;
  const full = system?.name === undefined ? name : `${system.name}.${name}`;
  const team = system?.name === undefined ? undefined : walk.project.teams[system.name];
  const isRead = system?.reads.includes(name) ?? false;
  const step: StepBlock = {
    kind: 'step',
    id: ids.take(full),
    type: system?.isAlert ? 'alert' : 'call',
    name: full,
    label: labelIn(checker, proxy && checker.getPropertyOfType(proxy.type, name)) ?? humanise(name),
    source: placeOf(walk.project, node),
    ...(system?.name !== undefined && { system: system.name }),
    ...(team !== undefined && { team }),
    ...([isRead, proxy?.isLocal].includes(true) && { isLocal: true }),
    ...(isRead && { isRead: true }),
    ...(system?.pivots.includes(name) && { isPivot: true }),
  };
  return step;
}

/** The command at a call is on the map. */
export function markMapped({ walk }: Here, node: ts.Node): void {
  walk.mapped.add(node);
}
