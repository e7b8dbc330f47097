import ts from 'typescript';
import { humanise } from '../../kit/humanise';
import type { Block, Helper } from '../process-map';
import { exitsOf, hasWork, inSequence, isSilent, withoutLastReturn } from '../blocks';
import { commandSitesIn } from './command-sites';
import { symbolAt } from './declared';
import { workOf } from './expressions';
import { bindingsIn, frameOfCall, type Binding, type Frame } from './frame';
import { labelIn } from './labels';
import { blocksOf } from './statements';
import { evaluateBinding, isAsync, type FunctionNode } from './values';
import { awaited, noWork, putAside, unknownAt, type Here, type Walk, type Work } from './walk';

interface FunctionValue {
  node: FunctionNode;
  frame: Frame;
}

/** What a function of the project does where it is called. */
export function callFunction(
  here: Here,
  { node, frame }: FunctionValue,
  given: readonly (Binding | undefined)[],
  call: ts.Node,
): Work {
  const { walk } = here;
  if (walk.silent.has(node)) return noWork;
  const name = nameOfFunction(node);
  if (isGenerator(node)) {
    for (const site of commandSitesIn(walk.project, node)) walk.mapped.add(site);
    return { before: [unknownAt(here, call, 'generator', `${name || 'The function'} is a generator`)] };
  }
  const above = walk.under.filter((one) => one === node).length;
  if (above >= (takesWork(walk, given) ? mostNested : 1)) {
    walk.recursive.add(node);
    return noWork;
  }
  const ids = here.ids.inside(name || 'step');
  const called = { ...here, ids };
  const body = bodyOf(called, { node, frame: frameOfCall(walk.project.checker, node.parameters, given, frame) });
  if (isSilent(body)) {
    if (walk.recursive.has(node) && above === 0 && commandSitesIn(walk.project, node).length > 0) {
      return { before: [unknownAt(called, call, 'recursion', `${name || 'The function'} calls itself`)] };
    }
    if (!mayCallWhatItIsGiven(walk, node) && !takesWork(walk, bindingsIn(frame))) walk.silent.add(node);
    return noWork;
  }
  const block =
    above === 0 && walk.recursive.delete(node) && hasWork(body)
      ? unknownAt(called, call, 'recursion', `${name || 'The function'} calls itself`)
      : helper(walk, node, name, ids.path, body);
  return isAsync(walk.project, node) ? { before: [], promise: block } : { before: [block] };
}

/** A function that is given functions may be called by what it calls, each time with others. */
const mostNested = 4;

/** Whether another call of the function may do what this one did not. */
function mayCallWhatItIsGiven({ project: { checker } }: Walk, { parameters }: FunctionNode): boolean {
  return parameters.some((parameter) => {
    const type = checker.getNonNullableType(checker.getTypeAtLocation(parameter));
    return (type.flags & (ts.TypeFlags.Object | ts.TypeFlags.Union | ts.TypeFlags.Any | ts.TypeFlags.Unknown)) !== 0;
  });
}

/** What a function does, from its begin to its end. */
export function bodyOf(here: Here, { node, frame }: FunctionValue): Block {
  const { walk } = here;
  const inside: Here = { ...here, frame, targets: [], isInTry: false, isAsync: isAsync(walk.project, node) };
  walk.under.push(node);
  try {
    const { body } = node;
    const blocks = ts.isBlock(body) ? blocksOf(inside, body.statements) : workOfReturned(inside, body);
    return withoutLastReturn(inSequence(`${here.ids.path}/body`, blocks));
  } finally {
    walk.under.pop();
  }
}

function workOfReturned(here: Here, body: ts.Expression): Block[] {
  const work = workOf(here, body);
  return here.isAsync ? awaited(work) : putAside(here, work, true);
}

function helper({ project }: Walk, node: FunctionNode, name: string, id: string, body: Block): Block {
  const returns = exitsOf(body).some(({ exit }) => exit === 'return');
  if (name === '' && !returns) return body;
  const label = labelIn(project.checker, symbolOf(project, node)) ?? (humanise(name) || 'Step');
  const block: Helper = { kind: 'helper', id, name, label, body };
  return block;
}

function symbolOf(project: Walk['project'], node: FunctionNode): ts.Symbol | undefined {
  const named = node.name ?? (ts.isVariableDeclaration(node.parent) ? node.parent.name : undefined);
  return named && symbolAt(project, named);
}

/** What a function is called, or the variable that holds it. */
function nameOfFunction(node: FunctionNode): string {
  if (ts.isConstructorDeclaration(node)) return node.parent.name?.text ?? '';
  const { parent } = node;
  const holder = ts.isVariableDeclaration(parent) ? parent.name : undefined;
  const name = node.name ?? holder;
  return name && ts.isIdentifier(name) ? name.text : '';
}

function isGenerator(node: FunctionNode): boolean {
  return !ts.isArrowFunction(node) && !ts.isConstructorDeclaration(node) && node.asteriskToken !== undefined;
}

/** Whether what it does may come of what it is given. */
function takesWork({ project }: Walk, given: readonly (Binding | undefined)[]): boolean {
  return given.some((binding) => {
    const value = binding && evaluateBinding(project, binding);
    return value !== undefined && value.kind !== 'text';
  });
}
