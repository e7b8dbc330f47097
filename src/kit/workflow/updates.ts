import { CancellationScope, defineUpdate, setHandler, type ActivateInput } from '@temporalio/workflow';
import type { Refusal } from '../contract';
import { refused } from './errors';
import { untilIdle } from './rounds';

let besideOthers = false;

/** What Temporal tells the workflow of next. */
export function beginUpdates({ activation: { jobs } }: ActivateInput): void {
  besideOthers = jobs?.some(({ doUpdate }) => !doUpdate) ?? false;
}

export interface UpdateHandler<Message, Answer> {
  /** For people. */
  description: string;
  /** Why the update is refused as things are; nothing when it is not. */
  refusalOf(message: Message): Refusal | undefined;
  /** Does it, and refuses what has to be refused. */
  carryOut(message: Message): Answer;
}

/**
 * Takes the update from now on.
 *
 * A worker that has the case not in its memory is told of workflow tasks that ended without a command together with the
 * update that comes now, and of the update first (TypeScript SDK 1.24): before the workflow has got to where the sender saw
 * it. What would be refused there is accepted, and judged once the workflow has done what it was told besides; twice as
 * long as reads are held back for the same. Whoever sent it hears the same as at any other time.
 */
export function takeUpdate<Message, Answer>(name: string, handler: UpdateHandler<Message, Answer>): void {
  const { description, refusalOf, carryOut } = handler;
  const isEarly = (refusal: Refusal | undefined) =>
    besideOthers && refusal !== undefined && refusal.code !== 'invalid-message';
  const handle = (message: Message) =>
    besideOthers && isEarly(refusalOf(message)) ? carryOutLater(() => carryOut(message)) : carryOut(message);
  const validator = (message: Message) => {
    const refusal = refusalOf(message);
    if (refusal && !isEarly(refusal)) throw refused(refusal);
  };
  setHandler(defineUpdate<Answer, [Message]>(name), handle, { description, validator });
}

async function carryOutLater<Answer>(carryOut: () => Answer): Promise<Answer> {
  await CancellationScope.nonCancellable(async () => {
    await untilIdle();
    await untilIdle();
  });
  return carryOut();
}
