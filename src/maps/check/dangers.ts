import type { Attempt, Block, Parallel, ForEach, ProcessMap, SourcePlace, StepBlock } from '../process-map';
import { childrenOf, hasWork } from '../blocks';
import { cancellation, handlersFinished } from '../extract/waits';

export type Rule =
  /** The source does not tell what happens; the message begins with the code of the map's flag. */
  'unknown' | 'unsafe-writes' | 'siblings-in-flight' | 'not-awaited' | 'no-due-time';

/** What each rule finds, for people. */
export const rules: Record<Rule, string> = {
  unknown: 'The map does not tell what happens here.',
  'unsafe-writes':
    'Two systems are written to one after the other, and nothing makes it safe that the second one fails: no compensation, no pivot, no idempotency key.',
  'siblings-in-flight': 'When one of these fails, compensation starts while the others are still at work.',
  'not-awaited': 'A promise is not awaited: it may fail unseen, and the workflow may end before it.',
  'no-due-time': 'A wait without a due time: nobody is told when it lasts too long.',
};

/** Something in a workflow that is flagged or dangerous. */
export interface Finding {
  rule: Rule;
  process: string;
  message: string;
  source: SourcePlace;
}

/** What is flagged on a map, and what is dangerous on it. */
export function findingsOf(map: ProcessMap): Finding[] {
  const found: Finding[] = [];
  const find: Find = (rule, source, message) => {
    const isKnown = found.some(
      (one) => one.rule === rule && one.source.file === source.file && one.source.line === source.line,
    );
    if (!isKnown) found.push({ rule, process: map.process, message, source });
  };
  for (const { code, message, source } of map.flags) find('unknown', source, `${code}: ${message}.`);
  for (const block of [map.body, ...map.handlers.map(({ body }) => body)]) {
    findUnsafeWrites(block, find);
    findSiblings(block, find);
    findNotAwaited(block, find);
    findWaits(block, find);
  }
  return found;
}

type Find = (rule: Rule, source: SourcePlace, message: string) => void;

const reading =
  /^(?:get|find|list|load|fetch|read|check|search|look|calculate|compute|validate|verify|is|has|count|poll|query)(?![a-z])/;

function isWrite({ type, name, isRead }: StepBlock): boolean {
  const operation = name?.split('.').at(-1) ?? '';
  return (type === 'call' || type === 'nexus') && !isRead && !reading.test(operation);
}

/** Goes through a block in order with the write before; gives the last one. */
function findUnsafeWrites(block: Block, find: Find): void {
  const go = (at: Block, before: StepBlock | undefined, isUndone: boolean): StepBlock | undefined => {
    switch (at.kind) {
      case 'step':
        if (!isWrite(at)) return before;
        if (before && !isUndone && areUnsafe(before, at)) find('unsafe-writes', at.source, unsafeWords(before, at));
        return at;
      case 'sequence':
        return at.blocks.reduce<StepBlock | undefined>((last, one) => go(one, last, isUndone), before);
      case 'attempt': {
        const last = go(at.body, before, isUndone || undoes(at));
        if (at.handler) go(at.handler, undefined, true);
        return at.finalizer ? go(at.finalizer, last, isUndone) : last;
      }
      case 'exit':
        return undefined;
      default: {
        const lasts = childrenOf(at).map((child) => go(child, before, isUndone));
        return lasts.find((last) => last !== before && last !== undefined) ?? before;
      }
    }
  };
  go(block, undefined, false);
}

function areUnsafe(first: StepBlock, second: StepBlock): boolean {
  if (first.system === undefined || second.system === undefined || first.system === second.system) return false;
  return !first.isPivot && !second.isPivot && !second.isKeyed;
}

function unsafeWords(first: StepBlock, second: StepBlock): string {
  return `${second.label} (${second.system}) follows ${first.label} (${first.system}): when it fails, the first stays done.`;
}

function undoes({ handler }: Attempt): boolean {
  return handler !== undefined && hasWork(handler);
}

function findSiblings(block: Block, find: Find): void {
  const go = (at: Block, isUndone: boolean): void => {
    if (isUndone && (at.kind === 'parallel' || at.kind === 'forEach')) lookAt(at);
    if (at.kind !== 'attempt') return childrenOf(at).forEach((child) => go(child, isUndone));
    go(at.body, isUndone || undoes(at));
    for (const rest of [at.handler, at.finalizer]) if (rest) go(rest, isUndone);
  };
  const lookAt = (at: Parallel | ForEach): void => {
    if (at.join === 'allSettled') return;
    const writes = stepsIn(at).filter(isWrite);
    const [first] = writes;
    if (!first || (writes.length < 2 && at.kind === 'parallel')) return;
    find(
      'siblings-in-flight',
      first.source,
      `Await all of ${names(writes)} (Promise.allSettled) before what is undone.`,
    );
  };
  go(block, false);
}

function findNotAwaited(block: Block, find: Find): void {
  if (block.kind === 'background' && !block.isAwaited) {
    const [first] = stepsIn(block);
    if (first) find('not-awaited', first.source, `${first.label} is begun and never awaited.`);
  }
  childrenOf(block).forEach((child) => findNotAwaited(child, find));
}

function findWaits(block: Block, find: Find): void {
  if (block.kind === 'step') {
    const isWaiting = block.type === 'wait' || block.type === 'task' || block.type === 'event';
    const isOfItself = block.label === handlersFinished || block.label === cancellation;
    if (isWaiting && block.dueIn === undefined && !isOfItself) {
      find('no-due-time', block.source, `${block.label}: give it a time-out, and say what happens then.`);
    }
  }
  const isTimed = block.kind === 'parallel' && block.join === 'race' && block.branches.some(isTimer);
  const inside = isTimed ? childrenOf(block).filter(({ kind }) => kind !== 'step') : childrenOf(block);
  inside.forEach((child) => findWaits(child, find));
}

function isTimer(block: Block): boolean {
  return block.kind === 'step' && (block.type === 'timer' || block.dueIn !== undefined);
}

function stepsIn(block: Block): StepBlock[] {
  return [...(block.kind === 'step' ? [block] : []), ...childrenOf(block).flatMap(stepsIn)];
}

function names(steps: readonly StepBlock[]): string {
  return [...new Set(steps.map(({ label }) => label))].join(', ');
}
