import ts from 'typescript';
import { symbolAt } from './declared';
import type { Project } from './project';

/** What is put into a variable after it was declared. */
export interface Kept {
  /** What it is set to. */
  assigned: ts.Expression[];
  /** What is added to the list it holds. */
  added: ts.Expression[];
  /** Nothing else can get into it. */
  isWhole: boolean;
  /** Properties of what it holds are set. */
  isSet: boolean;
}

const nothing: Kept = { assigned: [], added: [], isWhole: true, isSet: false };
const adding = new Set(['push', 'unshift']);
const settingAll = new Set([
  ts.SyntaxKind.EqualsToken,
  ts.SyntaxKind.QuestionQuestionEqualsToken,
  ts.SyntaxKind.BarBarEqualsToken,
  ts.SyntaxKind.AmpersandAmpersandEqualsToken,
]);

function isAssigned(node: ts.Node): boolean {
  const { parent } = node;
  return (
    ts.isBinaryExpression(parent) && parent.left === node && parent.operatorToken.kind === ts.SyntaxKind.EqualsToken
  );
}

const cache = new WeakMap<ts.Symbol, Kept>();

/** Looks at every use of a variable or a parameter in the function, or file, that declares it, and in functions that it is given to. */
export function keptIn(project: Project, symbol: ts.Symbol, declaration: ts.Declaration): Kept {
  const known = cache.get(symbol);
  if (known) return known;
  cache.set(symbol, nothing);
  const kept = usesOf(project, symbol, scopeOf(declaration), new Set([symbol]));
  cache.set(symbol, kept);
  return kept;
}

function scopeOf(node: ts.Node): ts.Node {
  return ts.findAncestor(node.parent, (at) => ts.isFunctionLike(at) || ts.isSourceFile(at)) ?? node.getSourceFile();
}

function usesOf(project: Project, symbol: ts.Symbol, scope: ts.Node, seen: Set<ts.Symbol>): Kept {
  const kept: Kept = { assigned: [], added: [], isWhole: true, isSet: false };
  const look = (node: ts.Node): void => {
    if (ts.isIdentifier(node) && node.text === symbol.name && project.checker.getSymbolAtLocation(node) === symbol) {
      use(node);
    }
    ts.forEachChild(node, look);
  };
  const use = (name: ts.Identifier): void => {
    const { parent } = name;
    if (ts.isBinaryExpression(parent) && parent.left === name) {
      const { kind } = parent.operatorToken;
      if (settingAll.has(kind)) kept.assigned.push(parent.right);
      else if (kind >= ts.SyntaxKind.FirstAssignment && kind <= ts.SyntaxKind.LastAssignment) kept.isWhole = false;
    } else if (ts.isArrayLiteralExpression(parent) && isAssigned(parent)) {
      kept.isWhole = false;
    } else if (ts.isPropertyAccessExpression(parent) && parent.expression === name) {
      if (isAssigned(parent)) kept.isSet = true;
      if (adding.has(parent.name.text) && ts.isCallExpression(parent.parent)) {
        for (const item of parent.parent.arguments) {
          if (ts.isSpreadElement(item)) kept.isWhole = false;
          else kept.added.push(item);
        }
      } else if (parent.name.text === 'splice') kept.isWhole = false;
    } else if (ts.isElementAccessExpression(parent) && parent.expression === name) {
      const { parent: outer } = parent;
      if (ts.isBinaryExpression(outer) && outer.left === parent) kept.added.push(outer.right);
    } else if (ts.isCallExpression(parent) && parent.expression !== name) {
      given(parent, parent.arguments.indexOf(name));
    }
  };
  const given = (call: ts.CallExpression, index: number): void => {
    const declaration = symbolAt(project, call.expression)?.valueDeclaration;
    const parameter = declaration && ts.isFunctionLike(declaration) ? declaration.parameters[index]?.name : undefined;
    const inside = parameter && ts.isIdentifier(parameter) ? project.checker.getSymbolAtLocation(parameter) : undefined;
    if (!declaration || !inside) kept.isWhole = false;
    else if (!seen.has(inside)) {
      const { added, isWhole } = usesOf(project, inside, declaration, new Set([...seen, inside]));
      kept.added.push(...added);
      kept.isWhole &&= isWhole;
    }
  };
  look(scope);
  return kept;
}
