import ts from 'typescript';
import { bare } from './bare';
import { humanise } from '../../kit/humanise';
import { inSequence } from '../blocks';
import type { Block, StepBlock } from '../process-map';
import { symbolAt, type Declared } from './declared';
import { addAlerts, addHandler } from './handlers';
import { conditionInWords, inShort, labelIn } from './labels';
import { placeOf } from './project';
import { symbolsReadBy } from './state';
import { activityStep, markMapped } from './steps';
import { evaluate, givenIn, memberOf, textOf, type Value } from './values';
import { handlersFinished, wait } from './waits';
import { awaited, flag, noWork, putAside, type Here, type Work } from './walk';

/** What a call of a function of Temporal does; undefined where it is of no matter for the map. */
export function temporalCall(here: Here, call: ts.CallExpression, { name }: Declared): Work | undefined {
  const [first, second] = call.arguments;
  switch (name) {
    case 'sleep':
      return step(here, call, {
        type: 'timer',
        name: 'timer',
        label: summaryIn(here, second) ?? `Wait ${first ? durationInWords(here, first) : ''}`.trim(),
        ...(first && { dueIn: durationInWords(here, first) }),
      });
    case 'condition':
      return first ? waitUntil(here, call, first, second) : undefined;
    case 'executeChild':
    case 'startChild':
      return child(here, call, name === 'startChild');
    case 'scheduleActivity':
    case 'scheduleLocalActivity': {
      const activity = first && textOf(here.walk.project, first, here.frame);
      return { before: [], promise: activityStep(here, { kind: 'activity', ...named(activity) }, call) };
    }
    case 'continueAsNew':
      markMapped(here, call);
      return here.walk.calls.ofValue(here, { kind: 'continueAsNew' }, [], call);
    case 'setHandler':
    case 'setDefaultSignalHandler':
    case 'setDefaultUpdateHandler':
      addHandler(here, call, name);
      return noWork;
    case 'CancellationScope.cancellable':
    case 'CancellationScope.nonCancellable':
    case 'CancellationScope.run':
      return first && callGiven(here, first);
    case 'CancellationScope.withTimeout':
      return first && second ? withTimeout(here, call, first, second) : undefined;
  }
  if (/Handle\.signal$/.test(name)) return signal(here, call);
  if (/^Nexus(?:Service)?Client\.(?:execute|start)Operation$/.test(name)) {
    return nexusOperation(here, call, name.endsWith('startOperation'));
  }
  return undefined;
}

/** `setTimeout`, which is a timer in workflows: what it is given runs after it, beside the rest. */
export function timeout(here: Here, call: ts.CallExpression): Work {
  markMapped(here, call);
  const ids = here.ids.inside('setTimeout');
  const [given, time] = call.arguments;
  const dueIn = time ? durationInWords(here, time) : '0 ms';
  const timer = stepAt({ ...here, ids }, call, { type: 'timer', name: 'timer', label: `Wait ${dueIn}`, dueIn });
  const work = given ? awaited(callGiven({ ...here, ids }, given)) : [];
  return { before: putAside(here, { before: [], promise: inSequence(ids.path, [timer, ...work]) }, false) };
}

/** What a call of a helper of the kit does; undefined where it is of no matter for the map. */
export function kitCall(here: Here, call: ts.CallExpression, { name }: Declared): Work | undefined {
  const [first] = call.arguments;
  if (name === 'approve' || name === 'task') return first && ask(here, call, first);
  if (name === 'onError' && first) addAlerts(here, call, first);
  return noWork;
}

type Told = Omit<StepBlock, 'kind' | 'id' | 'source'>;

function step(here: Here, call: ts.CallExpression, told: Told): Work {
  markMapped(here, call);
  return { before: [], promise: stepAt(here, call, told) };
}

function stepAt({ walk, ids }: Here, node: ts.Node, told: Told): StepBlock {
  return { kind: 'step', id: ids.take(told.name ?? told.type), source: placeOf(walk.project, node), ...told };
}

function named(name: string | undefined): { name?: string } {
  return name === undefined ? {} : { name };
}

/** A step whose name is computed is flagged; it may be any of its kind. */
function orFlag(here: Here, call: ts.Node, what: string, name: string | undefined): { name?: string } {
  if (name === undefined) flag(here.walk, call, 'computed-name', `The name of ${what} is computed`);
  return named(name);
}

function durationInWords({ walk, frame }: Here, node: ts.Expression): string {
  const text = textOf(walk.project, node, frame);
  if (text === undefined) return inShort(node);
  return /^\d+$/.test(text) ? `${text} ms` : text;
}

function summaryIn({ walk, frame }: Here, options: ts.Expression | undefined): string | undefined {
  const value = options && evaluate(walk.project, options, frame);
  const summary = value && memberOf(walk.project, value, 'summary');
  return summary?.kind === 'text' ? summary.text : undefined;
}

function waitUntil(here: Here, call: ts.CallExpression, until: ts.Expression, due: ts.Expression | undefined): Work {
  markMapped(here, call);
  const { project } = here.walk;
  const value = evaluate(project, until, here.frame);
  const body = value?.kind === 'function' && !ts.isBlock(value.node.body) ? value.node.body : undefined;
  const words = body && !ts.isIdentifier(bare(until)) ? conditionInWords(body) : conditionInWords(until);
  const reads = symbolsReadBy(project, value?.kind === 'function' ? value.node : until);
  const declared = symbolAt(project, ts.isPropertyAccessExpression(until) ? until.name : until);
  const label = declared?.name === 'allHandlersFinished' ? handlersFinished : words.replace(/\?$/, '');
  return { before: [], promise: wait(here, call, label, reads, due && durationInWords(here, due)) };
}

function child(here: Here, call: ts.CallExpression, goesOnAtStart: boolean): Work {
  const { project } = here.walk;
  const [workflow] = call.arguments;
  if (!workflow) return noWork;
  const value = evaluate(project, workflow, here.frame);
  const symbol = symbolAt(project, ts.isPropertyAccessExpression(workflow) ? workflow.name : workflow);
  const declared = value?.kind === 'function' ? value.node : symbol?.valueDeclaration;
  const isFunction = declared !== undefined && ts.isFunctionLike(declared);
  const name = isFunction ? nameDeclared(declared) : textOf(project, workflow, here.frame);
  const label = (isFunction ? labelIn(project.checker, symbol) : undefined) ?? humanise(name ?? 'a child');
  return step(here, call, {
    type: 'child',
    ...orFlag(here, call, 'the child workflow', name),
    label,
    ...(goesOnAtStart && { goesOnAtStart: true }),
  });
}

/** The name by which the SDK knows a workflow function: its own. */
function nameDeclared(declaration: ts.SignatureDeclaration): string | undefined {
  const { name, parent } = declaration;
  const own = name ?? (ts.isVariableDeclaration(parent) ? parent.name : undefined);
  return own && ts.isIdentifier(own) ? own.text : undefined;
}

function signal(here: Here, call: ts.CallExpression): Work {
  const { project } = here.walk;
  const [sent] = call.arguments;
  const value = sent && evaluate(project, sent, here.frame);
  const name = value?.kind === 'message' ? value.name : value?.kind === 'text' ? value.text : undefined;
  const label = `Signal ${humanise(name ?? (sent ? inShort(sent) : '')).toLowerCase()}`;
  return step(here, call, { type: 'signal', ...orFlag(here, call, 'the signal', name), label });
}

function nexusOperation(here: Here, call: ts.CallExpression, goesOnAtStart: boolean): Work {
  const { project } = here.walk;
  const callee = bare(call.expression);
  const client = ts.isPropertyAccessExpression(callee) ? evaluate(project, callee.expression, here.frame) : undefined;
  const [given] = call.arguments;
  const operation = given && textOf(project, given, here.frame);
  const service = client?.kind === 'nexus' ? client.service : undefined;
  const known = operation !== undefined && service !== undefined ? `${service}.${operation}` : undefined;
  return step(here, call, {
    type: 'nexus',
    ...orFlag(here, call, 'the Nexus operation', known),
    label: humanise(operation ?? 'a Nexus operation'),
    ...(service !== undefined && { system: service }),
    ...(goesOnAtStart && { goesOnAtStart: true }),
  });
}

function callGiven(here: Here, given: ts.Expression): Work {
  const value = evaluate(here.walk.project, given, here.frame);
  return (value && here.walk.calls.ofValue(here, value, [], given)) ?? noWork;
}

/** A timer runs beside the work, and cancels it. */
function withTimeout(here: Here, call: ts.CallExpression, time: ts.Expression, given: ts.Expression): Work {
  markMapped(here, call);
  const dueIn = durationInWords(here, time);
  const ids = here.ids.inside('withTimeout');
  const inside = { ...here, ids };
  const timer = stepAt(inside, call, { type: 'timer', name: 'timer', label: `At most ${dueIn}`, dueIn });
  const beside = putAside(inside, { before: [], promise: timer }, true);
  const work = awaited(callGiven(inside, given));
  return { before: [], promise: { kind: 'sequence', id: ids.path, blocks: [...beside, ...work] } };
}

/** A task of a person, and how they are told of it. */
function ask(here: Here, call: ts.CallExpression, given: ts.Expression): Work {
  const { project } = here.walk;
  const name = textOf(project, given, here.frame);
  const options = call.arguments[1] && evaluate(project, call.arguments[1], here.frame);
  const text = (property: string) => {
    const value: Value | undefined = options && memberOf(project, options, property);
    return value?.kind === 'text' ? value.text : undefined;
  };
  const role = text('role');
  const due = givenIn(project, options, 'dueIn');
  const tell = options && memberOf(project, options, 'tell');
  const task = stepAt(here, call, {
    type: 'task',
    ...orFlag(here, call, 'the task', name),
    label: text('title') ?? humanise(name ?? 'a task'),
    ...(role !== undefined && { role }),
    ...(due && { dueIn: durationInWords({ ...here, frame: due.frame }, due.expression) }),
  });
  markMapped(here, call);
  const told = tell && here.walk.calls.ofValue({ ...here, ids: here.ids.inside('tell') }, tell, [], call);
  const [tells] = told ? awaited(told) : [];
  const block: Block = tells ? { ...task, tells } : task;
  return { before: [], promise: block };
}
