import { AsyncLocalStorage } from '@temporalio/workflow';
import type { Step } from '../contract';

/** What the interceptors have to know about the helper of the kit that a command comes from. */
type CommandContext =
  /** The command is an attempt of this step, which the helper opens and ends itself. */
  | { attemptOf: Step }
  /** The command is the helper's own affair, e.g. the timer of a due time, and no step. */
  | { unrecorded: true };

/**
 * One for all cases of a worker (see `sharedModules` of the plugin): each of Node 20's puts its mark on every promise that
 * any case makes. Not exported, since what a shared module exports is frozen.
 */
const contexts = new AsyncLocalStorage<CommandContext>();

/** Does the work, whose commands, also later ones, are in this context. */
export function inCommandContext<T>(context: CommandContext, work: () => T): T {
  return contexts.run(context, work);
}

export function commandContext(): CommandContext | undefined {
  return contexts.getStore();
}
