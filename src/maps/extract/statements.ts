import ts from 'typescript';
import { bare } from './bare';
import type { Block, Choice, ExitKind } from '../process-map';
import { exitsOf, inSequence } from '../blocks';
import { isReadAgain, workOf, workOfParts } from './expressions';
import { conditionInWords, inShort, subject } from './labels';
import { awaited, putAside, type Here } from './walk';

/** What statements do, one after the other. */
export function blocksOf(here: Here, statements: readonly ts.Statement[]): Block[] {
  return statements.flatMap((statement) => blocksOfStatement(here, statement));
}

function blocksOfStatement(here: Here, node: ts.Statement): Block[] {
  if (ts.isExpressionStatement(node)) return putAside(here, workOf(here, node.expression), false);
  if (ts.isVariableStatement(node)) return blocksOfDeclarations(here, node.declarationList);
  if (ts.isReturnStatement(node)) return blocksOfReturn(here, node);
  if (ts.isThrowStatement(node))
    return [...workOfParts(here, node), exit(here, 'throw', failureInWords(node.expression))];
  if (ts.isIfStatement(node)) return blocksOfIf(here, node);
  if (ts.isSwitchStatement(node)) return blocksOfSwitch(here, node);
  if (ts.isBlock(node)) return blocksOf(here, node.statements);
  if (ts.isIterationStatement(node, false)) return blocksOfLoop(here, node);
  if (ts.isTryStatement(node)) return [attempt(here, node)];
  if (ts.isLabeledStatement(node)) return blocksOfLabeled(here, node);
  if (ts.isBreakOrContinueStatement(node)) return jump(here, node);
  return [];
}

function blockOf(here: Here, name: string, statement: ts.Statement | undefined): Block {
  const ids = here.ids.inside(name);
  return inSequence(ids.path, statement ? blocksOfStatement({ ...here, ids }, statement) : []);
}

function exit({ ids }: Here, kind: ExitKind, label: string, target?: string): Block {
  return { kind: 'exit', id: ids.take(kind), exit: kind, label, ...(target !== undefined && { target }) };
}

function blocksOfDeclarations(here: Here, { declarations }: ts.VariableDeclarationList): Block[] {
  return declarations.flatMap(({ name, initializer }) =>
    initializer ? putAside(here, workOf(here, initializer), isReadAgain(here, name)) : [],
  );
}

function blocksOfReturn(here: Here, { expression }: ts.ReturnStatement): Block[] {
  if (!expression) return [exit(here, 'return', '')];
  const work = workOf(here, expression);
  const goesOn = here.isInTry || !here.isAsync;
  return [...(goesOn ? putAside(here, work, true) : awaited(work)), exit(here, 'return', '')];
}

/** The literal text of a failure. */
function failureInWords(thrown: ts.Expression): string {
  const node = bare(thrown);
  const [text] = ts.isCallExpression(node) || ts.isNewExpression(node) ? (node.arguments ?? []) : [];
  if (text && ts.isStringLiteralLike(text)) return text.text;
  if (text && ts.isTemplateExpression(text)) return text.head.text.replace(/[\s:,;("]+$/, '');
  return 'Fails';
}

function blocksOfIf(here: Here, { expression, thenStatement, elseStatement }: ts.IfStatement): Block[] {
  const asked = putAside(here, workOf(here, expression), true);
  const ids = here.ids.inside('if');
  const inside = { ...here, ids };
  const choice: Choice = {
    kind: 'choice',
    id: ids.path,
    label: conditionInWords(expression),
    branches: [
      { label: 'yes', block: blockOf(inside, 'yes', thenStatement) },
      { label: 'no', block: blockOf(inside, 'no', elseStatement) },
    ],
  };
  return [...asked, choice];
}

function blocksOfSwitch(here: Here, { expression, caseBlock: { clauses } }: ts.SwitchStatement): Block[] {
  const asked = putAside(here, workOf(here, expression), true);
  const ids = here.ids.inside('switch');
  const targets = [...here.targets, { id: ids.path, isLoop: false }];
  const branches: Choice['branches'] = [];
  let labels: string[] = [];
  for (const [index, clause] of clauses.entries()) {
    labels.push(ts.isCaseClause(clause) ? caseInWords(clause.expression) : 'otherwise');
    if (clause.statements.length === 0 && index < clauses.length - 1) continue;
    const label = labels.join(', ');
    labels = [];
    const inside = { ...here, targets, ids: ids.inside(label) };
    const reached = clauses.slice(index).flatMap(({ statements }) => blocksOf(inside, statements));
    branches.push({ label, block: withoutLastBreak(inSequence(inside.ids.path, reached), ids.path) });
  }
  if (!isExhaustive(here, expression, clauses)) {
    branches.push({ label: 'otherwise', block: inSequence(ids.take('otherwise'), []) });
  }
  return [...asked, { kind: 'choice', id: ids.path, label: `${subject(expression)}?`, branches }];
}

function withoutLastBreak(block: Block, target: string): Block {
  const blocks = block.kind === 'sequence' ? block.blocks : [block];
  const last = blocks.at(-1);
  const isBreak = last?.kind === 'exit' && last.exit === 'break' && last.target === target;
  return isBreak ? inSequence(block.kind === 'sequence' ? block.id : `${block.id}/end`, blocks.slice(0, -1)) : block;
}

function caseInWords(node: ts.Expression): string {
  return ts.isStringLiteralLike(node) ? node.text.replace(/[-_]/g, ' ') : inShort(node);
}

/** Whether one of the cases is always meant. */
function isExhaustive({ walk }: Here, asked: ts.Expression, clauses: readonly ts.CaseOrDefaultClause[]): boolean {
  if (clauses.some(ts.isDefaultClause)) return true;
  const { checker } = walk.project;
  const type = checker.getTypeAtLocation(asked);
  const values = type.isUnion() ? type.types : [type];
  const cases = new Set(clauses.filter(ts.isCaseClause).map((one) => checker.getTypeAtLocation(one.expression)));
  const isOfLiterals = values.every((value) => value.isLiteral() || (value.flags & ts.TypeFlags.BooleanLiteral) !== 0);
  return isOfLiterals && values.every((value) => [...cases].some((one) => sameLiteral(one, value)));
}

function sameLiteral(one: ts.Type, other: ts.Type): boolean {
  return one === other || (one.isLiteral() && other.isLiteral() && one.value === other.value);
}

function blocksOfLoop(here: Here, node: ts.IterationStatement): Block[] {
  const ids = here.ids.inside('loop');
  const { parent } = node;
  const label = ts.isLabeledStatement(parent) ? { label: parent.label.text } : {};
  const target = { id: ids.path, isLoop: true, ...label };
  const inside = { ...here, ids, targets: [...here.targets, target] };
  const body = () => blockOf(inside, 'each', node.statement);

  if (ts.isForOfStatement(node) || ts.isForInStatement(node)) {
    const asked = putAside(here, workOf(here, node.expression), true);
    return [...asked, { kind: 'loop', id: ids.path, label: `For each of ${inShort(node.expression)}`, body: body() }];
  }
  const isFor = ts.isForStatement(node);
  const condition = isFor ? node.condition : (node as ts.WhileStatement | ts.DoStatement).expression;
  const begun = isFor && node.initializer ? begin(here, node.initializer) : [];
  const next = isFor && node.incrementor ? putAside(inside, workOf(inside, node.incrementor), false) : [];
  const isForever = !condition || condition.kind === ts.SyntaxKind.TrueKeyword;
  const isOnce = ts.isDoStatement(node);
  const asked = condition ? putAside(inside, workOf(inside, condition), true) : [];
  const isGoneOnFrom = next.length > 0 || (isOnce && asked.length > 0);
  const once = isGoneOnFrom ? roundOf(here, ids, target, node.statement) : body();
  const words = condition && !isForever ? `While ${conditionInWords(condition).replace(/\?$/, '')}` : 'Again and again';
  if (asked.length === 0) {
    const repeated = inSequence(`${ids.path}/body`, [once, ...next]);
    const kind = { ...(isForever && { forever: true as const }), ...(isOnce && !isForever && { once: true as const }) };
    return [...begun, { kind: 'loop', id: ids.path, label: words, body: repeated, ...kind }];
  }
  const leave: Block = {
    kind: 'choice',
    id: ids.take('if'),
    label: condition ? conditionInWords(condition) : '',
    branches: [
      { label: 'yes', block: inSequence(ids.take('go on'), []) },
      { label: 'no', block: exit(inside, 'break', '', ids.path) },
    ],
  };
  const repeated = isOnce ? [once, ...next, ...asked, leave] : [...asked, leave, once, ...next];
  const round = inSequence(`${ids.path}/body`, repeated);
  return [...begun, { kind: 'loop', id: ids.path, label: words, body: round, forever: true }];
}

/** The body of a loop that does something at the end of each round, also after `continue`. */
function roundOf(here: Here, ids: Here['ids'], target: Here['targets'][number], statement: ts.Statement): Block {
  const round = `${ids.path}/round`;
  const targets = [...here.targets, { ...target, round }];
  const block = blockOf({ ...here, ids, targets }, 'each', statement);
  const isLeft = exitsOf(block).some((one) => one.target === round);
  return isLeft ? { kind: 'choice', id: round, label: '', branches: [{ label: '', block }] } : block;
}

function begin(here: Here, initializer: ts.ForInitializer): Block[] {
  if (ts.isVariableDeclarationList(initializer)) return blocksOfDeclarations(here, initializer);
  return putAside(here, workOf(here, initializer), true);
}

function attempt(here: Here, { tryBlock, catchClause, finallyBlock }: ts.TryStatement): Block {
  const ids = here.ids.inside('try');
  const inside = { ...here, ids };
  return {
    kind: 'attempt',
    id: ids.path,
    body: blockOf({ ...inside, isInTry: true }, 'body', tryBlock),
    ...(catchClause && {
      handler: blockOf({ ...inside, isInTry: here.isInTry || !!finallyBlock }, 'catch', catchClause.block),
    }),
    ...(finallyBlock && { finalizer: blockOf(inside, 'finally', finallyBlock) }),
  };
}

function blocksOfLabeled(here: Here, { label, statement }: ts.LabeledStatement): Block[] {
  if (ts.isIterationStatement(statement, false)) return blocksOfStatement(here, statement);
  const ids = here.ids.inside(label.text);
  const targets = [...here.targets, { id: ids.path, isLoop: false, label: label.text }];
  const block = inSequence(`${ids.path}/body`, blocksOfStatement({ ...here, ids, targets }, statement));
  return [{ kind: 'choice', id: ids.path, label: label.text, branches: [{ label: '', block }] }];
}

function jump(here: Here, node: ts.BreakOrContinueStatement): Block[] {
  const isContinue = ts.isContinueStatement(node);
  const target = here.targets.findLast(({ isLoop, label }) =>
    node.label ? label === node.label.text : isLoop || (!isContinue && label === undefined),
  );
  if (!target) return [];
  if (isContinue && target.round !== undefined) return [exit(here, 'break', '', target.round)];
  return [exit(here, isContinue ? 'continue' : 'break', '', target.id)];
}
