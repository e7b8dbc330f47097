import type { AsyncLocalStorage as NodeAsyncLocalStorage } from 'node:async_hooks';
import type { Step } from '../contract';

/** The workflow sandbox has it as a global, since workflow code imports nothing from Node. */
declare const AsyncLocalStorage: new <T>() => NodeAsyncLocalStorage<T>;

/** What the interceptors have to know about the helper of the kit that a command comes from. */
type CommandContext =
  /** The command is an attempt of this step, which the helper opens and ends itself. */
  | { attemptOf: Step }
  /** The command is the helper's own affair, e.g. the timer of a due time, and no step. */
  | { unrecorded: true };

export const commandContext = new AsyncLocalStorage<CommandContext>();
