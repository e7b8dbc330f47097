import ts from 'typescript';
import { humanise } from '../../kit/humanise';
import type { StepBlock } from '../process-map';
import { originOf, symbolAt } from './declared';
import { placeOf } from './project';
import type { Here } from './walk';

/** Labels of waits that end by themselves, or only with the case. */
export const handlersFinished = 'All handlers finished';
export const cancellation = 'Cancellation';

/** A `Trigger` of Temporal's that is awaited. */
export function waitForTrigger(here: Here, node: ts.Expression): StepBlock | undefined {
  const { project } = here.walk;
  const type = project.checker.getTypeAtLocation(node);
  const declaration = type.getSymbol()?.declarations?.[0];
  if (type.getSymbol()?.name !== 'Trigger' || !declaration || originOf(project, declaration) !== 'temporal') {
    return undefined;
  }
  const symbol = symbolAt(project, ts.isPropertyAccessExpression(node) ? node.name : node);
  return wait(
    here,
    node,
    humanise(symbol?.name ?? 'a trigger'),
    new Set(symbol?.valueDeclaration ? [symbol.valueDeclaration] : []),
  );
}

/** `cancelRequested` of a scope, which is awaited. */
export function waitForCancellation(here: Here, node: ts.Expression): StepBlock | undefined {
  if (!ts.isPropertyAccessExpression(node) || node.name.text !== 'cancelRequested') return undefined;
  const declaration = symbolAt(here.walk.project, node.name)?.declarations?.[0];
  if (!declaration || originOf(here.walk.project, declaration) !== 'temporal') return undefined;
  return wait(here, node, cancellation, new Set());
}

/** A wait until something is so. */
export function wait(
  { walk, ids }: Here,
  node: ts.Node,
  label: string,
  reads: ReadonlySet<ts.Declaration>,
  dueIn?: string,
): StepBlock {
  const step: StepBlock = {
    kind: 'step',
    id: ids.take('wait'),
    type: 'wait',
    label,
    source: placeOf(walk.project, node),
    ...(dueIn !== undefined && { name: 'timer', dueIn }),
  };
  walk.waits.push({ step, reads });
  return step;
}
