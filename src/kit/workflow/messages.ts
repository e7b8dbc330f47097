import { takeDecisions } from './decisions';
import { takeResolutions } from './incidents';

let taken = false;

/** Has the handlers of `decide` and `resolve` in place; each helper of the kit calls it before its first await. */
export function takeMessages(): void {
  if (taken) return;
  taken = true;
  takeDecisions();
  takeResolutions();
}

/** Whether `decide` and `resolve` are the kit's in this workflow, and not messages of its own. */
export function takesMessages(): boolean {
  return taken;
}
