import ts from 'typescript';
import { bare } from './bare';
import { humanise } from '../../kit/humanise';

const longestCondition = 60;

/** What the doc comment of a function calls it: `@label`, or its first sentence. */
export function labelIn(checker: ts.TypeChecker, symbol: ts.Symbol | undefined): string | undefined {
  if (!symbol) return undefined;
  const tag = symbol.getJsDocTags(checker).find(({ name }) => name === 'label');
  const given = ts.displayPartsToString(tag?.text).trim();
  if (given !== '') return given;
  const comment = ts.displayPartsToString(symbol.getDocumentationComment(checker)).replace(/\s+/g, ' ').trim();
  const sentence = /^(.+?)(?:[.:;](?:\s|$)|$)/.exec(comment)?.[1];
  return sentence === undefined || sentence === '' ? undefined : sentence;
}

/** A condition in words: the name of a constant reads as a sentence, anything else as it stands. */
export function conditionInWords(node: ts.Expression): string {
  return `${statementOf(node)}?`;
}

/** What a condition says when it is so. */
function statementOf(node: ts.Expression): string {
  const inner = bare(node);
  if (ts.isIdentifier(inner) || ts.isPropertyAccessExpression(inner)) return subject(inner);
  if (ts.isAwaitExpression(inner))
    return isTimedCondition(inner.expression) ? 'In time' : statementOf(inner.expression);
  if (ts.isPrefixUnaryExpression(inner) && inner.operator === ts.SyntaxKind.ExclamationToken) {
    return `Not ${lowerFirst(statementOf(inner.operand))}`;
  }
  if (ts.isBinaryExpression(inner)) {
    const { left, right, operatorToken } = inner;
    const word = { [ts.SyntaxKind.BarBarToken]: 'or', [ts.SyntaxKind.AmpersandAmpersandToken]: 'and' }[
      operatorToken.kind as number
    ];
    if (word !== undefined) return `${statementOf(left)} ${word} ${lowerFirst(statementOf(right))}`;
    const compared = isNamed(left) && comparisons.get(operatorToken.kind);
    const other = compared && valueInWords(right);
    if (other) return `${subject(left)}${compared} ${other}`;
  }
  return inShort(inner);
}

const comparisons: ReadonlyMap<ts.SyntaxKind, string> = new Map([
  [ts.SyntaxKind.EqualsEqualsEqualsToken, ':'],
  [ts.SyntaxKind.EqualsEqualsToken, ':'],
  [ts.SyntaxKind.ExclamationEqualsEqualsToken, ': not'],
  [ts.SyntaxKind.ExclamationEqualsToken, ': not'],
  [ts.SyntaxKind.LessThanToken, ' <'],
  [ts.SyntaxKind.LessThanEqualsToken, ' ≤'],
  [ts.SyntaxKind.GreaterThanToken, ' >'],
  [ts.SyntaxKind.GreaterThanEqualsToken, ' ≥'],
]);

function isNamed(node: ts.Expression): boolean {
  const inner = bare(node);
  return ts.isIdentifier(inner) || (ts.isPropertyAccessExpression(inner) && namesIn(inner).length > 0);
}

/** A literal, a constant, or what has a name; undefined for anything else. */
function valueInWords(node: ts.Expression): string | undefined {
  const inner = bare(node);
  if (ts.isStringLiteralLike(inner)) return inner.text === '' ? undefined : spaced(inner.text);
  if (ts.isNumericLiteral(inner) || inner.kind === ts.SyntaxKind.NullKeyword) return inner.getText();
  if (ts.isIdentifier(inner)) return humanise(inner.text).toLowerCase();
  return ts.isPropertyAccessExpression(inner) ? humanise(inner.name.text).toLowerCase() : undefined;
}

function isTimedCondition(node: ts.Expression): boolean {
  if (!ts.isCallExpression(node) || node.arguments.length < 2) return false;
  const callee = bare(node.expression);
  return (ts.isPropertyAccessExpression(callee) ? callee.name : callee).getText() === 'condition';
}

function spaced(text: string): string {
  return text.replace(/[-_]/g, ' ');
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/** What is looked at: `calculation.status` is `Calculation status`. */
export function subject(node: ts.Expression): string {
  const inner = bare(node);
  if (!ts.isIdentifier(inner) && !ts.isPropertyAccessExpression(inner)) return inShort(inner);
  const names = namesIn(inner);
  return names.length > 0 ? humanise(names.join('_')) : inShort(inner);
}

function namesIn(node: ts.Expression): string[] {
  if (ts.isPropertyAccessExpression(node)) return [...namesIn(node.expression), node.name.text.replace(/^#/, '')];
  return ts.isIdentifier(node) ? [node.text] : [];
}

/** Source as it stands, on one line. */
export function inShort(node: ts.Node): string {
  const text = node.getText().replace(/\s+/g, ' ');
  return text.length > longestCondition ? `${text.slice(0, longestCondition - 1)}…` : text;
}
