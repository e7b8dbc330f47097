import ts from 'typescript';
import { bare } from './bare';
import type { Block, Join } from '../process-map';
import { inSequence, isSilent, nothingAt } from '../blocks';
import { isThenable, symbolAt } from './declared';
import { conditionInWords, inShort } from './labels';
import { awaited, noWork, putAside, type Here, type Work } from './walk';
import { waitForCancellation, waitForTrigger } from './waits';

/** What an expression does, in the order in which it is evaluated. */
export function workOf(here: Here, expression: ts.Expression): Work {
  const node = bare(expression);
  if (ts.isAwaitExpression(node)) return workOfAwait(here, node);
  if (ts.isVoidExpression(node)) return { before: putAside(here, workOf(here, node.expression), false) };
  if (ts.isConditionalExpression(node)) return workOfConditional(here, node);
  if (ts.isBinaryExpression(node)) return workOfBinary(here, node);
  if (ts.isCallExpression(node)) return here.walk.calls.ofCall(here, node);
  if (ts.isNewExpression(node)) return here.walk.calls.ofNew(here, node);
  if (ts.isFunctionExpression(node) || ts.isArrowFunction(node) || ts.isClassExpression(node)) return noWork;
  if (ts.isElementAccessChain(node)) return workOfElementOfChain(here, node);
  return { before: workOfParts(here, node) };
}

/** An element by `?.`, whose index may not be asked for. */
function workOfElementOfChain(here: Here, { expression, argumentExpression }: ts.ElementAccessChain): Work {
  const of = putAside(here, workOf(here, expression), true);
  const index = choose(here, `${listInWords(expression)}?`, [
    ['yes', (inside) => ({ before: putAside(inside, workOf(inside, argumentExpression), true) })],
    ['no', () => noWork],
  ]);
  return { before: [...of, ...index.before] };
}

/** Work of the parts of an expression; promises in it are put aside, since something holds them. */
export function workOfParts(here: Here, node: ts.Node): Block[] {
  const blocks: Block[] = [];
  ts.forEachChild(node, (child) => {
    if (ts.isExpression(child)) blocks.push(...putAside(here, workOf(here, child), true));
    else if (!ts.isTypeNode(child) && !ts.isFunctionLike(child)) blocks.push(...workOfParts(here, child));
  });
  return blocks;
}

function workOfAwait(here: Here, { expression }: ts.AwaitExpression): Work {
  const wait = waitForTrigger(here, expression) ?? waitForCancellation(here, expression);
  return { before: wait ? [wait] : awaited(workOf(here, expression)) };
}

function workOfConditional(here: Here, { condition, whenTrue, whenFalse }: ts.ConditionalExpression): Work {
  const asked = putAside(here, workOf(here, condition), true);
  const chosen = choose(here, conditionInWords(condition), [
    ['yes', (inside) => workOf(inside, whenTrue)],
    ['no', (inside) => workOf(inside, whenFalse)],
  ]);
  return { ...chosen, before: [...asked, ...chosen.before] };
}

const shortCircuits = new Set([
  ts.SyntaxKind.AmpersandAmpersandToken,
  ts.SyntaxKind.BarBarToken,
  ts.SyntaxKind.QuestionQuestionToken,
  ts.SyntaxKind.AmpersandAmpersandEqualsToken,
  ts.SyntaxKind.BarBarEqualsToken,
  ts.SyntaxKind.QuestionQuestionEqualsToken,
]);

function workOfBinary(here: Here, { left, operatorToken, right }: ts.BinaryExpression): Work {
  if (operatorToken.kind === ts.SyntaxKind.EqualsToken) {
    const before = putAside(here, workOf(here, left), true);
    return { before: [...before, ...putAside(here, workOf(here, right), isReadAgain(here, left))] };
  }
  if (!shortCircuits.has(operatorToken.kind)) {
    return { before: [left, right].flatMap((side) => putAside(here, workOf(here, side), true)) };
  }
  const asked = putAside(here, workOf(here, left), true);
  const isAnd = operatorToken.kind === ts.SyntaxKind.AmpersandAmpersandToken;
  const chosen = choose(here, conditionInWords(left), [
    [isAnd ? 'yes' : 'no', (inside) => workOf(inside, right)],
    [isAnd ? 'no' : 'yes', () => noWork],
  ]);
  return { ...chosen, before: [...asked, ...chosen.before] };
}

/** Whether what is kept in a variable is used anywhere: then it may be awaited there. */
export function isReadAgain({ walk }: Here, name: ts.Node): boolean {
  if (!ts.isIdentifier(name)) return true;
  const symbol = symbolAt(walk.project, name);
  const declaration = symbol?.valueDeclaration;
  if (!declaration) return true;
  const scope = ts.findAncestor(declaration.parent, ts.isFunctionLike) ?? declaration.getSourceFile();
  let isRead = false;
  const look = (node: ts.Node): void => {
    if (ts.isIdentifier(node) && node.text === name.text && node !== declaration) {
      const isWritten =
        node === ts.getNameOfDeclaration(declaration) ||
        (ts.isBinaryExpression(node.parent) &&
          node.parent.left === node &&
          node.parent.operatorToken.kind === ts.SyntaxKind.EqualsToken);
      if (!isWritten && symbolAt(walk.project, node) === symbol) isRead = true;
    }
    if (!isRead) ts.forEachChild(node, look);
  };
  look(scope);
  return isRead;
}

/** One of several ways; a promise where one of them is. */
export function choose(
  here: Here,
  label: string,
  ways: readonly (readonly [label: string, work: (inside: Here) => Work])[],
): Work {
  const ids = here.ids.inside('if');
  const works = ways.map(([way, work]) => {
    const inside = { ...here, ids: ids.inside(way) };
    return { label: way, id: inside.ids.path, work: work(inside) };
  });
  const branches = works.map(({ label: way, id, work }) => ({ label: way, block: inSequence(id, awaited(work)) }));
  const choice: Block = { kind: 'choice', id: ids.path, label, branches };
  if (isSilent(choice)) return noWork;
  const isPromise = works.some(({ work }) => work.promise);
  return isPromise ? { before: [], promise: choice } : { before: [choice] };
}

/** `Promise.all([...])` and its like. */
export function workOfJoin(here: Here, join: Join, given: ts.Expression | undefined): Work {
  const list = given && bare(given);
  if (!list) return noWork;
  if (!ts.isArrayLiteralExpression(list)) {
    const { before, promise } = workOf(here, list);
    return { before, ...(promise && { promise: promise.kind === 'forEach' ? { ...promise, join } : promise }) };
  }
  const ids = here.ids.inside(join);
  const before: Block[] = [];
  const branches = list.elements.map((element, index) => {
    const inside = { ...here, ids: ids.inside(String(index + 1)) };
    const work = branchOf(inside, element);
    before.push(...work.before);
    return work.promise ?? nothingAt(inside.ids.path);
  });
  const endsEarly = join === 'race' || join === 'any';
  const seen = branches.filter((branch, index) => {
    const element = list.elements[index];
    return endsEarly || !isSilent(branch) || (element !== undefined && holdsPromise(here, element));
  });
  if (seen.every(isSilent)) return { before };
  return { before, promise: { kind: 'parallel', id: ids.path, join, branches: seen } };
}

/** Whether an element is a promise made before, which may fail while the others go on. */
function holdsPromise({ walk: { project } }: Here, element: ts.Expression): boolean {
  if (ts.isSpreadElement(element)) return true;
  return !ts.isCallExpression(bare(element)) && isThenable(project.checker.getTypeAtLocation(element));
}

function branchOf(here: Here, element: ts.Expression): Work {
  if (ts.isSpreadElement(element)) return workOf(here, element.expression);
  const wait = waitForTrigger(here, element) ?? waitForCancellation(here, element);
  return wait ? { before: [], promise: wait } : workOf(here, element);
}

/** What a list is called. */
export function listInWords(node: ts.Expression): string {
  return inShort(bare(node));
}
