import ts from 'typescript';
import { humanise } from '../../kit/humanise';
import type { Handler } from '../process-map';
import { bodyOf, callFunction } from './functions';
import { inSequence } from '../blocks';
import { idsIn } from './ids';
import { placeOf } from './project';
import { symbolsWrittenBy } from './state';
import { evaluate, memberOf, type Value } from './values';
import { awaited, flag, type Here } from './walk';

const defaults: Record<string, Handler['type']> = {
  setDefaultSignalHandler: 'signal',
  setDefaultUpdateHandler: 'update',
};

/** Keeps what runs when a message comes. */
export function addHandler(here: Here, call: ts.CallExpression, maker: string): void {
  const { walk, frame } = here;
  const byDefault = defaults[maker];
  const [first, second] = call.arguments;
  const definition = byDefault || !first ? undefined : evaluate(walk.project, first, frame);
  const given = byDefault ? first : second;
  if (!given) return;
  const value = evaluate(walk.project, given, frame);
  if (value?.kind !== 'function') {
    if (value?.kind !== undefined || !isUndefined(given))
      flag(walk, given, 'stored-work', 'The handler is kept elsewhere');
    return;
  }
  const message = definition?.kind === 'message' ? definition : undefined;
  const name = message?.name;
  if (walk.handlers.some((found) => found.call === call && found.handler.name === name && found.by === value.node))
    return;
  if (name === undefined && !byDefault) flag(walk, call, 'computed-name', 'The name of the message is computed');
  const type = byDefault ?? message?.type ?? typeOfMessage(here, first);
  keep(here, call, type, name, value, humanise(name ?? 'any message'));
}

function isUndefined(node: ts.Expression): boolean {
  return ts.isIdentifier(node) && node.text === 'undefined';
}

function typeOfMessage({ walk: { project } }: Here, definition: ts.Expression | undefined): Handler['type'] {
  const name = definition && project.checker.getTypeAtLocation(definition).aliasSymbol?.name;
  const symbol = definition && (name ?? project.checker.getTypeAtLocation(definition).getSymbol()?.name);
  if (symbol === 'UpdateDefinition') return 'update';
  return symbol === 'QueryDefinition' ? 'query' : 'signal';
}

function keep(
  here: Here,
  call: ts.CallExpression,
  type: Handler['type'],
  name: string | undefined,
  value: Value & { kind: 'function' },
  label: string,
): void {
  const { walk } = here;
  const ids = idsIn(uniquePath(here, `${type}:${name ?? '*'}`));
  const source = placeOf(walk.project, call);
  const handler: Handler = {
    id: ids.path,
    ...(name !== undefined && { name }),
    type,
    label,
    source,
    body: { kind: 'sequence', id: ids.path, blocks: [] },
  };
  walk.handlers.push({ handler, call, by: value.node, writes: symbolsWrittenBy(walk.project, value.node) });
  handler.body = bodyOf({ ...here, ids }, value);
}

function uniquePath({ walk }: Here, path: string): string {
  const before = walk.handlers.filter(({ handler }) => handler.id.replace(/#\d+$/, '') === path).length;
  return before === 0 ? path : `${path}#${before + 1}`;
}

/** Keeps what runs when something goes wrong, and when that is over. */
export function addAlerts(here: Here, call: ts.CallExpression, channel: ts.Expression): void {
  const { walk, frame } = here;
  if (walk.handlers.some((found) => found.call === call)) return;
  const value = evaluate(walk.project, channel, frame);
  for (const way of ['raise', 'clear']) {
    const told = value && memberOf(walk.project, value, way);
    if (told?.kind !== 'function') {
      flag(walk, call, 'stored-work', `How errors are told (${way}) is kept elsewhere`);
      continue;
    }
    const ids = idsIn(uniquePath(here, `alert:${way}`));
    const work = callFunction({ ...here, ids, targets: [], isInTry: false }, told, [], call);
    const handler: Handler = {
      id: ids.path,
      name: way,
      type: 'alert',
      label: way === 'raise' ? 'Something went wrong' : 'It is over',
      source: placeOf(walk.project, call),
      body: inSequence(`${ids.path}/body`, awaited(work)),
    };
    walk.handlers.push({ handler, call, writes: new Set() });
  }
}
