import ts from 'typescript';
import { bare } from './bare';
import type { Block, Join } from '../process-map';
import { inSequence, isSilent } from '../blocks';
import { declaredAt, isAny, isThenable, type Declared } from './declared';
import { choose, listInWords, workOf, workOfJoin } from './expressions';
import type { Binding } from './frame';
import { callFunction } from './functions';
import type { Ids } from './ids';
import { kitCall, temporalCall, timeout } from './commands';
import { activityStep } from './steps';
import { evaluate, isNothing, type Value } from './values';
import { awaited, noWork, putAside, unknownAt, type Calls, type Here, type Work } from './walk';
import { commandSitesIn } from './command-sites';

const joins: Record<string, Join> = {
  'PromiseConstructor.all': 'all',
  'PromiseConstructor.allSettled': 'allSettled',
  'PromiseConstructor.race': 'race',
  'PromiseConstructor.any': 'any',
};

/** How calls are read: a walk is given it, since expressions lead to calls and calls to expressions. */
export const calls: Calls = { ofCall: workOfCall, ofNew: workOfNew, ofValue: callValue };

/** What a call does: a command, a function of the project, or what other code does with functions given to it. */
function workOfCall(here: Here, call: ts.CallExpression): Work {
  const declared = declaredAt(here.walk.project, call);
  const join = declared?.origin === 'language' ? joins[declared.name] : undefined;
  if (join) return workOfJoin(here, join, call.arguments[0]);

  const chained = declared?.origin === 'language' ? workOfChain(here, call, declared) : undefined;
  if (chained) return chained;
  const before = workOfReceiver(here, call);
  const work = ts.isCallChain(call) ? asked(here, call, declared) : calledWith(here, call, declared);
  return { ...work, before: [...before, ...work.before] };
}

function workOfNew(here: Here, node: ts.NewExpression): Work {
  const { project } = here.walk;
  const declared = declaredAt(project, node);
  const before = (node.arguments ?? []).flatMap((given) => putAside(here, workOf(here, given), true));
  if (declared?.origin === 'language' && declared.name === 'Promise') {
    const [executor] = node.arguments ?? [];
    const value = executor && evaluate(project, executor, here.frame);
    const work = value?.kind === 'function' ? callFunction(here, value, [], executor ?? node) : noWork;
    return { before: [...before, ...putAside(here, work, false)] };
  }
  if (declared?.origin === 'project' && ts.isClassLike(declared.declaration)) {
    const made = declared.declaration.members.find(
      (member): member is ts.ConstructorDeclaration & { body: ts.Block } =>
        ts.isConstructorDeclaration(member) && member.body !== undefined,
    );
    if (!made) return { before };
    const given = boundArguments(here, node.arguments ?? []);
    const work = callFunction(here, { node: made, frame: here.frame }, given, node);
    return { before: [...before, ...awaited(work)] };
  }
  if (declared?.origin === 'temporal' && declared.name === 'CancellationScope' && hasTimeout(here, node)) {
    const message = 'A scope is made with a time-out; write CancellationScope.withTimeout';
    return { before: [...before, unknownAt(here, node, 'unresolved-call', message)] };
  }
  return { before: [...before, ...withForeign(here, node, declared)] };
}

/** What is done for what is called. */
function workOfReceiver(here: Here, call: ts.CallExpression): Block[] {
  const callee = bare(call.expression);
  const receiver = ts.isPropertyAccessExpression(callee) || ts.isElementAccessExpression(callee) ? callee : undefined;
  const of = receiver ? putAside(here, workOf(here, receiver.expression), true) : [];
  const called = ts.isCallExpression(callee) ? putAside(here, workOf(here, callee), true) : [];
  return [...of, ...called];
}

/** A call in a chain of `?.`, which may not happen, nor what its arguments do. */
function asked(here: Here, call: ts.CallExpression, declared: Declared | undefined): Work {
  return choose(here, `${listInWords(call.expression)}?`, [
    ['yes', (inside) => calledWith(inside, call, declared)],
    ['no', () => noWork],
  ]);
}

/** What the arguments do, and then the call. */
function calledWith(here: Here, call: ts.CallExpression, declared: Declared | undefined): Work {
  const given = call.arguments.flatMap((argument) => putAside(here, workOf(here, argument), true));
  const work = called(here, call, declared);
  return { ...work, before: [...given, ...work.before] };
}

function called(here: Here, call: ts.CallExpression, declared: Declared | undefined): Work {
  const { project } = here.walk;
  if (declared?.origin === 'temporal') {
    const command = temporalCall(here, call, declared);
    if (command) return command;
  }
  if (declared?.origin === 'kit') {
    const command = kitCall(here, call, declared);
    if (command) return command;
  }
  if (declared?.origin === 'language') {
    if (declared.name === 'setTimeout') return timeout(here, call);
    const listed = workOfList(here, call, declared);
    if (listed) return listed;
  }
  if (declared?.origin === 'library' && callingOnce.test(declared.name) && call.arguments[0]) {
    const given = evaluate(project, call.arguments[0], here.frame);
    const work = given && callValue(here, given, [], call);
    if (work) return work;
  }
  const value = evaluate(project, calledIn(call, declared), here.frame);
  if (value && value.kind !== 'text' && value.kind !== 'object') {
    const work = callValue(here, value, argumentsIn(here, call, declared), call);
    if (work) return work;
  }
  return notTold(here, call, declared);
}

/** What is called, also by `call` and `apply`. */
function calledIn(call: ts.CallExpression, declared: Declared | undefined): ts.Expression {
  const callee = bare(call.expression);
  const isByCall = declared?.origin === 'language' && /^(?:Callable)?Function\.(?:call|apply)$/.test(declared.name);
  return isByCall && ts.isPropertyAccessExpression(callee) ? callee.expression : call.expression;
}

function argumentsIn(here: Here, call: ts.CallExpression, declared: Declared | undefined): (Binding | undefined)[] {
  if (calledIn(call, declared) === call.expression) return boundArguments(here, call.arguments);
  return declared?.name.endsWith('.call') ? boundArguments(here, call.arguments.slice(1)) : [];
}

function hasTimeout({ walk: { project } }: Here, node: ts.NewExpression): boolean {
  const [options] = node.arguments ?? [];
  return options !== undefined && project.checker.getTypeAtLocation(options).getProperty('timeout') !== undefined;
}

function boundArguments({ frame }: Here, given: readonly ts.Expression[]): (Binding | undefined)[] {
  const spread = given.findIndex(ts.isSpreadElement);
  return (spread < 0 ? given : given.slice(0, spread)).map((expression) => ({ expression, frame }));
}

/** Calls what a value is; undefined where it is nothing that can be called. */
function callValue(here: Here, value: Value, given: readonly (Binding | undefined)[], node: ts.Node): Work | undefined {
  switch (value.kind) {
    case 'function':
      return callFunction(here, value, given, node);
    case 'activity':
      return { before: [], promise: activityStep(here, value, node) };
    case 'continueAsNew': {
      const exit: Block = {
        kind: 'exit',
        id: here.ids.take('again'),
        exit: 'continueAsNew',
        label: 'Goes on as a new run',
      };
      return { before: [], promise: exit };
    }
    case 'oneOf': {
      const callable = value.values.filter(({ kind }) => ['function', 'activity', 'continueAsNew'].includes(kind));
      if (callable.length === 0) return undefined;
      const ways = callable.map((one, index) => {
        return [String(index + 1), (inside: Here) => callValue(inside, one, given, node) ?? noWork] as const;
      });
      const rest = [
        'other',
        (inside: Here): Work => ({
          before: [
            unknownAt(inside, node, 'stored-work', `What ${listInWords(calleeOf(node))} calls is kept elsewhere`),
          ],
        }),
      ] as const;
      return choose(here, 'Which one?', value.isWhole ? ways : [...ways, rest]);
    }
    default:
      return undefined;
  }
}

function calleeOf(node: ts.Node): ts.Expression {
  if (ts.isCallExpression(node)) return node.expression;
  return node as ts.Expression;
}

/** `then`, `catch` and `finally` of a promise. */
function workOfChain(here: Here, call: ts.CallExpression, { name }: Declared): Work | undefined {
  const callee = bare(call.expression);
  if (!/^Promise(Like)?\.(then|catch|finally)$/.test(name) || !ts.isPropertyAccessExpression(callee)) return undefined;
  const start = workOf(here, callee.expression);
  const ids = here.ids.inside(callee.name.text);
  const inside = { ...here, ids };
  const [first, second] = call.arguments.map((given) => {
    if (isNothing(given)) return undefined;
    const value = evaluate(here.walk.project, given, here.frame);
    const work = (value && callValue(inside, value, [], given)) ?? notToldThen(inside, given);
    return inSequence(ids.take('then'), awaited(work));
  });
  const body = inSequence(ids.take('body'), start.promise ? [start.promise] : []);
  const chained = {
    then: (): Block[] => (second ? [eitherOf(ids, body, first, second)] : [body, ...(first ? [first] : [])]),
    catch: (): Block[] => [first ? { kind: 'attempt', id: ids.path, body, handler: first } : body],
    finally: (): Block[] => [first ? { kind: 'attempt', id: ids.path, body, finalizer: first } : body],
  };
  const promise = inSequence(`${ids.path}/all`, chained[callee.name.text as keyof typeof chained]());
  return { before: start.before, promise };
}

/** A function that the source does not tell, as far as it may have work in it. */
function notToldThen(here: Here, given: ts.Expression): Work {
  const { checker } = here.walk.project;
  const signatures = checker.getTypeAtLocation(given).getCallSignatures();
  const gives = signatures.some((signature) => isThenable(checker.getReturnTypeOfSignature(signature)));
  if (!gives) return noWork;
  const message = `What ${listInWords(given)} calls is not told`;
  return { before: [unknownAt(here, given, 'unresolved-call', message)] };
}

/** The second function of `then` runs instead of the first, and not where the first fails. */
function eitherOf(ids: Ids, body: Block, first: Block | undefined, second: Block): Block {
  if (!first || isSilent(first)) return { kind: 'attempt', id: ids.path, body, handler: second };
  const id = ids.take('either');
  const leave: Block = { kind: 'exit', id: ids.take('break'), exit: 'break', label: '', target: id };
  const handler = inSequence(ids.take('failed'), [second, leave]);
  const attempt: Block = { kind: 'attempt', id: ids.path, body, handler };
  return {
    kind: 'choice',
    id,
    label: 'then',
    branches: [{ label: '', block: inSequence(`${id}/body`, [attempt, first]) }],
  };
}

const perItem =
  /^(?:Readonly)?(?:Array|Map|Set)\.(map|flatMap|forEach|filter|find|findIndex|findLast|some|every|reduce|reduceRight|sort)$/;

/** Functions of the libraries that Temporal's documentation names, which call what they are given once. */
const callingOnce = /^(?:Mutex|Semaphore|MutexInterface|SemaphoreInterface)\.runExclusive$/;

/** What is done for each of a list. */
function workOfList(here: Here, call: ts.CallExpression, { name }: Declared): Work | undefined {
  const method = name === 'ArrayConstructor.from' ? 'map' : perItem.exec(name)?.[1];
  const given = call.arguments[name === 'ArrayConstructor.from' ? 1 : 0];
  const callee = bare(call.expression);
  if (!method || !given || !ts.isPropertyAccessExpression(callee)) return undefined;
  const value = evaluate(here.walk.project, given, here.frame);
  if (!value) return undefined;
  const list = name === 'ArrayConstructor.from' ? call.arguments[0] : callee.expression;
  const item: Binding[] = list ? [{ elementOf: { expression: list, frame: here.frame } }] : [];
  const ids = here.ids.inside(method === 'map' ? 'each' : method);
  const isFold = method.startsWith('reduce');
  const work = callValue({ ...here, ids }, value, isFold ? [undefined, ...item] : item, given) ?? noWork;
  if (!work.promise && work.before.length === 0) return noWork;
  const label = `For each of ${list ? listInWords(list) : 'a list'}`;
  if (!work.promise) {
    return { before: [{ kind: 'loop', id: ids.path, label, body: inSequence(`${ids.path}/body`, work.before) }] };
  }
  const body = inSequence(`${ids.path}/body`, awaited(work));
  if (isFold) return { before: [], promise: { kind: 'loop', id: ids.path, label, body } };
  const promise: Block = { kind: 'forEach', id: ids.path, join: 'all', label, body };
  return method === 'map' || method === 'flatMap'
    ? { before: [], promise }
    : { before: putAside(here, { before: [], promise }, false) };
}

/** A call of which the source does not tell what it does. */
function notTold(here: Here, call: ts.CallExpression, declared: Declared | undefined): Work {
  const { project } = here.walk;
  const name = listInWords(call.expression);
  if (call.expression.kind === ts.SyntaxKind.SuperKeyword || call.expression.kind === ts.SyntaxKind.ImportKeyword)
    return noWork;
  const callee = project.checker.getTypeAtLocation(call.expression);
  if (isAny(callee)) {
    return isInert(call)
      ? noWork
      : { before: [unknownAt(here, call, 'unresolved-type', `The type of ${name} is not known`)] };
  }
  if (declared?.origin === 'temporal' || declared?.origin === 'kit' || declared?.origin === 'language') {
    return { before: withForeign(here, call, declared) };
  }
  const given = withForeign(here, call, declared);
  const gives = project.checker.getTypeAtLocation(call);
  if (given.length > 0 || !(isThenable(gives) || (declared?.origin === 'project' && isAny(gives))))
    return { before: given };
  const message = declared?.origin === 'library' ? `${name} is code of a library` : `What ${name} calls is not told`;
  return { before: [], promise: unknownAt(here, call, 'unresolved-call', message) };
}

/** Whether an untyped call is of something that was typed and cannot hold work: a property of an error, say. */
function isInert(call: ts.CallExpression): boolean {
  const callee = bare(call.expression);
  const receiver = ts.isPropertyAccessExpression(callee) ? callee.expression : undefined;
  return receiver !== undefined && ['JSON', 'Object', 'console'].includes(receiver.getText());
}

/** Functions with work in them that are given to code outside of the project. */
function withForeign(here: Here, call: ts.CallExpression | ts.NewExpression, declared: Declared | undefined): Block[] {
  const { walk } = here;
  if (declared?.origin === 'language' && /^Array\.(?:push|unshift)$/.test(declared.name)) return [];
  const holding = (call.arguments ?? []).filter(
    (given) => commandSitesIn(walk.project, given).length > 0 && holdsFunction(given),
  );
  const [first] = holding;
  if (!first) return [];
  for (const given of holding) for (const site of commandSitesIn(walk.project, given)) walk.mapped.add(site);
  const name = listInWords(call.expression);
  const by = declared?.origin === 'project' ? 'which the source does not tell' : 'code outside of the project';
  return [unknownAt(here, first, 'foreign-callback', `A function is given to ${name}, ${by}`)];
}

function holdsFunction(node: ts.Node): boolean {
  return ts.isFunctionLike(node) || ts.forEachChild(node, holdsFunction) === true;
}
