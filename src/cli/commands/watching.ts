import type { Step } from '../../kit/contract';
import type { Whereabouts } from '../cases';
import type { AskingOptions, ExitCode } from '../program';
import { leftInShort, silenceWords, statusWords, stepCells, waitsFor } from '../render/case';
import { plain, styleOfTerminal, type Style } from '../render/style';
import { looking } from '../session';

/** Prints each change of a case until it ends: a line a change in words, or one JSON object a line. */
export function watch(caseId: string, options: AskingOptions): Promise<ExitCode> {
  return looking(options, async ({ looks }) => {
    const say = options.json ? asJson : (change: Change) => inWords(change, styleOfTerminal(options));
    const known = { steps: new Map<string, string>(), state: '' };
    for await (const now of looks.follow(caseId)) {
      for (const change of changes(known, now)) process.stdout.write(`${say(change)}\n`);
      if (now.endedAt !== undefined && isSure(now)) return now.status === 'completed' ? 0 : 1;
    }
    throw new Error(`${caseId} is followed no more, and has not ended.`);
  });
}

/** What a worker told of a case may not have been; the case itself is asked soon. */
function isSure(now: Whereabouts): boolean {
  return now.answered !== undefined || now.confirmed;
}

/** A change of a step, or of the whole case. */
type Change = { step: Step } | { case: Whereabouts };

/** What is new, which is known from then on. That the case has ended is told when it is sure, as the last of all. */
function changes(known: { steps: Map<string, string>; state: string }, now: Whereabouts): Change[] {
  const steps = (now.answered === false ? [] : now.steps).filter(
    (step) => known.steps.get(step.id) !== JSON.stringify(step),
  );
  for (const step of steps) known.steps.set(step.id, JSON.stringify(step));
  const stateChanged = (now.endedAt === undefined || isSure(now)) && known.state !== stateOf(now);
  if (stateChanged) known.state = stateOf(now);
  return [...steps.map((step) => ({ step })), ...(stateChanged ? [{ case: now }] : [])];
}

function stateOf(found: Whereabouts): string {
  const tasks = found.answered === false ? [] : found.waitingFor.map(({ id, escalated }) => [id, escalated]);
  return JSON.stringify([found.answered === false, found.runId, found.status, found.endedAt, tasks]);
}

function asJson(change: Change): string {
  return JSON.stringify(change);
}

function inWords(change: Change, style: Style): string {
  return 'step' in change
    ? stepCells(change.step, style)
        .filter((cell) => cell !== '')
        .join('  ')
    : caseWords(change.case, style);
}

function caseWords(now: Whereabouts, style: Style): string {
  const state = `${style.colors.bold(plain(now.caseId))}  ${statusWords(now, style)}`;
  if (now.answered === false) return `${state}  ${silenceWords(now)}`;
  const toCome = 'left' in now && now.left && now.left.certain.length > 0 ? [leftInShort(now.left)] : [];
  return [state, ...now.waitingFor.map((task) => waitsFor(task, style)), ...toCome].join('  ');
}
