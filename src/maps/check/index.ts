import { hasWork } from '../blocks';
import type { ProcessMap } from '../process-map';
import { findingsOf, type Finding } from './dangers';
import { withoutIgnored } from './ignored';

export type { Finding } from './dangers';
export { sarifOf } from './sarif';

/** Whether something happens in it: a helper that is exported may be no workflow. */
export function isWorkflow({ body, handlers, flags }: ProcessMap): boolean {
  return hasWork(body) || handlers.length > 0 || flags.length > 0;
}

/** What is flagged and dangerous in workflows, by place; `root` is the folder that places are relative to. */
export function findingsIn(maps: readonly ProcessMap[], root: string): Finding[] {
  const all = maps.flatMap(findingsOf);
  const once = all.filter((one, index) => all.findIndex((other) => isSamePlace(one, other)) === index);
  return withoutIgnored(once, root).sort(
    (one, other) => one.source.file.localeCompare(other.source.file) || one.source.line - other.source.line,
  );
}

function isSamePlace(one: Finding, other: Finding): boolean {
  return one.rule === other.rule && one.source.file === other.source.file && one.source.line === other.source.line;
}
