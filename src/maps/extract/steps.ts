import { basename, dirname } from 'node:path';
import ts from 'typescript';
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
  const property = proxy && checker.getPropertyOfType(proxy.type, name);
  const called = system?.name ?? proxy?.taskQueue ?? systemOfFile(property, node);
  const team = system?.name === undefined ? undefined : walk.project.teams[system.name];
  const isRead = system?.reads.includes(name) ?? false;
  const step: StepBlock = {
    kind: 'step',
    id: ids.take(full),
    type: system?.isAlert ? 'alert' : 'call',
    name: full,
    label: labelIn(checker, property) ?? humanise(name),
    source: placeOf(walk.project, node),
    ...(called !== undefined && { system: called }),
    ...(team !== undefined && { team }),
    ...([isRead, proxy?.isLocal].includes(true) && { isLocal: true }),
    ...(isRead && { isRead: true }),
    ...((system !== undefined || isKeyed(node)) && { isKeyed: true }),
    ...(system?.pivots.includes(name) && { isPivot: true }),
  };
  return step;
}

/** The command at a call is on the map. */
export function markMapped({ walk }: Here, node: ts.Node): void {
  walk.mapped.add(node);
}

/** Files and folders that are named for what they hold, not for a system. */
const general = new Set(['activities', 'index', 'src', 'lib', 'temporal', 'workflows', 'workflow']);

/** What the file is named after in which an activity is declared: `payment-activities.ts` and `payment/activities.ts`. */
function systemOfFile(activity: ts.Symbol | undefined, call: ts.Node): string | undefined {
  const file = activity?.declarations?.[0]?.getSourceFile().fileName;
  if (file === undefined || file === call.getSourceFile().fileName) return undefined;
  const own = basename(file).replace(/(?:\.d)?\.[cm]?tsx?$/, '');
  const name = (general.has(own) ? basename(dirname(file)) : own).replace(/[-_.]?activities$/i, '');
  return general.has(name) || name === '' ? undefined : name;
}

/** Whether the call is given a key, by a name that says so. */
function isKeyed(node: ts.Node): boolean {
  const given = ts.isCallExpression(node) ? node.arguments : [];
  const names = (at: ts.Node): boolean =>
    (ts.isIdentifier(at) && /^(?:idempoten\w*|dedup\w*|request(?:Key|Id))$/i.test(at.text)) ||
    ts.forEachChild(at, names) === true;
  return given.some(names);
}
