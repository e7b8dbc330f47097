import type { Block, Exit, Handler, Join, Loop, ProcessMap, StepBlock, StepType } from '../../../src/maps/process-map';

const source = { file: 'workflow.ts', line: 1 };
let made = 0;
const newId = (kind: string) => `${kind} ${(made += 1)}`;

/** A map of a process with this body. */
export function mapOf(body: Block, handlers: Handler[] = []): ProcessMap {
  return { version: 1, process: 'salary', label: 'Salary', source, body, handlers, flags: [] };
}

/** A step whose block has its name as id. */
export function step(name: string, more: Partial<StepBlock> = {}): StepBlock {
  return { kind: 'step', id: name, type: 'call', name, label: name, source, ...more };
}

export function ofType(type: StepType, name: string, more: Partial<StepBlock> = {}): StepBlock {
  return step(name, { type, ...more });
}

export function timer(id: string, more: Partial<StepBlock> = {}): StepBlock {
  const { name: _, ...block } = step(id, { type: 'timer', ...more });
  return block;
}

export function wait(id: string, more: Partial<StepBlock> = {}): StepBlock {
  return timer(id, { type: 'wait', ...more });
}

/** Calls may be given by their name. */
export type Given = Block | string;

function block(given: Given): Block {
  return typeof given === 'string' ? step(given) : given;
}

export function sequence(...blocks: Given[]): Block {
  return { kind: 'sequence', id: newId('sequence'), blocks: blocks.map(block) };
}

export const nothing = () => sequence();

export function parallel(join: Join, ...branches: Given[]): Block {
  return { kind: 'parallel', id: newId('parallel'), join, branches: branches.map(block) };
}

export function forEach(join: Join, body: Given): Block {
  return { kind: 'forEach', id: newId('forEach'), join, label: 'each', body: block(body) };
}

export function choice(...branches: Given[]): Block {
  return choiceCalled(newId('choice'), ...branches);
}

export function choiceCalled(id: string, ...branches: Given[]): Block {
  const labelled = branches.map((branch, index) => ({ label: `${index}`, block: block(branch) }));
  return { kind: 'choice', id, label: 'which', branches: labelled };
}

export function loop(body: Given, more: Partial<Loop> = {}): Block {
  return { kind: 'loop', id: newId('loop'), label: 'again', body: block(body), ...more };
}

export function attempt(body: Given, { handler, finalizer }: { handler?: Given; finalizer?: Given }): Block {
  return {
    kind: 'attempt',
    id: newId('attempt'),
    body: block(body),
    ...(handler !== undefined && { handler: block(handler) }),
    ...(finalizer !== undefined && { finalizer: block(finalizer) }),
  };
}

export function helper(body: Given): Block {
  const id = newId('helper');
  return { kind: 'helper', id, name: id, label: id, body: block(body) };
}

export function background(body: Given, isAwaited = false): Block {
  return { kind: 'background', id: newId('background'), body: block(body), isAwaited };
}

export function exit(kind: Exit['exit'], target?: string): Block {
  return { kind: 'exit', id: newId(kind), exit: kind, label: kind, ...(target !== undefined && { target }) };
}

export function unknown(): Block {
  return { kind: 'unknown', id: newId('unknown'), label: 'anything', source };
}

export function handler(type: Handler['type'], name: string, body: Given): Handler {
  return { id: `on ${name}`, name, type, label: name, source, body: block(body) };
}
