import ts from 'typescript';
import { bare } from './bare';
import { declaredAt, isActivityType, originOf, symbolAt } from './declared';
import type { Project } from './project';

const commands =
  /^(?:sleep|condition|executeChild|startChild|scheduleActivity|scheduleLocalActivity|continueAsNew|CancellationScope\.withTimeout|\w*Handle\.signal|Nexus(?:Service)?Client\.(?:execute|start)Operation)$/;
const kitCommands = new Set(['approve', 'task']);

/** Places in a piece of source that the types say give a command: calls of them, and activities that are handed on. */
export function commandSitesIn(project: Project, start: ts.Node): ts.Node[] {
  const found: ts.Node[] = [];
  const look = (node: ts.Node): void => {
    if (ts.isTypeNode(node)) return;
    if (ts.isCallExpression(node) && isCommand(project, node)) found.push(node);
    else if (isHandedOn(project, node)) found.push(node);
    ts.forEachChild(node, look);
  };
  look(start);
  return found;
}

function isCommand(project: Project, call: ts.CallExpression): boolean {
  const callee = bare(call.expression);
  if (isActivityType(project, project.checker.getTypeAtLocation(callee))) return true;
  if (ts.isPropertyAccessExpression(callee) && callee.name.text === 'executeWithOptions') {
    return isActivityType(project, project.checker.getTypeAtLocation(callee.expression));
  }
  const declared = declaredAt(project, call);
  if (declared?.origin === 'kit') return kitCommands.has(declared.name);
  if (declared?.origin === 'language') return declared.name === 'setTimeout';
  return declared?.origin === 'temporal' && commands.test(declared.name);
}

/** An activity as a value that something else may call. */
function isHandedOn(project: Project, node: ts.Node): boolean {
  if (!ts.isIdentifier(node) && !ts.isPropertyAccessExpression(node)) return false;
  const { parent } = node;
  return isGivenTo(parent, node) && isActivityType(project, project.checker.getTypeAtLocation(node));
}

function isGivenTo(parent: ts.Node, node: ts.Node): boolean {
  if (ts.isCallExpression(parent) || ts.isNewExpression(parent)) {
    return parent.arguments?.some((given) => given === node) ?? false;
  }
  if (ts.isPropertyAssignment(parent)) return parent.initializer === node;
  if (ts.isBinaryExpression(parent)) return parent.right === node;
  return ts.isArrayLiteralExpression(parent) || ts.isConditionalExpression(parent) || ts.isReturnStatement(parent);
}

/** All command sites that a function can reach: in itself, and in everything of the project that it names. */
export function commandSitesOf(project: Project, start: ts.Node): ts.Node[] {
  const seen = new Set<ts.Node>();
  const sites = new Set<ts.Node>();
  const reach = (node: ts.Node): void => {
    if (seen.has(node)) return;
    seen.add(node);
    commandSitesIn(project, node).forEach((site) => sites.add(site));
    const look = (inner: ts.Node): void => {
      if (ts.isTypeNode(inner)) return;
      if (ts.isIdentifier(inner)) follow(inner);
      ts.forEachChild(inner, look);
    };
    look(node);
  };
  const follow = (name: ts.Identifier): void => {
    const symbol = ts.isShorthandPropertyAssignment(name.parent)
      ? project.checker.getShorthandAssignmentValueSymbol(name.parent)
      : symbolAt(project, name);
    for (const declaration of symbol?.declarations ?? []) {
      if (isChildWorkflow(project, name) || originOf(project, declaration) !== 'project') continue;
      const holdsCode =
        ts.isFunctionLike(declaration) || ts.isVariableDeclaration(declaration) || ts.isClassLike(declaration);
      if (holdsCode && !seen.has(declaration)) reach(declaration);
    }
  };
  reach(start);
  return [...sites];
}

/** A workflow that is named to be started is a process of its own. */
function isChildWorkflow(project: Project, name: ts.Identifier): boolean {
  const whole = ts.isPropertyAccessExpression(name.parent) && name.parent.name === name ? name.parent : name;
  const { parent } = whole;
  if (ts.isTypeQueryNode(parent)) return true;
  if (!ts.isCallExpression(parent) || parent.arguments[0] !== whole) return false;
  return /^(?:executeChild|startChild)$/.test(declaredAt(project, parent)?.name ?? '');
}
