import ts from 'typescript';
import { bare } from './bare';
import { hasWork } from '../blocks';
import { humanise } from '../../kit/humanise';
import { mapVersion, type ProcessMap } from '../process-map';
import { calls } from './calls';
import { commandSitesOf } from './command-sites';
import { isThenable, symbolAt } from './declared';
import { outermost } from './frame';
import { bodyOf } from './functions';
import { idsIn } from './ids';
import { labelIn } from './labels';
import { placeOf, type Project } from './project';
import { isFunctionNode, type FunctionNode } from './values';
import { flag, unknownAt, type Walk } from './walk';

export { filesWithWorkflows } from './files';
export { openProject, UnreadableProject, type Project } from './project';

/** A workflow function, under the name by which it is exported. */
export interface Workflow {
  name: string;
  node: FunctionNode;
}

/** The functions that a file exports and that give a promise, in its order; no workflow is given a function. */
export function workflowsIn(project: Project, file: string): Workflow[] {
  const { program, checker } = project;
  const source = program.getSourceFile(file);
  const module = source && checker.getSymbolAtLocation(source);
  if (!module) return [];
  return checker.getExportsOfModule(module).flatMap((exported) => {
    const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
    const node = functionOf(symbol.declarations?.find(isFunctionNode) ?? symbol.valueDeclaration);
    if (!node) return [];
    const signature = checker.getSignatureFromDeclaration(node);
    const gives = signature && isThenable(checker.getReturnTypeOfSignature(signature));
    const takesFunction = node.parameters.some((one) => checker.getTypeAtLocation(one).getCallSignatures().length > 0);
    return gives && !takesFunction ? [{ name: exported.name, node }] : [];
  });
}

function functionOf(declaration: ts.Declaration | undefined): FunctionNode | undefined {
  if (!declaration) return undefined;
  if (isFunctionNode(declaration)) return declaration;
  const made = ts.isVariableDeclaration(declaration) ? declaration.initializer : undefined;
  const inner = made && bare(made);
  return inner && isFunctionNode(inner) ? inner : undefined;
}

/** The map of a workflow. What the source does not tell is flagged in it. */
export function mapOf(project: Project, { name, node }: Workflow): ProcessMap {
  const walk: Walk = {
    project,
    calls,
    flags: [],
    handlers: [],
    waits: [],
    mapped: new Set(),
    under: [],
    recursive: new Set(),
    silent: new Set(),
  };
  const ids = idsIn('');
  const here = { walk, frame: outermost, ids, targets: [], isInTry: false, isAsync: true };
  const found = bodyOf(here, { node, frame: outermost });
  const isRecursive = walk.recursive.delete(node) && hasWork(found);
  const body = isRecursive ? unknownAt(here, node, 'recursion', `${name} calls itself`) : found;
  for (const { step, reads } of walk.waits) {
    const feeding = walk.handlers.filter(({ writes }) => [...writes].some((written) => reads.has(written)));
    const names = feeding.flatMap(({ handler }) => handler.name ?? []);
    if (names.length > 0) step.fedBy = [...new Set(names)];
  }
  for (const site of commandSitesOf(project, node)) {
    if (!walk.mapped.has(site))
      flag(walk, site, 'not-mapped', `${site.getText().split('(')[0] ?? ''} is not on the map`);
  }
  return {
    version: mapVersion,
    process: name,
    label: labelIn(project.checker, node.name && symbolAt(project, node.name)) ?? humanise(name),
    source: placeOf(project, node),
    body,
    handlers: walk.handlers.map(({ handler }) => handler),
    flags: walk.flags,
  };
}
