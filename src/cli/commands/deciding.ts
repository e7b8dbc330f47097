import { readFile } from 'node:fs/promises';
import type { Client } from '@temporalio/client';
import { cancelCase, decide as sendDecision, resolve as sendResolution, Refused } from '../../kit/client';
import type { ResolutionAction } from '../../kit/contract';
import { didYouMean } from '../../service/did-you-mean';
import { aboutCase, lookUp, requireReadable, type Whereabouts } from '../looking-up';
import { print } from '../print';
import type { ActingOptions } from '../program';
import { statusWords } from '../render/case';
import { nowWords } from '../render/lists';
import { referenceTo } from '../render/next';
import { plain, type Style } from '../render/style';
import { moment } from '../render/time';
import { personWhoActs, placeOf, withSession } from '../session';
import { WrongUse } from '../wrong-use';

type DecideOptions = ActingOptions & { comment?: string; data?: string };

export async function decide(caseId: string, task: string, decision: string, options: DecideOptions): Promise<void> {
  const by = personWhoActs(options);
  const { comment, data } = options;
  const given = {
    ...(comment !== undefined && { comment }),
    ...(data !== undefined && { data: await jsonOf('--data', data) }),
  };
  return withSession({ ...placeOf(options), by }, async ({ client }) => {
    const recorded = await aboutCase(client, caseId, async () => {
      await requireReadable(client, caseId);
      return sendDecision(client, caseId, { task, decision, by, ...given }).catch((error: unknown) =>
        withSuggestion(client, error, { task, decision }),
      );
    });
    print(options, { caseId, ...recorded, now: await lookUp(client, caseId) }, ({ now }, style) =>
      [`Recorded: ${decision} by ${by} at ${moment(recorded.at, style)}.`, stateWords(now, style)].join('\n'),
    );
  });
}

type ResolveOptions = ActingOptions & { reason: string; result?: string };

const actions: ResolutionAction[] = ['retry', 'skip', 'replace', 'fail'];

export async function resolve(caseId: string, step: string, action: string, options: ResolveOptions): Promise<void> {
  const by = personWhoActs(options);
  const { reason, result } = options;
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
  const given = result !== undefined && { result: await jsonOf('--result', result) };
  return withSession({ ...placeOf(options), by }, async ({ client }) => {
    const recorded = await aboutCase(client, caseId, async () => {
      await requireReadable(client, caseId);
      return sendResolution(client, caseId, { step, action: known, by, reason, ...given }).catch((error: unknown) =>
        withSuggestion(client, error, { step }),
      );
    });
    print(options, { caseId, ...recorded, now: await lookUp(client, caseId) }, ({ now }, style) =>
      [`Recorded: ${action} by ${by} at ${moment(recorded.at, style)}.`, stateWords(now, style)].join('\n'),
    );
  });
}

export async function cancel(caseId: string, options: ActingOptions & { reason: string }): Promise<void> {
  const by = personWhoActs(options);
  const { reason } = options;
  return withSession({ ...placeOf(options), by }, async ({ client }) => {
    await aboutCase(client, caseId, () => cancelCase(client, caseId, { by, reason }));
    print(
      options,
      { caseId, by, reason },
      () => `Asked ${plain(caseId)} to cancel; calls at work are waited for first.`,
    );
  });
}

function stateWords(now: Whereabouts, style: Style): string {
  const state = `${style.colors.bold(plain(now.caseId))}  ${statusWords(now, style)}`;
  return now.answered ? [state, nowWords(now, style)].filter((part) => part !== '').join('  ') : state;
}

type Said = Partial<Record<'task' | 'decision' | 'step', string>>;

/** A refusal of a word that is nearly a right one says so. */
async function withSuggestion(client: Client, error: unknown, said: Said): Promise<never> {
  if (!(error instanceof Refused)) throw error;
  const { caseId, message, refusal } = error;
  const unknown = (['task', 'decision', 'step'] as const).find((name) => refusal.field === name);
  const word = unknown && said[unknown];
  const found = word === undefined ? undefined : await lookUp(client, caseId);
  if (!unknown || !word || !found?.answered) throw error;
  const known = {
    task: found.waitingFor.map(referenceTo),
    decision: found.waitingFor.find(({ id, name }) => id === said.task || name === said.task)?.decisions ?? [],
    step: found.incidents.map(({ step }) => step),
  };
  throw new Refused(caseId, { ...refusal, message: `${message}${didYouMean(word, known[unknown])}` });
}

async function jsonOf(option: string, text: string): Promise<unknown> {
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
