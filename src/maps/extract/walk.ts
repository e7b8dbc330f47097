import type ts from 'typescript';
import type { Block, Flag, FlagCode, Handler, StepBlock, Unknown } from '../process-map';
import type { Binding, Frame } from './frame';
import type { Ids } from './ids';
import { placeOf, type Project } from './project';
import type { FunctionNode, Value } from './values';

/** What is found on the way through one workflow. */
export interface Walk {
  project: Project;
  calls: Calls;
  flags: Flag[];
  handlers: FoundHandler[];
  waits: { step: StepBlock; reads: ReadonlySet<ts.Declaration> }[];
  /** Callees of commands that are on the map, or within what is flagged. */
  mapped: Set<ts.Node>;
  /** Functions that are being gone through, from the outermost. */
  under: FunctionNode[];
  /** Functions that call themselves. */
  recursive: Set<FunctionNode>;
  /** Functions in which there is nothing. */
  silent: Set<FunctionNode>;
}

/** How calls are read. */
export interface Calls {
  ofCall(here: Here, call: ts.CallExpression): Work;
  ofNew(here: Here, node: ts.NewExpression): Work;
  /** Undefined where the value is nothing that can be called. */
  ofValue(here: Here, value: Value, given: readonly (Binding | undefined)[], node: ts.Node): Work | undefined;
}

export interface FoundHandler {
  handler: Handler;
  call: ts.Node;
  /** The function that runs. */
  by?: FunctionNode;
  /** What it changes. */
  writes: ReadonlySet<ts.Declaration>;
}

/** Where the walk is. */
export interface Here {
  walk: Walk;
  frame: Frame;
  ids: Ids;
  /** What `break` and `continue` may mean, outermost first; `round`: what `continue` leaves, where more comes after it. */
  targets: { id: string; isLoop: boolean; label?: string; round?: string }[];
  /** `return` does not await what it returns. */
  isInTry: boolean;
  /** The function gives a promise. */
  isAsync: boolean;
}

/** What an expression does: at once, and by the promise that it is. */
export interface Work {
  before: Block[];
  promise?: Block;
}

export const noWork: Work = { before: [] };

/** All of it, awaited. */
export function awaited({ before, promise }: Work): Block[] {
  return promise ? [...before, promise] : before;
}

/** All of it, where the promise is put aside. */
export function putAside({ ids }: Here, { before, promise }: Work, isAwaited: boolean): Block[] {
  if (!promise) return before;
  return [...before, { kind: 'background', id: ids.take('aside'), body: promise, isAwaited }];
}

/** Says that the source does not tell what happens here. */
export function unknownAt({ walk, ids }: Here, node: ts.Node, code: FlagCode, message: string): Unknown {
  const source = placeOf(walk.project, node);
  flag(walk, node, code, message);
  return { kind: 'unknown', id: ids.take('unknown'), label: message, source };
}

export function flag({ project, flags }: Walk, node: ts.Node, code: FlagCode, message: string): void {
  const source = placeOf(project, node);
  const isKnown = flags.some(
    (one) => one.code === code && one.source.file === source.file && one.source.line === source.line,
  );
  if (!isKnown) flags.push({ code, message, source });
}
