import ts from 'typescript';
import { bare } from './bare';
import { originOf, symbolAt } from './declared';
import type { Project } from './project';
import { isFunctionNode } from './values';

/** The deepest that calls are followed for what they read and change. */
const deepest = 4;
const changing = /^(?:push|pop|shift|unshift|splice|set|add|delete|clear|fill|sort|reverse|resolve|reject)$/;

/** Variables and properties that a function looks at, and the functions of the project that it calls. */
export function symbolsReadBy(project: Project, node: ts.Node): ReadonlySet<ts.Declaration> {
  const found = new Set<ts.Declaration>();
  visit(project, node, (name) => {
    const declaration = symbolAt(project, name)?.valueDeclaration;
    if (declaration) found.add(declaration);
  });
  return found;
}

/** Variables and properties that a function changes, or functions of the project that it calls. */
export function symbolsWrittenBy(project: Project, node: ts.Node): ReadonlySet<ts.Declaration> {
  const found = new Set<ts.Declaration>();
  const write = (target: ts.Expression): void => {
    const inner = bare(target);
    const name = ts.isPropertyAccessExpression(inner) ? inner.name : inner;
    if (ts.isElementAccessExpression(inner)) return write(inner.expression);
    const declaration = symbolAt(project, name)?.valueDeclaration;
    if (declaration) found.add(declaration);
  };
  visit(project, node, (_, at) => {
    const { parent } = at;
    if (ts.isBinaryExpression(parent) && parent.left === at && isAssignment(parent.operatorToken.kind)) write(at);
    if (ts.isPostfixUnaryExpression(parent) || isCounted(parent)) write(at);
    if (ts.isDeleteExpression(parent)) write(at);
    if (ts.isCallExpression(parent) && parent.expression === at && ts.isPropertyAccessExpression(at)) {
      if (changing.test(at.name.text)) write(at.expression);
    }
  });
  return found;
}

/** `++` and `--` before it. */
function isCounted(node: ts.Node): boolean {
  const { PlusPlusToken, MinusMinusToken } = ts.SyntaxKind;
  return ts.isPrefixUnaryExpression(node) && [PlusPlusToken, MinusMinusToken].some((one) => one === node.operator);
}

function isAssignment(kind: ts.SyntaxKind): boolean {
  return kind >= ts.SyntaxKind.FirstAssignment && kind <= ts.SyntaxKind.LastAssignment;
}

/** Visits each name with the whole expression that ends in it. */
function visit(project: Project, start: ts.Node, see: (name: ts.Node, whole: ts.Expression) => void): void {
  const seen = new Set<ts.Node>();
  const look = (node: ts.Node, depth: number): void => {
    if (seen.has(node)) return;
    seen.add(node);
    if (ts.isPropertyAccessExpression(node)) see(node.name, node);
    else if (ts.isIdentifier(node) || ts.isElementAccessExpression(node)) see(node, node);
    if (ts.isCallExpression(node) || ts.isIdentifier(node)) follow(node, depth);
    ts.forEachChild(node, (child) => look(child, depth));
  };
  const follow = (node: ts.CallExpression | ts.Identifier, depth: number): void => {
    if (depth >= deepest) return;
    const callee = ts.isCallExpression(node) ? bare(node.expression) : node;
    const declaration = symbolAt(
      project,
      ts.isPropertyAccessExpression(callee) ? callee.name : callee,
    )?.valueDeclaration;
    if (!declaration || originOf(project, declaration) !== 'project') return;
    const made = ts.isVariableDeclaration(declaration) ? declaration.initializer : declaration;
    if (made && isFunctionNode(made)) look(made.body, depth + 1);
  };
  look(start, 0);
}
