import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CaseRecord, ResolutionAction } from '../../kit/contract';
import { didYouMean } from '../../service/did-you-mean';
import type { Looks, Whereabouts } from '../cases';
import { print } from '../print';
import type { ActingOptions } from '../program';
import { statusWords } from '../render/case';
import { nowWords } from '../render/lists';
import { command, referenceTo } from '../render/next';
import { plain, type Style } from '../render/style';
import { moment } from '../render/time';
import { Refused } from '../refused';
import { acting } from '../session';
import { WrongUse } from '../wrong-use';

type DecideOptions = ActingOptions & { comment?: string; data?: string };

export async function decide(caseId: string, task: string, decision: string, options: DecideOptions): Promise<void> {
  const { comment, data } = options;
  const given = {
    ...(comment !== undefined && { comment }),
    ...(data !== undefined && { data: await jsonOf('--data', data) }),
  };
  return acting(options, async ({ looks, acts }) => {
    const recorded = await acts
      .decide(caseId, { task, decision, ...given })
      .catch((error: unknown) => withSuggestion(looks, caseId, error, { task, decision }));
    const now = await readWith(looks, caseId, ({ steps }) =>
      steps.some((step) => step.id === recorded.task && step.decision !== undefined),
    );
    print(options, { caseId, ...recorded, now }, recordedWords(decision));
  });
}

type ResolveOptions = ActingOptions & { reason: string; result?: string };

const actions: ResolutionAction[] = ['retry', 'skip', 'replace', 'fail'];

/** @throws WrongUse for an action that there is not, or one that lacks its result */
export function resolutionNamed(action: string, result: string | undefined): ResolutionAction {
  const known = actions.find((name) => name === action);
  if (!known) {
    throw new WrongUse(
      `There is no action ${action}${didYouMean(action, actions)}`,
      `Give one of ${actions.join(', ')}.`,
    );
  }
  if (known === 'replace' && result === undefined) {
    throw new WrongUse('replace needs the result of the step.', 'Add --result <json> or --result @file.json.');
  }
  return known;
}

export async function resolve(caseId: string, step: string, action: string, options: ResolveOptions): Promise<void> {
  const { reason, result } = options;
  const known = resolutionNamed(action, result);
  const given = result !== undefined && { result: await jsonOf('--result', result) };
  return acting(options, async ({ looks, acts }) => {
    const recorded = await acts
      .resolve(caseId, { step, action: known, reason, ...given })
      .catch((error: unknown) => withSuggestion(looks, caseId, error, { step }));
    const now = await readWith(looks, caseId, ({ steps }) =>
      steps.some(
        ({ id, resolutions = [] }) => id === recorded.step && resolutions.some(({ at }) => at === recorded.at),
      ),
    );
    print(options, { caseId, ...recorded, now }, recordedWords(action));
  });
}

export async function cancel(caseId: string, options: ActingOptions & { reason: string }): Promise<void> {
  const { reason } = options;
  return acting(options, async ({ acts }) => {
    const { by } = await acts.cancel(caseId, reason);
    print(
      options,
      { caseId, by, reason },
      () => `Asked ${plain(caseId)} to cancel; calls at work are waited for first.`,
    );
  });
}

/** How long the central view may take to know what a case has just recorded, in milliseconds. */
const longestBehind = 3_000;

/** The case once what was recorded shows in it; undefined when that takes too long, for what is known then is of before. */
async function readWith(
  looks: Looks,
  caseId: string,
  shows: (record: CaseRecord) => boolean,
): Promise<Whereabouts | undefined> {
  const until = Date.now() + longestBehind;
  for (;;) {
    const now = await looks.read(caseId);
    if (now.answered === false || shows(now)) return now;
    if (Date.now() > until) return undefined;
    await sleep(100);
  }
}

interface Recorded {
  caseId: string;
  by: string;
  at: string;
  now: Whereabouts | undefined;
}

function recordedWords(what: string): (recorded: Recorded, style: Style) => string {
  return ({ caseId, by, at, now }, style) => {
    const unknown = () => `What comes of it is not known yet; ask ${command(['where', caseId], style)}`;
    return [
      `Recorded: ${plain(what)} by ${plain(by)} at ${moment(at, style)}.`,
      now ? stateWords(now, style) : unknown(),
    ].join('\n');
  };
}

function stateWords(now: Whereabouts, style: Style): string {
  const state = `${style.colors.bold(plain(now.caseId))}  ${statusWords(now, style)}`;
  if (now.answered === false) return state;
  return [state, nowWords(now, style)].filter((part) => part !== '').join('  ');
}

type Said = Partial<Record<'task' | 'decision' | 'step', string>>;

/** A refusal of a word that is nearly a right one says so. */
async function withSuggestion(looks: Looks, caseId: string, error: unknown, said: Said): Promise<never> {
  if (!(error instanceof Refused)) throw error;
  const { message, refusal } = error;
  const unknown = (['task', 'decision', 'step'] as const).find((name) => refusal.field === name);
  const word = unknown && said[unknown];
  const found = word === undefined ? undefined : await looks.read(caseId);
  if (!unknown || !word || !found || found.answered === false) throw error;
  const known = {
    task: found.waitingFor.map(referenceTo),
    decision: found.waitingFor.find(({ id, name }) => id === said.task || name === said.task)?.decisions ?? [],
    step: found.incidents.map(({ step }) => step),
  };
  throw new Refused({ ...refusal, message: `${message}${didYouMean(word, known[unknown])}` });
}

/** JSON that an option gives, or the file that it names with `@`. */
export async function jsonOf(option: string, text: string): Promise<unknown> {
  const fromFile = text.startsWith('@');
  const json = fromFile
    ? await readFile(text.slice(1), 'utf8').catch((error: unknown) => unreadable(option, text, error))
    : text;
  try {
    return JSON.parse(json);
  } catch (error) {
    throw new WrongUse(
      `${option} ${fromFile ? text : `'${text}'`} is not JSON: ${(error as Error).message}.`,
      `Give JSON in single quotes, or ${option} @file.json.`,
    );
  }
}

function unreadable(option: string, text: string, error: unknown): never {
  throw new WrongUse(
    `${option} ${text} cannot be read: ${(error as Error).message}.`,
    `Give ${option} @file.json with a file that is there.`,
  );
}
