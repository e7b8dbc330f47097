import ts from 'typescript';
import { bare } from './bare';
import { declaredAt, isActivityType, isAny, isThenable, originOf, symbolAt } from './declared';
import { bindingOf, frameOfCall, propertyOf, type Binding, type Frame } from './frame';
import { keptIn } from './lists';
import { overridesOf } from './overrides';
import type { Project } from './project';

export type FunctionNode = (
  ts.FunctionDeclaration | ts.FunctionExpression | ts.ArrowFunction | ts.MethodDeclaration | ts.ConstructorDeclaration
) & { body: ts.ConciseBody };

/** A proxy of activities, as the source makes it. */
export interface Proxy {
  /** The type with the activities. */
  type: ts.Type;
  isLocal: boolean;
  taskQueue?: string;
  /** A `system()` of the kit. */
  system?: { name?: string; isAlert: boolean; reads: string[]; pivots: string[] };
}

/** What the source tells of a value, as far as work may be in it. */
export type Value =
  | { kind: 'function'; node: FunctionNode; frame: Frame }
  | { kind: 'proxy'; proxy: Proxy }
  /** `named`: where the source names it. */
  | { kind: 'activity'; name?: string; proxy?: Proxy; named?: ts.Node }
  | { kind: 'object'; node: ts.ObjectLiteralExpression; frame: Frame }
  /** Whole: nothing else can be in it. */
  | { kind: 'list'; items: Binding[]; isWhole: boolean }
  | { kind: 'text'; text: string }
  | { kind: 'message'; type: 'signal' | 'update' | 'query'; name?: string }
  | { kind: 'nexus'; service?: string }
  /** Goes on as a new run of a workflow. */
  | { kind: 'continueAsNew' }
  | { kind: 'oneOf'; values: Value[]; isWhole: boolean };

/** The deepest that values are followed: code that goes deeper goes round. */
const deepest = 40;
let depth = 0;

/** What an expression is; undefined where the source does not tell. Follows names, properties, choices and short functions. */
export function evaluate(project: Project, expression: ts.Expression, frame: Frame): Value | undefined {
  if (depth > deepest) return undefined;
  depth += 1;
  try {
    const value = valueOf(project, bare(expression), frame);
    return value?.kind === 'activity' ? { named: bare(expression), ...value } : value;
  } finally {
    depth -= 1;
  }
}

export function evaluateBinding(project: Project, binding: Binding): Value | undefined {
  if ('expression' in binding) return evaluate(project, binding.expression, binding.frame);
  if ('of' in binding) {
    const whole = evaluateBinding(project, binding.of);
    return whole && memberOf(project, whole, binding.property);
  }
  if ('given' in binding) {
    const given = evaluateBinding(project, binding.given);
    return given
      ? anyOf(project, [binding.given, binding.byDefault])
      : defaultAlone(project, binding.given, binding.byDefault);
  }
  const list = evaluateBinding(project, binding.elementOf);
  return list?.kind === 'list' ? anyOf(project, list.items, list.isWhole) : undefined;
}

function valueOf(project: Project, node: ts.Expression, frame: Frame): Value | undefined {
  if (ts.isStringLiteralLike(node) || ts.isNumericLiteral(node)) return { kind: 'text', text: node.text };
  if (ts.isArrowFunction(node) || ts.isFunctionExpression(node)) return { kind: 'function', node, frame };
  if (ts.isObjectLiteralExpression(node)) return { kind: 'object', node, frame };
  if (ts.isArrayLiteralExpression(node)) {
    const items = node.elements.filter((element) => !ts.isSpreadElement(element));
    const isWhole = items.length === node.elements.length;
    return { kind: 'list', items: items.map((item) => ({ expression: item, frame })), isWhole };
  }
  if (ts.isAwaitExpression(node)) return evaluate(project, node.expression, frame);
  if (ts.isIdentifier(node)) return valueOfName(project, node, frame);
  if (ts.isPropertyAccessExpression(node)) return valueOfProperty(project, node, frame);
  if (ts.isElementAccessExpression(node)) return valueOfElement(project, node, frame);
  if (ts.isConditionalExpression(node)) return anyOf(project, [node.whenTrue, node.whenFalse].map(inFrame(frame)));
  if (ts.isBinaryExpression(node)) {
    const { operatorToken, left, right } = node;
    const isEither = [ts.SyntaxKind.QuestionQuestionToken, ts.SyntaxKind.BarBarToken].includes(operatorToken.kind);
    if (operatorToken.kind === ts.SyntaxKind.AmpersandAmpersandToken) {
      const value = evaluate(project, right, frame);
      return value && { kind: 'oneOf', values: [value], isWhole: true };
    }
    return isEither ? anyOf(project, [left, right].map(inFrame(frame))) : undefined;
  }
  if (ts.isCallExpression(node)) return valueOfCall(project, node, frame);
  return undefined;
}

const inFrame = (frame: Frame) => (expression: ts.Expression) => ({ expression, frame });

/** Whether an expression is `undefined` or `null`. */
export function isNothing(expression: ts.Expression): boolean {
  const node = bare(expression);
  return node.kind === ts.SyntaxKind.NullKeyword || (ts.isIdentifier(node) && node.text === 'undefined');
}

/** The default, where what is given is surely not there. */
function defaultAlone(project: Project, given: Binding, byDefault: Binding): Value | undefined {
  const whole = 'of' in given ? evaluateBinding(project, given.of) : undefined;
  return whole?.kind === 'object' ? evaluateBinding(project, byDefault) : undefined;
}

/** One of several; values that cannot be told make it less than whole. */
function anyOf(project: Project, bindings: readonly Binding[], isWhole = true): Value | undefined {
  const values = bindings
    .filter((binding) => !('expression' in binding) || !isNothing(binding.expression))
    .map((binding) => evaluateBinding(project, binding));
  const known = values.filter((value) => value !== undefined);
  const [first, second] = known;
  if (!first) return undefined;
  const allKnown = isWhole && known.length === values.length;
  return second || !allKnown ? { kind: 'oneOf', values: known, isWhole: allKnown } : first;
}

function valueOfName(project: Project, name: ts.Identifier, frame: Frame): Value | undefined {
  const local = project.checker.getSymbolAtLocation(name);
  const bound = local && bindingOf(local, frame);
  if (local && bound) return valueOfParameter(project, local, bound, frame);
  const symbol = ts.isShorthandPropertyAssignment(name.parent)
    ? project.checker.getShorthandAssignmentValueSymbol(name.parent)
    : symbolAt(project, name);
  const shorthand = symbol && bindingOf(symbol, frame);
  if (shorthand) return evaluateBinding(project, shorthand);
  return (symbol && valueOfSymbol(project, symbol, frame)) ?? activityByType(project, name);
}

/** What a parameter was given, or set to. */
function valueOfParameter(project: Project, symbol: ts.Symbol, bound: Binding, frame: Frame): Value | undefined {
  const declaration = symbol.valueDeclaration;
  const assigned = declaration ? keptIn(project, symbol, declaration).assigned : [];
  return assigned.length > 0
    ? anyOf(project, [bound, ...assigned.map(inFrame(frame))])
    : evaluateBinding(project, bound);
}

/** What a name was declared as. */
function valueOfSymbol(project: Project, symbol: ts.Symbol, frame: Frame): Value | undefined {
  const declaration = symbol.declarations?.find(isFunctionNode) ?? symbol.valueDeclaration;
  if (!declaration) return undefined;
  if (isFunctionNode(declaration)) {
    return originOf(project, declaration) === 'project' ? { kind: 'function', node: declaration, frame } : undefined;
  }
  if (ts.isVariableDeclaration(declaration)) return valueOfVariable(project, symbol, declaration, frame);
  if (ts.isBindingElement(declaration)) return valueOfElementOfPattern(project, declaration, frame);
  if (ts.isPropertyAssignment(declaration) || ts.isPropertyDeclaration(declaration)) {
    return declaration.initializer && evaluate(project, declaration.initializer, frame);
  }
  if (ts.isShorthandPropertyAssignment(declaration)) return valueOfName(project, declaration.name, frame);
  return undefined;
}

function valueOfVariable(
  project: Project,
  symbol: ts.Symbol,
  declaration: ts.VariableDeclaration,
  frame: Frame,
): Value | undefined {
  const { parent, initializer } = declaration;
  if (ts.isVariableDeclarationList(parent) && ts.isForOfStatement(parent.parent)) {
    return evaluateBinding(project, { elementOf: { expression: parent.parent.expression, frame } });
  }
  const kept = keptIn(project, symbol, declaration);
  if (kept.assigned.length > 0) {
    const bindings = [...(initializer ? [initializer] : []), ...kept.assigned].map(inFrame(frame));
    return anyOf(project, bindings, kept.isWhole);
  }
  const value = initializer && evaluate(project, initializer, frame);
  if (value?.kind === 'object' && kept.isSet) return undefined;
  if (value?.kind === 'text' && !kept.isWhole) return undefined;
  if (value?.kind !== 'list') return value;
  return {
    kind: 'list',
    items: [...value.items, ...kept.added.map(inFrame(frame))],
    isWhole: value.isWhole && kept.isWhole,
  };
}

function valueOfElementOfPattern(project: Project, element: ts.BindingElement, frame: Frame): Value | undefined {
  const path: string[] = [];
  let at: ts.Node = element;
  while (ts.isBindingElement(at)) {
    if (!ts.isObjectBindingPattern(at.parent)) return undefined;
    path.unshift(propertyOf(at));
    at = at.parent.parent;
  }
  if (!ts.isVariableDeclaration(at)) return undefined;
  const list = at.parent;
  const isOfLoop = ts.isVariableDeclarationList(list) && ts.isForOfStatement(list.parent);
  const start: Binding | undefined = isOfLoop
    ? { elementOf: { expression: list.parent.expression, frame } }
    : at.initializer && { expression: at.initializer, frame };
  return (
    start &&
    evaluateBinding(
      project,
      path.reduce<Binding>((of, property) => ({ of, property }), start),
    )
  );
}

function valueOfProperty(project: Project, node: ts.PropertyAccessExpression, frame: Frame): Value | undefined {
  const whole = evaluate(project, node.expression, frame);
  const member = whole && memberOf(project, whole, node.name.text);
  if (member) return member;
  const symbol = symbolAt(project, node.name);
  const declared = symbol?.valueDeclaration;
  if (symbol && declared && originOf(project, declared) === 'project' && !isSetLater(declared, node.name.text)) {
    const isExact = node.expression.kind === ts.SyntaxKind.SuperKeyword;
    const overrides = isExact ? [] : overridesOf(project, declared, symbol.name);
    const value = valueOfSymbol(project, symbol, frame);
    if (overrides.length > 0) return oneOfMembers(project, value, declared, overrides, frame);
    if (value) return value;
  }
  return activityByType(project, node.name);
}

/** Whether a property that holds a function is set anew in the file that declares it. */
function isSetLater(declaration: ts.Declaration, name: string): boolean {
  if (!ts.isPropertyAssignment(declaration) && !ts.isPropertyDeclaration(declaration)) return false;
  const setting = new RegExp(`[.]${name.replace(/\W/g, '\\$&')}\\s*(?:[?]{2}|[|]{2}|&&)?=(?!=)`);
  return setting.test(declaration.getSourceFile().text);
}

/** The member of a class, or one that overrides it. */
function oneOfMembers(
  project: Project,
  own: Value | undefined,
  declared: ts.Declaration,
  overrides: readonly ts.ClassElement[],
  frame: Frame,
): Value | undefined {
  const isAbstract = (ts.getCombinedModifierFlags(declared) & ts.ModifierFlags.Abstract) !== 0;
  const others = overrides.map((member) => {
    if (isFunctionNode(member)) return { kind: 'function', node: member, frame } as const;
    const made = ts.isPropertyDeclaration(member) ? member.initializer : undefined;
    return made && evaluate(project, made, frame);
  });
  const all = isAbstract ? others : [own, ...others];
  const values = all.filter((value) => value !== undefined);
  if (all.length === 1) return all[0];
  return values.length > 0 ? { kind: 'oneOf', values, isWhole: values.length === all.length } : undefined;
}

function valueOfElement(project: Project, node: ts.ElementAccessExpression, frame: Frame): Value | undefined {
  const whole = evaluate(project, node.expression, frame);
  if (!whole) return undefined;
  const name = textOf(project, node.argumentExpression, frame);
  if (whole.kind === 'list') return anyOf(project, whole.items, whole.isWhole);
  if (name !== undefined) return memberOf(project, whole, name);
  const names = literalsOf(project.checker.getTypeAtLocation(node.argumentExpression));
  if (names) {
    const values = names.map((one) => memberOf(project, whole, one)).filter((value) => value !== undefined);
    return values.length > 0 ? { kind: 'oneOf', values, isWhole: values.length === names.length } : undefined;
  }
  if (whole.kind === 'proxy') return { kind: 'activity', proxy: whole.proxy };
  if (whole.kind !== 'object') return undefined;
  const members = whole.node.properties.map(({ name: of }) => (of && ts.isIdentifier(of) ? of.text : ''));
  const values = members.map((one) => memberOf(project, whole, one)).filter((value) => value !== undefined);
  return values.length > 0 ? { kind: 'oneOf', values, isWhole: values.length === members.length } : undefined;
}

/** The texts of a union of literals. */
function literalsOf(type: ts.Type): string[] | undefined {
  const types = type.isUnion() ? type.types : [type];
  const texts = types.flatMap((one) => (one.isStringLiteral() ? [one.value] : []));
  return texts.length > 0 && texts.length === types.length ? texts : undefined;
}

/** A property of a value. */
export function memberOf(project: Project, value: Value, name: string): Value | undefined {
  switch (value.kind) {
    case 'proxy':
      return { kind: 'activity', name, proxy: value.proxy };
    case 'activity':
      return name === 'executeWithOptions' ? value : undefined;
    case 'object':
      return memberOfObject(project, value.node, value.frame, name);
    case 'oneOf': {
      const members = value.values.map((one) => memberOf(project, one, name));
      const known = members.filter((member) => member !== undefined);
      const isWhole = value.isWhole && known.length === members.length;
      return known.length > 0 ? { kind: 'oneOf', values: known, isWhole } : undefined;
    }
    default:
      return undefined;
  }
}

function memberOfObject(
  project: Project,
  node: ts.ObjectLiteralExpression,
  frame: Frame,
  name: string,
): Value | undefined {
  for (const property of [...node.properties].reverse()) {
    if (ts.isSpreadAssignment(property)) {
      if (
        !project.checker.getTypeAtLocation(property.expression).getProperty(name) &&
        !mayHave(project, property, name)
      )
        continue;
      const spread = evaluate(project, property.expression, frame);
      const found = spread && memberOf(project, spread, name);
      if (found?.kind !== 'oneOf') return found;
      const before = memberBefore(project, node, property, frame, name);
      return before ? { kind: 'oneOf', values: [...found.values, before], isWhole: found.isWhole } : found;
    } else if (property.name && nameIn(property.name) === name) {
      if (ts.isPropertyAssignment(property)) return evaluate(project, property.initializer, frame);
      if (ts.isShorthandPropertyAssignment(property)) return valueOfName(project, property.name, frame);
      return isFunctionNode(property) ? { kind: 'function', node: property, frame } : undefined;
    }
  }
  return undefined;
}

/** Whether what is spread has the property in one of its forms: `...(isLate && { reminder })`. */
function mayHave({ checker }: Project, { expression }: ts.SpreadAssignment, name: string): boolean {
  const type = checker.getTypeAtLocation(expression);
  return isAny(type) || (type.isUnion() && type.types.some((one) => one.getProperty(name) !== undefined));
}

/** The property as it was before a spread that may not have it. */
function memberBefore(
  project: Project,
  node: ts.ObjectLiteralExpression,
  spread: ts.SpreadAssignment,
  frame: Frame,
  name: string,
): Value | undefined {
  const before = node.properties
    .slice(0, node.properties.indexOf(spread))
    .findLast((one) => one.name && nameIn(one.name) === name);
  if (!before) return undefined;
  if (ts.isPropertyAssignment(before)) return evaluate(project, before.initializer, frame);
  return isFunctionNode(before) ? { kind: 'function', node: before, frame } : undefined;
}

/** The expression that a property of an object is given, in its frame. */
export function givenIn(
  project: Project,
  value: Value | undefined,
  name: string,
): { expression: ts.Expression; frame: Frame } | undefined {
  if (value?.kind !== 'object') return undefined;
  for (const property of [...value.node.properties].reverse()) {
    if (ts.isSpreadAssignment(property)) {
      const found = givenIn(project, evaluate(project, property.expression, value.frame), name);
      if (found) return found;
    } else if (property.name && nameIn(property.name) === name) {
      const expression = ts.isPropertyAssignment(property)
        ? property.initializer
        : ts.isShorthandPropertyAssignment(property)
          ? property.name
          : undefined;
      return expression && { expression, frame: value.frame };
    }
  }
  return undefined;
}

function nameIn(name: ts.PropertyName): string | undefined {
  return ts.isIdentifier(name) || ts.isStringLiteralLike(name) ? name.text : undefined;
}

/** What Temporal's and the kit's makers make, and what short functions of the project return. */
function valueOfCall(project: Project, call: ts.CallExpression, frame: Frame): Value | undefined {
  const declared = declaredAt(project, call);
  const [first] = call.arguments;
  if (declared?.origin === 'temporal') {
    const name = first && textOf(project, first, frame);
    const named = name === undefined ? {} : { name };
    switch (declared.name) {
      case 'proxyActivities':
      case 'proxyLocalActivities': {
        const options = first && evaluate(project, first, frame);
        const taskQueue = options && memberOf(project, options, 'taskQueue');
        return {
          kind: 'proxy',
          proxy: {
            type: activitiesOf(project, call),
            isLocal: declared.name !== 'proxyActivities',
            ...(taskQueue?.kind === 'text' && { taskQueue: taskQueue.text }),
          },
        };
      }
      case 'defineSignal':
        return { kind: 'message', type: 'signal', ...named };
      case 'defineUpdate':
        return { kind: 'message', type: 'update', ...named };
      case 'defineQuery':
        return { kind: 'message', type: 'query', ...named };
      case 'createNexusServiceClient':
      case 'createNexusClient': {
        const options = first && evaluate(project, first, frame);
        const service = options && memberOf(project, options, 'service');
        return service?.kind === 'nexus'
          ? service
          : { kind: 'nexus', ...(service?.kind === 'text' && { service: service.text }) };
      }
      case 'makeContinueAsNewFunc':
        return { kind: 'continueAsNew' };
    }
    return undefined;
  }
  if (declared?.name === 'service' && /\/nexus-rpc\//.test(declared.declaration.getSourceFile().fileName)) {
    const service = first && textOf(project, first, frame);
    return { kind: 'nexus', ...(service !== undefined && { service }) };
  }
  if (declared?.origin === 'kit') return declared.name === 'system' ? systemOf(project, call, frame) : undefined;
  if (
    declared?.origin === 'language' &&
    /^(?:Array\.(?:reverse|slice|toReversed)|(?:Callable)?Function\.bind)$/.test(declared.name)
  ) {
    return ts.isPropertyAccessExpression(call.expression)
      ? evaluate(project, call.expression.expression, frame)
      : undefined;
  }
  const called = evaluate(project, call.expression, frame);
  if (called?.kind !== 'function') return undefined;
  const returned = onlyReturned(called.node);
  if (!returned) return undefined;
  const given = call.arguments.map(inFrame(frame));
  return evaluate(project, returned, frameOfCall(project.checker, called.node.parameters, given, called.frame));
}

function activitiesOf({ checker }: Project, call: ts.CallExpression): ts.Type {
  const [given] = call.typeArguments ?? [];
  return given ? checker.getTypeFromTypeNode(given) : checker.getTypeAtLocation(call);
}

function systemOf(project: Project, call: ts.CallExpression, frame: Frame): Value {
  const [first, second] = call.arguments;
  const name = first && textOf(project, first, frame);
  const options = second && evaluate(project, second, frame);
  const kind = options && memberOf(project, options, 'kind');
  const listed = (property: string): string[] => {
    const list = options && memberOf(project, options, property);
    if (list?.kind !== 'list') return [];
    return list.items.flatMap((item) => {
      const text = evaluateBinding(project, item);
      return text?.kind === 'text' ? [text.text] : [];
    });
  };
  const isAlert = kind?.kind === 'text' && kind.text === 'alert';
  const system = { ...(name !== undefined && { name }), isAlert, reads: listed('reads'), pivots: listed('pivots') };
  return { kind: 'proxy', proxy: { type: activitiesOf(project, call), isLocal: false, system } };
}

/** The only expression that a function can return, where it is one. */
function onlyReturned({ body }: FunctionNode): ts.Expression | undefined {
  if (!ts.isBlock(body)) return body;
  const last = body.statements.at(-1);
  const isOnly = last && ts.isReturnStatement(last) && body.statements.slice(0, -1).every(ts.isVariableStatement);
  return isOnly ? last.expression : undefined;
}

/** The types alone say that it is an activity, of what they know no more than its name. */
function activityByType(project: Project, name: ts.Identifier | ts.MemberName): Value | undefined {
  const type = project.checker.getTypeAtLocation(name);
  if (isAny(type) || !isActivityType(project, type)) return undefined;
  const isMember = ts.isPropertyAccessExpression(name.parent) && name.parent.name === name;
  const declared = isMember ? symbolAt(project, name)?.valueDeclaration : undefined;
  const isNamed = declared !== undefined && !isActivityType(project, project.checker.getTypeAtLocation(declared));
  return { kind: 'activity', ...(isNamed && { name: name.text }) };
}

/** The text that an expression surely is. */
export function textOf(project: Project, expression: ts.Expression, frame: Frame): string | undefined {
  const value = evaluate(project, expression, frame);
  if (value?.kind === 'text') return value.text;
  const type = project.checker.getTypeAtLocation(expression);
  return type.isStringLiteral() ? type.value : undefined;
}

export function isFunctionNode(node: ts.Node): node is FunctionNode {
  return (
    (ts.isFunctionDeclaration(node) ||
      ts.isFunctionExpression(node) ||
      ts.isArrowFunction(node) ||
      ts.isMethodDeclaration(node) ||
      ts.isConstructorDeclaration(node)) &&
    node.body !== undefined
  );
}

/** Whether callers get a promise. */
export function isAsync({ checker }: Pick<Project, 'checker'>, node: FunctionNode): boolean {
  if (ts.getCombinedModifierFlags(node) & ts.ModifierFlags.Async) return true;
  const signature = checker.getSignatureFromDeclaration(node);
  return signature !== undefined && isThenable(checker.getReturnTypeOfSignature(signature));
}
